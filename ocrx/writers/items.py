"""What a document looks like once it is laid out as one flow: the items that writers format."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.document import BlockKind, Span, VerdictStatus


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line break that the page shows and the text keeps."""


@dataclass(frozen=True, slots=True)
class FootnoteRef:
    """A footnote's mark in running text, with the note it leads to."""

    key: str
    marker: str
    note: tuple[Span | LineBreak, ...]


Inline = Span | LineBreak | FootnoteRef
Content = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class PageMark:
    """A page begins."""

    number: int


@dataclass(frozen=True, slots=True)
class PageFailed:
    """Stands for a page that could not be read."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class PageNote:
    """A page may be wrong or incomplete."""

    number: int
    status: VerdictStatus
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A title or heading; level 1 to 6."""

    level: int
    content: Content


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    content: Content


@dataclass(frozen=True, slots=True)
class Furniture:
    """A running head or foot, or a page number (only when the user keeps them)."""

    kind: BlockKind
    content: Content


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One item of a list. ``marker`` is set only where the list itself cannot show it."""

    content: Content
    marker: str | None
    lists: tuple[ItemList, ...]


@dataclass(frozen=True, slots=True)
class ItemList:
    """Items of one depth. An ordered list counts from ``start``, one by one."""

    ordered: bool
    start: int
    entries: tuple[ListEntry, ...]


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell at the slot where it begins."""

    row: int
    column: int
    content: Content
    row_span: int
    column_span: int
    header: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A table made sound: every slot is covered once; a row holds the cells that begin in it."""

    columns: int
    rows: tuple[tuple[GridCell, ...], ...]
    header_rows: int

    @property
    def has_spans(self) -> bool:
        """Whether any cell covers more than one slot."""
        return any(cell.row_span * cell.column_span > 1 for row in self.rows for cell in row)


@dataclass(frozen=True, slots=True)
class TableItem:
    """A table with its caption."""

    grid: Grid
    caption: Content


@dataclass(frozen=True, slots=True)
class FigureItem:
    """A figure with its caption. ``width`` is its share of the page's width; ``text`` is what is
    printed inside it."""

    page: int
    asset: str | None
    text: Content
    caption: Content
    width: float


@dataclass(frozen=True, slots=True)
class FormulaItem:
    """A displayed formula: LaTeX where known, its printed characters, its picture."""

    latex: str | None
    text: Content
    asset: str | None
    width: float


@dataclass(frozen=True, slots=True)
class CodeItem:
    """Program text, its blanks and lines as printed."""

    text: str


@dataclass(frozen=True, slots=True)
class FootnoteItem:
    """A footnote. ``key`` is set when a FootnoteRef leads to it."""

    key: str | None
    marker: str
    content: Content


Item = (
    PageMark
    | PageFailed
    | PageNote
    | Heading
    | Paragraph
    | Furniture
    | ItemList
    | TableItem
    | FigureItem
    | FormulaItem
    | CodeItem
    | FootnoteItem
)
