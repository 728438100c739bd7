"""HTML tables as models write them to sound grids; what had to be repaired is told.

Knows the tags of tables and nothing else of HTML: models write no more of it, and a whole HTML
parser would swallow ``a<b</td>``. Every character between the tags stays; time is linear.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ocrx.document import Span, Table
from ocrx.parsing.cell_grids import PlainCell, sound_table

_NAMES = "table|thead|tbody|tfoot|caption|tr|td|th"
TABLE_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{_NAMES})\b"
    r"(?P<attributes>[^<>]{0,400}>|[\s\w=\"'-]{0,40}\Z)",  # the text may end within a tag
    re.IGNORECASE,
)
_SPAN = re.compile(r"\b(row|col)span\s{0,3}=\s{0,3}[\"']?\s{0,3}(\d{1,12})", re.IGNORECASE)
_PARTS = ("table", "thead", "tbody", "tfoot")
_TWICE_ESCAPED = re.compile(r"&amp;(?:lt|gt|amp|quot|nbsp|#\d{1,6});")

ReadText = Callable[[str], tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class HtmlTable:
    """A table read from HTML.

    ``table`` is None where the grid would be larger than any page's; ``rest`` then holds its text,
    a line a row. ``before`` is text that belongs to no cell: a caption. ``repairs`` says what was
    unsound, one phrase each.
    """

    table: Table | None
    before: str = ""
    rest: str = ""
    repairs: tuple[str, ...] = ()


def table_end(text: str, start: int) -> int:
    """Return where the table ends that begins at an index.

    Without an end tag it goes on to the last tag of a row or cell, and over the text of a cell
    that is still open there: such a table is cut off, by the end of the text or by what follows.
    """
    depth, end, in_cell = 0, start, False
    for tag in TABLE_TAG.finditer(text, start):
        name, closes = tag["name"].lower(), bool(tag["close"])
        if name == "table":
            if not closes and tag.start() > start and not in_cell:
                return end
            depth += -1 if closes else 1
            if closes and depth <= 0:
                return tag.end()
            in_cell = closes  # after a nested table its cell goes on
        elif name in ("td", "th"):
            in_cell = not closes
        else:
            in_cell = in_cell and depth > 1
        end = tag.end()
    return len(text) if in_cell else end


def read_table(text: str, read: ReadText) -> HtmlTable:
    """Return the table of a text that begins and ends with its tags.

    ``read`` makes spans of a cell's text.
    """
    reader = _Reader()
    at = 0
    for tag in TABLE_TAG.finditer(text):
        reader.text(text[at : tag.start()])
        reader.tag(tag["name"].lower(), bool(tag["close"]), tag["attributes"])
        at = tag.end()
    reader.text(text[at:])
    reader.close()
    reader.repairs["twice escaped characters"] = len(_TWICE_ESCAPED.findall(text))
    return table_of(reader.rows, read, "".join(reader.before).strip(), reader.repairs)


def table_of(
    rows: Sequence[Sequence[PlainCell]],
    read: ReadText,
    before: str = "",
    repairs: Counter[str] | None = None,
) -> HtmlTable:
    """Return the table of these rows; ``repairs`` counts what was unsound in its text."""
    if not any(rows):
        return HtmlTable(None, before)
    table, unsound = sound_table(rows, read)
    if table is None:
        lines = ("\t".join(cell.text.strip() for cell in row) for row in rows)
        return HtmlTable(None, before, "\n".join(lines).strip(), ("it is too large for a grid",))
    found = (repairs or Counter()) + unsound
    phrases = (f"{what} ({count})" for what, count in found.items())
    return HtmlTable(table, before, "", tuple(phrases))


@dataclass(slots=True)
class _Reader:
    """Takes tags and texts in order; a missing tag is as good as there, and counted."""

    rows: list[list[PlainCell]] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    depth: int = 0
    in_head: bool = False
    in_row: bool = False
    in_cell: bool = False
    in_caption: bool = False

    def text(self, text: str) -> None:
        if self.in_caption:
            self.before.append(text)
        elif self.in_cell:
            self.rows[-1][-1].parts.append(text)
        elif text.strip():
            self.repairs["texts between cells"] += 1
            self._last().append(f" {text.strip()} ")

    def tag(self, name: str, closes: bool, attributes: str) -> None:
        if name == "table":
            self._table(closes)
        elif self.depth > 1:
            if not closes and name in ("td", "th"):
                self._last().append(" ")
            elif name == "tr" and closes:
                self._last().append("\n")
        elif name in _PARTS:
            self._leave_row()
            self.in_head = name == "thead" and not closes
        elif name == "caption":
            self.in_caption = not closes
        elif name == "tr":
            self._row(closes)
        else:
            self._cell(name, closes, attributes)

    def close(self) -> None:
        self._leave_row()
        if self.depth > 0:
            self.repairs["missing end"] += 1

    def _last(self) -> list[str]:
        """Return the text that a stray piece belongs to: that of the cell before it."""
        row = next((row for row in reversed(self.rows) if row), None)
        return row[-1].parts if row else self.before

    def _table(self, closes: bool) -> None:
        if closes:
            self.depth = max(0, self.depth - 1)
        elif self.depth and not self.in_cell:
            self.repairs["nested tables"] += 1  # its rows go on as rows
        else:
            self.repairs["nested tables"] += bool(self.depth)
            self.depth += 1
        if self.depth == 0:
            self._leave_row()

    def _row(self, closes: bool) -> None:
        if not closes and self.in_row:
            self.repairs["unclosed rows"] += 1
        self._leave_cell(counted=True)
        self.in_row = not closes
        if not closes:
            self.rows.append([])

    def _cell(self, name: str, closes: bool, attributes: str) -> None:
        if closes:
            self.in_cell = False
            return
        self._leave_cell(counted=True)
        if not self.in_row:
            self.repairs["cells outside a row"] += 1
            self.rows.append([])
            self.in_row = True
        self.in_cell = True
        spans = {which.lower(): int(number) for which, number in _SPAN.findall(attributes)}
        header = name == "th" or self.in_head
        cell = PlainCell([], spans.get("row", 1), spans.get("col", 1), header)
        self.rows[-1].append(cell)

    def _leave_cell(self, counted: bool = False) -> None:
        self.repairs["unclosed cells"] += self.in_cell and counted
        self.in_cell = False

    def _leave_row(self) -> None:
        self._leave_cell(counted=True)
        self.repairs["unclosed rows"] += self.in_row
        self.in_row = False
