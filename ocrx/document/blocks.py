"""What stands on a page: spans of text, blocks, tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
