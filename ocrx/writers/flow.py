"""The one place that turns a Document into a flow of items, so that each format only formats.

Merges what continues, drops running heads, nests lists, pairs captions, matches footnotes and
places page marks, notes and the placeholders of failed pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocrx.document import BlockKind, BoundingBox, Document, PageResult, VerdictStatus
from ocrx.writers.captions import pair_captions
from ocrx.writers.entries import FURNITURE, Entry, entries_of
from ocrx.writers.grids import grid_of
from ocrx.writers.inline import clean_text, content_of, one_line, plain_text, without_bold
from ocrx.writers.items import (
    CodeItem,
    Content,
    FigureItem,
    FootnoteItem,
    FormulaItem,
    Furniture,
    Heading,
    Item,
    PageFailed,
    PageMark,
    PageNote,
    Paragraph,
    TableItem,
)
from ocrx.writers.lists import FlatItem, nest
from ocrx.writers.notes import content_with_refs, mark_of, match_footnotes
from ocrx.writers.options import WriteOptions

MAX_HEADING_LEVEL = 6
_CONTINUED = re.compile(r"\b(continued|cont[.'\u2019]?d?|fortsetzung|suite)\b|续|続", re.IGNORECASE)
_NOTED = frozenset({VerdictStatus.SUSPECT, VerdictStatus.PARTIAL})


@dataclass(frozen=True, slots=True)
class _Layout:
    """Choices that hold for the whole flow."""

    page_marks: bool
    has_title: bool
    join_tables: bool


def flow_of(document: Document, options: WriteOptions, page_marks: bool) -> Iterator[Item]:
    """Yield the document's items in reading order.

    With ``page_marks`` every page begins with a PageMark and ends with its footnotes; without,
    lists run on over pages and the footnotes stand at the end of all. A paragraph that runs over
    pages stands whole on its first page.
    """
    pages = entries_of(document, options)
    titles = any(entry.kind is BlockKind.TITLE for held in pages for entry in held.own)
    layout = _Layout(page_marks, titles, options.join_tables)
    keys: set[str] = set()
    waiting: list[FlatItem] = []
    notes: list[FootnoteItem] = []
    for page, entries in zip(document.pages, pages, strict=True):
        match_footnotes(entries, page.number, keys)  # a mark may stand in an entry of before
    for page, entries in zip(document.pages, pages, strict=True):
        for item in _page_items(page, pair_captions(entries.own), layout):
            if isinstance(item, FlatItem):
                waiting.append(item)
            elif isinstance(item, FootnoteItem) and not page_marks:
                notes.append(item)
            else:
                yield from nest(waiting)
                waiting = []
                yield item
    yield from nest(waiting)
    yield from notes


def _page_items(
    page: PageResult, entries: list[Entry], layout: _Layout
) -> Iterator[Item | FlatItem]:
    if layout.page_marks:
        yield PageMark(page.number)
    reasons = tuple(one_line(reason) for reason in page.verdict.reasons)
    if page.verdict.status is VerdictStatus.FAILED:
        yield PageFailed(page.number, "; ".join(reasons) or "no reason is known")
    elif page.verdict.status in _NOTED:
        yield PageNote(page.number, page.verdict.status, reasons)
    footnotes = []
    for entry in entries:
        if entry.kind is BlockKind.FOOTNOTE:
            footnotes.append(entry)
        else:
            yield from _entry_items(entry, page, layout)
    for entry in footnotes:
        content = content_of(entry.spans)
        if content or entry.key:
            yield FootnoteItem(entry.key, mark_of(entry), content)


def _entry_items(entry: Entry, page: PageResult, layout: _Layout) -> Iterator[Item | FlatItem]:
    block = entry.block
    if entry.kind is BlockKind.TABLE:
        yield from _table_items(entry)
    elif entry.kind is BlockKind.FIGURE:
        text, caption = content_of(entry.spans), _caption(entry)
        yield FigureItem(page.number, _asset(entry), text, caption, _width(block.bbox))
    elif entry.kind is BlockKind.FORMULA:
        latex = one_line(block.latex or "") or None
        text = content_of(entry.spans)
        if latex or text or block.asset:
            yield FormulaItem(latex, text, _asset(entry), _width(block.bbox))
    elif entry.kind is BlockKind.CODE:
        text_lines = clean_text("".join(span.text for span in entry.spans)).expandtabs(4)
        if text_lines.strip():
            yield CodeItem(text_lines.strip("\n"))
    elif entry.kind is BlockKind.LIST_ITEM:
        content = content_with_refs(entry)
        if content or block.marker:
            yield FlatItem(block.level, block.marker, content)
    else:
        yield from _text_items(entry, layout)


def _text_items(entry: Entry, layout: _Layout) -> Iterator[Item]:
    content = content_with_refs(entry)
    if not content:
        return
    if entry.kind is BlockKind.CAPTION and layout.join_tables and _says_continued(content):
        return
    if entry.kind is BlockKind.TITLE:
        yield Heading(1, without_bold(content))
    elif entry.kind is BlockKind.HEADING:
        # Under a title, the first level of headings is the second level of the document.
        level = max(1, entry.block.level) + (1 if layout.has_title else 0)
        yield Heading(min(level, MAX_HEADING_LEVEL), without_bold(content))
    elif entry.kind in FURNITURE:
        yield Furniture(entry.kind, content)
    else:
        yield Paragraph(content)


def _says_continued(caption: Content) -> bool:
    """Whether this is the caption of the rest of a table, which has joined its beginning."""
    return _CONTINUED.search(plain_text(caption)) is not None


def _table_items(entry: Entry) -> Iterator[Item]:
    grid = grid_of(entry.table) if entry.table is not None else None
    caption = _caption(entry)
    if grid is not None:
        yield TableItem(grid, caption)
        return
    for content in (caption, content_of(entry.spans)):
        if content:
            yield Paragraph(content)


def _caption(entry: Entry) -> Content:
    return () if entry.caption is None else content_of(entry.caption.spans)


def _asset(entry: Entry) -> str | None:
    """Return the picture's plain file name."""
    name = one_line(entry.block.asset or "")
    return name if name and not set(name) & set("/\\") and name[0] != "." else None


def _width(bbox: BoundingBox | None) -> float:
    """Return the share of the page's width, 0 where it is not known."""
    if bbox is None or not 0.0 < bbox.right - bbox.left <= 1.0:
        return 0.0
    return bbox.right - bbox.left
