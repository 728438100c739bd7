"""Tables with merged cells as pipe tables: a full grid in HTML, which markdownify turns around.

A grid without merged cells needs no HTML at all, so ``markdown.py`` writes its pipes itself:
parsing HTML for each would take a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markdownify import MarkdownConverter


class _GridConverter(MarkdownConverter):
    """Takes the text of a cell as it stands: it is Markdown already, its pipes escaped."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Return the text unchanged."""
        return text


def pipe_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a pipe table of cells that hold Markdown; the first row is its head.

    All rows are equally long: a merged cell has its text in its first slot, the others are empty.
    """
    head, *body = [_row(row, "th" if index == 0 else "td") for index, row in enumerate(rows)]
    html = f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"
    converter = _GridConverter(bs4_options="html.parser")
    return str(converter.convert(html)).strip("\n")


def _row(cells: Sequence[str], tag: str) -> str:
    inside = "".join(f"<{tag}>{escape(cell, quote=False)}</{tag}>" for cell in cells)
    return f"<tr>{inside}</tr>"
