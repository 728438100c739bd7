"""Raw cells to a table whose grid is sound: no overlap, no gap, every span inside."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from ocrx.document import Cell, Span, Table
from ocrx.parsing.region_dialect import RawCell
from ocrx.parsing.rows import Row, rows_of
from ocrx.typesetting.joining import Vocabulary, join_spans, stack_spans
from ocrx.typesetting.markers import list_marker

MAX_SLOTS = 200_000


def table_of(
    cells: Sequence[RawCell], size_pt: tuple[float, float], vocabulary: Vocabulary | None
) -> Table | None:
    """Return the table of these cells, None when its grid would be larger than the cap.

    Rows and columns in which no cell begins vanish. Where two cells claim a slot the earlier one
    has it, and the later one gives up its spans or, when nothing is left of it, its text.
    """
    rows = sorted({cell.row for cell in cells})
    columns = sorted({cell.column for cell in cells})
    if not cells or len(rows) * len(columns) > MAX_SLOTS:
        return None
    slots: dict[tuple[int, int], int] = {}
    placed: list[Cell] = []
    texts: list[list[tuple[Span, ...]]] = []
    for raw in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        spans = cell_text(rows_of(raw.lines, size_pt), vocabulary)
        row, column = bisect_left(rows, raw.row), bisect_left(columns, raw.column)
        if (row, column) in slots:
            texts[slots[row, column]].append(spans)
            continue
        height = max(1, bisect_left(rows, raw.row + max(1, raw.row_span)) - row)
        width = max(1, bisect_left(columns, raw.column + max(1, raw.column_span)) - column)
        height, width = _free(slots, row, column, height, width)
        _claim(slots, row, column, height, width, len(placed))
        placed.append(Cell(row, column, (), height, width, raw.header))
        texts.append([spans])
    filled = [
        replace(cell, spans=pieces[0] if len(pieces) == 1 else join_spans(pieces, vocabulary))
        for cell, pieces in zip(placed, texts, strict=True)
    ]
    filled += [
        Cell(row, column)
        for row in range(len(rows))
        for column in range(len(columns))
        if (row, column) not in slots
    ]
    filled.sort(key=lambda cell: (cell.row, cell.column))
    return Table(len(rows), len(columns), tuple(filled))


def cell_text(rows: Sequence[Row], vocabulary: Vocabulary | None) -> tuple[Span, ...]:
    """Return a cell's text: one run, but a line each for figures or list items below each other."""
    pieces = [row.spans for row in rows]
    if len(rows) > 1 and (all(map(_is_figure, rows)) or all(map(_is_item, rows))):
        return stack_spans(pieces)
    return join_spans(pieces, vocabulary)


def _is_figure(row: Row) -> bool:
    digits = sum(character.isdigit() for character in row.text)
    return 2 * digits >= len(row.text) and not any(c.isalpha() for c in row.text)


def _is_item(row: Row) -> bool:
    marker = list_marker(row.text)
    return marker is not None and marker.is_bullet


def _free(
    slots: dict[tuple[int, int], int], row: int, column: int, height: int, width: int
) -> tuple[int, int]:
    """Return the largest height and width, up to those asked for, that nothing else holds."""
    free_width = 1
    while free_width < width and (row, column + free_width) not in slots:
        free_width += 1
    free_height = 1
    while free_height < height and not any(
        (row + free_height, column + offset) in slots for offset in range(free_width)
    ):
        free_height += 1
    return free_height, free_width


def _claim(
    slots: dict[tuple[int, int], int], row: int, column: int, height: int, width: int, owner: int
) -> None:
    for down in range(row, row + height):
        for right in range(column, column + width):
            slots[down, right] = owner
