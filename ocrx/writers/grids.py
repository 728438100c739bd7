"""Tables made sound for writing, and continued tables put together again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ocrx.document import Cell, Table
from ocrx.typesetting.table_rows import repeated_header_rows
from ocrx.writers.inline import content_of, without_bold
from ocrx.writers.items import Content, Grid, GridCell, LineBreak

MAX_SLOTS = 200_000


def grid_of(table: Table) -> Grid | None:
    """Return the table with every slot covered exactly once, or None if it has no slots.

    A cell that overlaps an earlier one is cut to its first slot, or its text joins the cell that
    is there; slots that nothing covers get empty cells.
    """
    columns = min(table.columns, MAX_SLOTS)
    if columns < 1 or table.rows < 1:
        return None
    rows = min(table.rows, MAX_SLOTS // columns)
    owners: dict[tuple[int, int], GridCell] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        if 0 <= cell.row < rows and 0 <= cell.column < columns:
            _place(owners, cell, rows, columns)
    for row in range(rows):
        for column in range(columns):
            if (row, column) not in owners:
                owners[row, column] = GridCell(row, column, (), 1, 1, header=False)
    starts = [
        tuple(
            owner
            for column in range(columns)
            if (owner := owners[row, column]).row == row and owner.column == column
        )
        for row in range(rows)
    ]
    return Grid(columns, tuple(starts), _header_rows(starts))


def _place(owners: dict[tuple[int, int], GridCell], cell: Cell, rows: int, columns: int) -> None:
    content = content_of(cell.spans)
    if cell.header:
        content = without_bold(content)
    placed = GridCell(
        row=cell.row,
        column=cell.column,
        content=content,
        row_span=max(1, min(cell.row_span, rows - cell.row)),
        column_span=max(1, min(cell.column_span, columns - cell.column)),
        header=cell.header,
    )
    if any(slot in owners for slot in _slots(placed)):
        placed = replace(placed, row_span=1, column_span=1)
        taken = owners.get((cell.row, cell.column))
        if taken is not None:
            gap: Content = (LineBreak(),) if taken.content and content else ()
            placed = replace(taken, content=taken.content + gap + content)
    for slot in _slots(placed):
        owners[slot] = placed


def _slots(cell: GridCell) -> Iterator[tuple[int, int]]:
    for row in range(cell.row, cell.row + cell.row_span):
        for column in range(cell.column, cell.column + cell.column_span):
            yield row, column


def _header_rows(starts: list[tuple[GridCell, ...]]) -> int:
    """Return how many leading rows are headers only, with the rows that their cells reach into."""
    count = 0
    for row in starts:
        if not row or not all(cell.header for cell in row):
            break
        count += 1
    reach = count
    index = 0
    while index < reach:
        reach = max([reach, *(cell.row + cell.row_span for cell in starts[index])])
        index += 1
    return reach


def fill_spans(grid: Grid) -> list[list[Content]]:
    """Return the grid as plain rows: a cell's content in its first slot, the others empty."""
    filled: list[list[Content]] = [[() for _ in range(grid.columns)] for _ in grid.rows]
    for row in grid.rows:
        for cell in row:
            filled[cell.row][cell.column] = cell.content
    return filled


def join_tables(first: Table, rest: Table) -> Table | None:
    """Return both as one table, without the header rows that the second repeats; None if their
    columns differ."""
    if first.columns != rest.columns:
        return None
    repeated = repeated_header_rows(first, rest)
    moved = tuple(
        replace(cell, row=cell.row - repeated + first.rows)
        for cell in rest.cells
        if cell.row >= repeated
    )
    return Table(first.rows + rest.rows - repeated, first.columns, first.cells + moved)
