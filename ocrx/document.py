"""The data types that travel down the road: Source, Page, Request, Recognition, Block, Document.

Frozen, slotted dataclasses of plain values, so that they pickle to worker processes. No behaviour
beyond what the values themselves say; reading, parsing and writing live in their own rooms.
"""

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
    """

    page: Page
    plan: ViewPlan | None
    task: Task = Task.MARKDOWN
    may_use_text_layer: bool = False

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
class Recognition:
    """What an engine made of one page: raw text in a known dialect, and what it cost.

    ``confidence`` is in [0, 1] or None where the engine has none. ``read_px`` is the width and
    height of the picture that was read, None when no picture was. ``reasons`` are the engine's own
    doubts, one sentence each; ``failure`` is one line, set only when ``stop_reason`` is a failure.
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


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """Left, top, right, bottom in [0, 1] of the page as a person sees it, origin top left."""

    left: float
    top: float
    right: float
    bottom: float


class Script(StrEnum):
    """Vertical place of a span."""

    NORMAL = "normal"
    SUPER = "super"
    SUB = "sub"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. With ``math`` the text is LaTeX without its dollars."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    math: bool = False
    script: Script = Script.NORMAL
    link: str | None = None


class BlockKind(StrEnum):
    """What a block is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    FORMULA = "formula"
    FIGURE = "figure"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    CODE = "code"
    PAGE_HEADER = "page_header"
    PAGE_FOOTER = "page_footer"
    PAGE_NUMBER = "page_number"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table. Row and column are 0-based; spans are at least 1."""

    row: int
    column: int
    spans: tuple[Span, ...] = ()
    row_span: int = 1
    column_span: int = 1
    header: bool = False

    @property
    def text(self) -> str:
        """The cell's text without style."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells; cells never overlap, and every slot of rows x columns is covered."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]

    @property
    def has_spans(self) -> bool:
        """Whether any cell covers more than one slot."""
        return any(cell.row_span > 1 or cell.column_span > 1 for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page in reading order.

    ``level`` is a heading's level from 1, or a list item's depth from 0. ``marker`` is a list
    item's own mark as printed (``•``, ``3.``) or a footnote's. ``continues`` says that the block is
    the rest of the nearest earlier block of its kind (a paragraph over a column or page, a table
    over a page). ``size_pt`` is the height of its type. ``latex`` is a formula's LaTeX where an
    engine gave one; its printed characters are in ``spans``. ``asset`` names the crop of a figure
    or formula. ``suspect`` marks a block that the engine doubts.
    """

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    bbox: BoundingBox | None = None
    level: int = 0
    marker: str | None = None
    table: Table | None = None
    latex: str | None = None
    asset: str | None = None
    continues: bool = False
    size_pt: float | None = None
    confidence: float | None = None
    suspect: bool = False

    @property
    def text(self) -> str:
        """The block's text without style."""
        return "".join(span.text for span in self.spans)


class VerdictStatus(StrEnum):
    """Is this page believable?"""

    OK = "ok"
    RETRIED = "retried"
    PARTIAL = "partial"
    SUSPECT = "suspect"
    BLANK = "blank"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A page's status and, where it is not ok or blank, why: one sentence each."""

    status: VerdictStatus
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a page came to be what it is."""

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
