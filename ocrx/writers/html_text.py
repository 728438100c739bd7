"""Running text and tables as HTML, escaped; used by the HTML writer and for tables in Markdown."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ocrx.document import Script, Span
from ocrx.writers.items import Content, FootnoteRef, Grid, GridCell, LineBreak

MathText = Callable[[str], str]
_SCRIPT_TAGS = {Script.SUPER: "sup", Script.SUB: "sub"}


def html_text(content: Content, math: MathText) -> str:
    """Return the content as HTML; ``math`` turns inline LaTeX into HTML."""
    return "".join(_inline(inline, math) for inline in content)


def html_table(grid: Grid, math: MathText) -> str:
    """Return the grid as a table element without blank lines."""
    rows = [
        "".join(_cell(cell, index < grid.header_rows, math) for cell in row)
        for index, row in enumerate(grid.rows)
    ]
    lines = ["<table>"]
    for tag, part in (("thead", rows[: grid.header_rows]), ("tbody", rows[grid.header_rows :])):
        if part:
            lines += [f"<{tag}>", *(f"<tr>{row}</tr>" for row in part), f"</{tag}>"]
    return "\n".join([*lines, "</table>"])


def _cell(cell: GridCell, in_head: bool, math: MathText) -> str:
    spans = ""
    if cell.row_span > 1:
        spans += f' rowspan="{cell.row_span}"'
    if cell.column_span > 1:
        spans += f' colspan="{cell.column_span}"'
    text = html_text(cell.content, math)
    if not cell.header:
        return f"<td{spans}>{text}</td>"
    group = "group" if (cell.column_span if in_head else cell.row_span) > 1 else ""
    scope = ("col" if in_head else "row") + group
    return f'<th scope="{scope}"{spans}>{text}</th>'


def _inline(inline: Span | LineBreak | FootnoteRef, math: MathText) -> str:
    if isinstance(inline, LineBreak):
        return "<br>"
    if isinstance(inline, FootnoteRef):
        key, marker = escape(inline.key), escape(inline.marker)
        return f'<sup><a id="ref-{key}" href="#note-{key}" role="doc-noteref">{marker}</a></sup>'
    text = math(inline.text) if inline.math else escape(inline.text, quote=False)
    if inline.code:
        text = f"<code>{text}</code>"
    if tag := _SCRIPT_TAGS.get(inline.script):
        text = f"<{tag}>{text}</{tag}>"
    if inline.italic:
        text = f"<em>{text}</em>"
    if inline.bold:
        text = f"<strong>{text}</strong>"
    if inline.link is not None:
        text = f'<a href="{escape(inline.link)}">{text}</a>'
    return text
