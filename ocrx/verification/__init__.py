"""Is a page believable? Verdicts on what came of it, and its words against another reading's."""

from ocrx.verification.agreement import SECOND_READING, TEXT_LAYER, compare
from ocrx.verification.verdicts import BLANK_INK, failed, judge, unparsable

__all__ = [
    "BLANK_INK",
    "SECOND_READING",
    "TEXT_LAYER",
    "compare",
    "failed",
    "judge",
    "unparsable",
]
