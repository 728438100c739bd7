"""What happens while documents are converted, as plain values for a progress display."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.errors import OcrxError


@dataclass(frozen=True, slots=True)
class DocumentStarted:
    """A document was opened; ``pages`` is how many of its pages are wanted."""

    name: str
    pages: int


@dataclass(frozen=True, slots=True)
class PageDone:
    """A page is read, or was kept from before (``cached``), or failed."""

    name: str
    number: int
    status: VerdictStatus
    reasons: tuple[str, ...]
    seconds: float
    cached: bool


@dataclass(frozen=True, slots=True)
class DocumentSkipped:
    """A document was done by an earlier run, and its output still stands."""

    name: str
    output: str
    pages: int


@dataclass(frozen=True, slots=True)
class DocumentDone:
    """A document is written (``output``) or failed as a whole (``error``)."""

    name: str
    status: DocumentStatus
    output: str | None
    pages: int
    seconds: float
    error: OcrxError | None = None


Event = DocumentStarted | PageDone | DocumentSkipped | DocumentDone
