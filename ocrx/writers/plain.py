"""Plain text: paragraphs on one line each, tables in aligned columns, nothing marked up."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from ocrx.document import Asset, Document
from ocrx.writers.flow import flow_of
from ocrx.writers.grids import fill_spans
from ocrx.writers.inline import plain_text
from ocrx.writers.items import (
    CodeItem,
    Content,
    FigureItem,
    FootnoteItem,
    FormulaItem,
    Furniture,
    Grid,
    Heading,
    Item,
    ItemList,
    PageFailed,
    PageMark,
    PageNote,
    Paragraph,
    TableItem,
)
from ocrx.writers.options import WriteOptions

MAX_PADDING = 60  # a longer cell does not widen its whole column
PAGE_BREAK = "\f\n"


def write(document: Document, options: WriteOptions, assets: Mapping[str, Asset]) -> Iterator[str]:
    """Yield the document as plain text; page breaks are lines with a form feed."""
    begun = False
    gap = ""
    for item in flow_of(document, options, page_marks=options.page_breaks):
        if isinstance(item, PageMark):
            if begun:
                yield PAGE_BREAK
            begun, gap = True, ""
            continue
        if text := _item(item):
            yield f"{gap}{text}\n"
            begun, gap = True, "\n"


def _item(item: Item) -> str:
    match item:
        case PageFailed():
            return f"[Page {item.number} could not be read: {item.reason}]"
        case Heading():
            return plain_text(item.content, " ")
        case Paragraph() | Furniture():
            return plain_text(item.content)
        case ItemList():
            return "\n".join(_list_lines(item))
        case CodeItem():
            return item.text
        case FootnoteItem():
            return f"{item.marker} {plain_text(item.content)}".strip(" ")
        case TableItem() | FigureItem() | FormulaItem():
            return _display(item)
        case PageMark() | PageNote():
            return ""  # doubts about a page belong to the summary, not into its text


def _display(item: TableItem | FigureItem | FormulaItem) -> str:
    if isinstance(item, FormulaItem):
        return plain_text(item.text) or item.latex or ""
    inside = _table(item.grid) if isinstance(item, TableItem) else plain_text(item.text)
    return _lines(plain_text(item.caption), inside)


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _list_lines(item: ItemList) -> Iterator[str]:
    for index, entry in enumerate(item.entries):
        mark = f"{item.start + index}." if item.ordered else entry.marker or "-"
        indent = " " * (len(mark) + 1)
        first, *more = plain_text(entry.content).split("\n")
        yield f"{mark} {first}".rstrip(" ")
        yield from (indent + line for line in more)
        for nested in entry.lists:
            yield from (indent + line for line in _list_lines(nested))


def _table(grid: Grid) -> str:
    rows = [[_cell(content) for content in row] for row in fill_spans(grid)]
    widths = [min(MAX_PADDING, max(map(text_width, column))) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell + " " * (width - text_width(cell)) for cell, width in zip(row, widths, strict=True)
        ]
        lines.append("  ".join(cells).rstrip(" "))
    if 0 < grid.header_rows < len(lines):
        lines.insert(grid.header_rows, "  ".join("-" * max(1, width) for width in widths))
    return "\n".join(lines)


def _cell(content: Content) -> str:
    return plain_text(content, " ")


def text_width(text: str) -> int:
    """Return how many columns a terminal gives the text: East Asian wide characters take two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
