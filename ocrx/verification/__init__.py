"""Is a page believable? Verdicts on what came of it, and its words against another reading's."""

from ocrx.verification.agreement import compare
from ocrx.verification.verdicts import BLANK_INK, failed, judge, unparsable

__all__ = ["BLANK_INK", "compare", "failed", "judge", "unparsable"]
