"""GitHub Flavored Markdown.

A table is a pipe table when nothing is lost by it, else HTML. Hard line breaks are two blanks.
What is about the page and not of it (page numbers, doubts, text inside figures) stands in HTML
comments, which a reader of the rendered text does not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape as escape_html

from ocrx.document import Asset, Document
from ocrx.writers.flow import flow_of
from ocrx.writers.grids import fill_spans
from ocrx.writers.html_text import html_table
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
from ocrx.writers.markdown_escapes import escape_alternative
from ocrx.writers.markdown_text import (
    TextStyle,
    escape_plain,
    inline_math,
    markdown_text,
    math_text,
    picture_address,
)
from ocrx.writers.options import FigureStyle, MathStyle, TableStyle, WriteOptions
from ocrx.writers.pipe_tables import pipe_table

_LABEL = re.compile(r"\s*([^\W\d_]+\.?\s*[A-Z]?\d+(?:\.\d+)*)")
_FENCE_RUNS = re.compile("`{3,}")
_CLOSING_HASHES = re.compile(r"(^|\s)(#+)\Z")


def write(document: Document, options: WriteOptions, assets: Mapping[str, Asset]) -> Iterator[str]:
    """Yield the document as Markdown."""
    writer = _MarkdownWriter(options)
    last: Item | None = None
    for item in flow_of(document, options, page_marks=options.page_breaks):
        text = writer.item(item, last)
        yield text + "\n" if last is None else f"\n{text}\n"
        last = item


class _MarkdownWriter:
    """Formats one item at a time; remembers how the list before was marked."""

    def __init__(self, options: WriteOptions) -> None:
        self._options = options
        self._style = TextStyle(math=options.math)
        self._one_line = TextStyle(math=options.math, line_end=" ", begins_lines=False)
        self._cell = TextStyle(
            options.math, in_pipe_table=True, line_end="<br>", begins_lines=False
        )
        self._other_mark = False

    def item(self, item: Item, before: Item | None) -> str:
        """Return the item's Markdown; ``before`` is the item that it follows."""
        match item:
            case PageMark():
                rule = "" if before is None else "---\n\n"
                return f"{rule}<!-- page {item.number} -->"
            case PageFailed():
                comment = _comment(f"page {item.number} failed: {item.reason}")
                reason = escape_plain(item.reason)
                return f"{comment}\n\n> **Page {item.number} could not be read:** {reason}"
            case PageNote():
                reasons = "; ".join(item.reasons)
                return _comment(f"page {item.number} {item.status.value}: {reasons}")
            case Heading():
                text = markdown_text(item.content, self._one_line)
                return f"{'#' * item.level} {_CLOSING_HASHES.sub(_escape_hashes, text)}"
            case Paragraph() | Furniture():
                return markdown_text(item.content, self._style)
            case ItemList():
                return self._list_after(item, before)
            case _:
                return self._display(item)

    def _display(self, item: TableItem | FigureItem | FormulaItem | CodeItem | FootnoteItem) -> str:
        match item:
            case TableItem():
                return self._with_caption(item.caption, self._table(item.grid))
            case FigureItem():
                return self._figure(item)
            case FormulaItem():
                return self._formula(item)
            case CodeItem():
                longest = max((len(run) for run in _FENCE_RUNS.findall(item.text)), default=2)
                fence = "`" * (longest + 1)
                return f"{fence}\n{item.text}\n{fence}"
            case FootnoteItem():
                return self._footnote(item)

    def _list_after(self, item: ItemList, before: Item | None) -> str:
        """Two lists in a row would be read as one: the second takes the other mark."""
        follows = isinstance(before, ItemList) and before.ordered == item.ordered
        self._other_mark = follows and not self._other_mark
        return "\n".join(self._list_lines(item, self._other_mark))

    def _list_lines(self, item: ItemList, other_mark: bool) -> Iterator[str]:
        for index, entry in enumerate(item.entries):
            if item.ordered:
                mark = f"{item.start + index}{')' if other_mark else '.'}"
            else:
                mark = "*" if other_mark else "-"
            text = markdown_text(entry.content, self._style)
            if entry.marker:
                text = f"{escape_plain(entry.marker)} {text}".rstrip(" ")
            indent = " " * (len(mark) + 1)
            first, *more = text.split("\n")
            yield f"{mark} {first}".rstrip(" ")
            yield from (indent + line for line in more)
            other = False
            for position, nested in enumerate(entry.lists):
                same = position and entry.lists[position - 1].ordered == nested.ordered
                other = bool(same) and not other
                yield from (indent + line for line in self._list_lines(nested, other))

    def _table(self, grid: Grid) -> str:
        style = self._options.tables
        loses_nothing = not grid.has_spans and grid.header_rows <= 1
        if style is TableStyle.MD or (style is TableStyle.AUTO and loses_nothing):
            return self._pipe_table(grid)
        return html_table(grid, self._math)

    def _math(self, latex: str) -> str:
        return escape_html(inline_math(math_text(latex), self._options.math), quote=False)

    def _pipe_table(self, grid: Grid) -> str:
        """A merged cell's text stands in its first slot; the first row is the head."""
        rows = [[markdown_text(cell, self._cell) for cell in row] for row in fill_spans(grid)]
        if grid.has_spans:
            return pipe_table(rows)
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        lines.insert(1, "|" + " --- |" * grid.columns)
        return "\n".join(lines)

    def _figure(self, item: FigureItem) -> str:
        inside = plain_text(item.text, " ")
        note = f"text in the figure: {inside}" if inside else ""
        if item.asset and self._options.figures is FigureStyle.FILES:
            address = picture_address(self._options.figures_directory, item.asset)
            label = _LABEL.match(plain_text(item.caption, " "))
            name = label[1] if label else f"Figure on page {item.page}"
            picture = f"![{escape_alternative(name)}]({address})"
            parts = [picture, _comment(note) if note else ""]
        else:
            parts = [_comment(f"figure on page {item.page}" + (f"; {note}" if note else ""))]
        parts.append(markdown_text(item.caption, self._style))
        return "\n\n".join(part for part in parts if part)

    def _formula(self, item: FormulaItem) -> str:
        if item.latex:
            latex = math_text(item.latex)
            if self._options.math is MathStyle.DOLLAR:
                return f"$$\n{latex}\n$$"
            return f"\\[\n{latex}\n\\]"
        if item.asset and self._options.figures is FigureStyle.FILES:
            address = picture_address(self._options.figures_directory, item.asset)
            shown = plain_text(item.text, " ") or "Formula"
            return f"![{escape_alternative(shown)}]({address})"
        return markdown_text(item.text, self._style) or _comment("formula")

    def _footnote(self, item: FootnoteItem) -> str:
        text = markdown_text(item.content, self._style)
        if item.key is not None:
            return f"[^{item.key}]: " + text.replace("\n", "\n    ")
        return f"<sup>{escape_html(item.marker)}</sup> {text}" if item.marker else text

    def _with_caption(self, caption: Content, text: str) -> str:
        return f"{markdown_text(caption, self._style)}\n\n{text}" if caption else text


def _comment(text: str) -> str:
    """Nothing in a comment may end it."""
    inside = text.replace("--", "- -").replace(">", "&gt;").rstrip("-")
    return f"<!-- {inside} -->"


def _escape_hashes(match: re.Match[str]) -> str:
    """Hashes at a heading's end would be dropped."""
    return f"{match[1]}\\{match[2]}"
