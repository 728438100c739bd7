"""Rows that two parts of one table share; used by the assembly and by the writers."""

from __future__ import annotations

from itertools import takewhile

from ocrx.document import Table

_MAX_HEADER_ROWS = 6


def repeated_header_rows(first: Table, later: Table) -> int:
    """Return how many rows at the top of ``later`` repeat the header of ``first``.

    The header is the leading rows of ``first`` whose cells are all headers, or its first row
    where none is marked. Rows are equal when their cells say and cover the same.
    """
    if first.columns != later.columns:
        return 0
    marked = header_rows(first)
    header = [_row(first, row) for row in range(min(marked or 1, first.rows, _MAX_HEADER_ROWS))]
    if len(header) > later.rows or not any(text for row in header for text, *_ in row):
        return 0
    same = all(_row(later, number) == row for number, row in enumerate(header))
    return len(header) if same else 0


def header_rows(table: Table) -> int:
    """Return how many leading rows hold header cells only."""
    body = {cell.row for cell in table.cells if not cell.header}
    return sum(1 for _ in takewhile(lambda row: row not in body, range(table.rows)))


def _row(table: Table, number: int) -> list[tuple[str, int, int, int]]:
    return [
        (" ".join(cell.text.split()).casefold(), cell.column, cell.row_span, cell.column_span)
        for cell in table.cells
        if cell.row == number
    ]
