"""A page before and after recognition: where it is, what is asked of it, what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ocrx.modes import ViewPlan


class SourceKind(StrEnum):
    """What the bytes of a source are (sniffed, never taken from the name)."""

    PDF = "pdf"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Source:
    """One document that the user named, as a file that can be opened again.

    ``name`` is how people see it (a path as typed, or ``-``); ``path`` is where the bytes lie.
    ``sha256`` is the hash of the content; ``size_bytes`` and ``modified_ns`` tell whether the file
    changed since it was hashed.
    """

    name: str
    path: str
    kind: SourceKind
    sha256: str
    size_bytes: int
    modified_ns: int
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source: where it is and its size as a person sees it.

    Width and height are upright (rotation and EXIF applied): PDF points for a PDF, pixels for an
    image.
    """

    source: Source
    index: int
    width: float
    height: float

    @property
    def number(self) -> int:
        """The page's number as people count, from 1."""
        return self.index + 1

    @property
    def page_id(self) -> str:
        """Content hash and index: the same page of the same bytes, under any file name."""
        return f"{self.source.sha256}-{self.index}"


class Task(StrEnum):
    """What is asked of the engine for a page."""

    MARKDOWN = "markdown"
    TEXT = "text"
    OCR = "ocr"
    FIGURE = "figure"
    DESCRIBE = "describe"
    LOCATE = "locate"


@dataclass(frozen=True, slots=True)
class Request:
    """One page to recognise.

    ``plan`` is None in mode auto when the engine is free to take its best reading; then it may use
    the page's text layer. With a plan it reads the pixels of that plan, unless
    ``may_use_text_layer`` allows a sound text layer instead, which costs no vision tokens.

    ``query`` is what task locate looks for. ``turned_degrees`` says how far the page is turned
    clockwise, in whole quarters, before its views are cut. ``strict_repeats`` asks an engine that
    generates text to forbid repeats more strictly than its model was published with.
    """

    page: Page
    plan: ViewPlan | None
    task: Task = Task.MARKDOWN
    may_use_text_layer: bool = False
    query: str | None = None
    turned_degrees: int = 0
    strict_repeats: bool = False

    @property
    def page_id(self) -> str:
        """The page's id."""
        return self.page.page_id


class StopReason(StrEnum):
    """Why an engine stopped on a page."""

    END = "end"
    LENGTH = "length"
    REPETITION = "repetition"
    FAILED = "failed"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"


class Route(StrEnum):
    """How the text of a page was had."""

    TEXT_LAYER = "text layer"
    PIXELS = "pixels"
    TESSERACT = "tesseract"
    MODEL = "model"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try at a page that was not the last: how it was read, and why that was not enough."""

    how: str
    reason: str
    stop_reason: StopReason
    output_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a page's words agree with another reading of the same page.

    ``reference`` names that reading. ``coverage`` is the share of its ``reference_words`` that
    stand in the output; ``invented_words`` counts those of the output that are not on the page,
    and ``examples`` shows a few of them.
    """

    reference: str
    reference_words: int
    coverage: float
    invented_words: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognition:
    """What an engine made of one page: raw text in a known dialect, and what it cost.

    ``confidence`` is in [0, 1] or None where the engine has none. ``read_px`` is the width and
    height of the picture that was read, None when no picture was. ``reasons`` are the engine's own
    doubts, one sentence each; ``failure`` is one line, set only when ``stop_reason`` is a failure.
    Boxes in ``raw`` are relative to the page turned by ``turned_degrees`` clockwise. ``attempts``
    are the tries before this one. ``engine`` and ``model`` are set when another engine than the
    one asked gave the text. ``plan`` is the plan of this try where it is not the request's.
    """

    page_id: str
    raw: str
    dialect: str
    stop_reason: StopReason
    vision_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    confidence: float | None = None
    route: Route = Route.NONE
    read_px: tuple[int, int] | None = None
    reasons: tuple[str, ...] = ()
    failure: str | None = None
    turned_degrees: int = 0
    attempts: tuple[Attempt, ...] = ()
    agreement: Agreement | None = None
    engine: str | None = None
    model: str | None = None
    plan: ViewPlan | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A picture cut from a page: a figure, or a formula's crop. ``name`` is a plain file name."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that a worker sends back for one page."""

    page: Page
    plan: ViewPlan | None
    recognition: Recognition
    assets: tuple[Asset, ...] = ()
