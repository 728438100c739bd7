"""What both directions share: the schema's version, the caps, and a kept reading."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.document import PageReading, Span

SCHEMA_VERSION = 1
MAX_PAGES = 100_000
MAX_BLOCKS = 20_000  # a page
MAX_SPANS = 200_000  # a block or a cell
MAX_REASONS = 1_000
MAX_ATTEMPTS = 100
MAX_EXAMPLES = 100
MAX_TABLE_SLOTS = 200_000
MAX_CHARACTERS = 50_000_000  # one string
MAX_LEVEL = 99
MAX_NUMBER = 2**53  # beyond it, other JSON readers lose digits


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A page's raw output with all that is needed to render it again without the engine.

    The reading's assets are not kept; its source has no path (it cannot be opened again).
    """

    reading: PageReading
    engine: str
    model: str
    ocrx_version: str


def plain_spans(text: str) -> tuple[Span, ...]:
    """Return the spans that a text without any style stands for."""
    return (Span(text),) if text else ()
