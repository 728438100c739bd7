"""Tables that go on over a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocrx.document import Block, BlockKind, PageResult, Table, VerdictStatus
from ocrx.typesetting.table_rows import repeated_header_rows

_BETWEEN = frozenset(
    {
        BlockKind.PAGE_HEADER,
        BlockKind.PAGE_FOOTER,
        BlockKind.PAGE_NUMBER,
        BlockKind.FOOTNOTE,
    }
)
_SAME_EDGE = 0.04  # of the page's width
_CONTINUED = re.compile(
    r"\b(continued|cont(?:['\u2019]d|\.)|fortsetzung|forts\.|suite|contin\u00faa|continuaci\u00f3n|segue)"
    "|\u7eed|\u7e8c",
    re.I,
)


def mark_continued_tables(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page, a table that is the rest of one before ``continues``.

    It stands first on its page, the other last on the page before; both have as many columns and
    the same edges. A repeated header is marked as header. Joining them is left to the writers.
    """
    marked: list[tuple[Block, ...]] = []
    last: Block | None = None
    for page in pages:
        blocks = list(page.blocks)
        first = _first(blocks)
        if last is not None and first is not None and _same_table(last, blocks[first]):
            blocks[first] = _continued(last, blocks[first])
        if page.verdict.status is VerdictStatus.FAILED:
            last = None
        elif blocks:
            last = _last(blocks)
        marked.append(tuple(blocks))
    return tuple(marked)


def _first(blocks: Sequence[Block]) -> int | None:
    """Return the index of the table that a page begins with."""
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.TABLE:
            return index
        note = block.kind in (BlockKind.CAPTION, BlockKind.PARAGRAPH) and len(block.text) < 200
        if block.kind not in _BETWEEN and not (note and _CONTINUED.search(block.text)):
            return None
    return None


def _last(blocks: Sequence[Block]) -> Block | None:
    """Return the table that a page ends with."""
    for block in reversed(blocks):
        if block.kind is BlockKind.TABLE:
            return block
        if block.kind not in _BETWEEN and not _is_remark(block):
            return None
    return None


def _is_remark(block: Block) -> bool:
    """Whether it is the likes of "continued on next page"."""
    return len(block.text) < 60 and bool(_CONTINUED.search(block.text))


def _same_table(before: Block, block: Block) -> bool:
    if before.table is None or block.table is None or before.table.columns != block.table.columns:
        return False
    if before.bbox is None or block.bbox is None:
        return True
    left, right = before.bbox.left - block.bbox.left, before.bbox.right - block.bbox.right
    return abs(left) <= _SAME_EDGE and abs(right) <= _SAME_EDGE


def _continued(before: Block, block: Block) -> Block:
    if before.table is None or block.table is None:
        return block
    repeated = repeated_header_rows(before.table, block.table)
    return replace(block, continues=True, table=_with_header(block.table, repeated))


def _with_header(table: Table, rows: int) -> Table:
    cells = tuple(
        replace(cell, header=True) if cell.row < rows and not cell.header else cell
        for cell in table.cells
    )
    return replace(table, cells=cells)
