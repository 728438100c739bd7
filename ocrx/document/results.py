"""A document at the end of the road: pages with blocks, verdict and provenance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ocrx.document.blocks import Block
from ocrx.document.pages import Agreement, Attempt, Route, StopReason


class VerdictStatus(StrEnum):
    """Is this page believable?"""

    OK = "ok"
    RETRIED = "retried"
    PARTIAL = "partial"
    SUSPECT = "suspect"
    BLANK = "blank"
    FAILED = "failed"


class DocumentStatus(StrEnum):
    """How a document ended: all pages read, some failed, all failed."""

    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A page's status and, where it is not ok or blank, why: one sentence each."""

    status: VerdictStatus
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a page came to be what it is.

    ``attempts`` are the tries before the one that stands; ``repairs`` say what was mended in the
    engine's text, one phrase each.
    """

    engine: str
    model: str
    mode: str
    route: Route
    vision_tokens: int
    prompt_positions: int
    output_tokens: int
    read_px: tuple[int, int] | None
    seconds: float
    stop_reason: StopReason
    confidence: float | None
    attempts: tuple[Attempt, ...] = ()
    agreement: Agreement | None = None
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageResult:
    """One page of a document: its blocks in reading order, its verdict, its provenance."""

    number: int
    width: float
    height: float
    blocks: tuple[Block, ...]
    verdict: Verdict
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. ``source`` is its name, ``sha256`` its content; pages are in order."""

    source: str
    sha256: str
    engine: str
    model: str
    ocrx_version: str
    pages: tuple[PageResult, ...]
