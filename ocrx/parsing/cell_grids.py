"""Rows of cells with the spans that a text claims for them, to a grid that is sound."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocrx.document import Cell, Span, Table

MAX_SPAN = 1_000  # as HTML has it
MAX_CLAIMED = 400_000  # slots while cells are placed
MAX_SLOTS = 200_000  # of the finished grid


@dataclass(slots=True)
class PlainCell:
    """A cell as it was written: pieces of text and what it claims to cover."""

    parts: list[str]
    row_span: int = 1
    column_span: int = 1
    header: bool = False

    @property
    def text(self) -> str:
        """The cell's text."""
        return "".join(self.parts)


@dataclass(frozen=True, slots=True)
class _Placed:
    cell: PlainCell
    row: int
    column: int
    height: int
    width: int


def sound_table(
    rows: Sequence[Sequence[PlainCell]], read: Callable[[str], tuple[Span, ...]]
) -> tuple[Table | None, Counter[str]]:
    """Return the table of these rows and what had to be repaired; None when it is too large.

    A cell stands in the first free slot of its row. Rows and columns in which no cell begins
    vanish, spans end at the table's edge and at cells from above, and short rows are filled with
    empty cells.
    """
    repairs: Counter[str] = Counter()
    placed = _place(rows, repairs)
    lines = sorted({each.row for each in placed})
    columns = sorted({each.column for each in placed})
    height, width = len(lines), len(columns)
    if not placed or height * width > MAX_SLOTS:
        return None, repairs
    cells = []
    taken: set[tuple[int, int]] = set()
    for each in placed:
        left, right = _new_ends(columns, each.column, each.width)
        top, bottom = _new_ends(lines, each.row, each.height)
        repairs["merged cells wider than the table"] += each.column + each.width > columns[-1] + 1
        cell = each.cell
        text = read(cell.text)
        cells.append(Cell(top, left, text, bottom - top, right - left, cell.header))
        taken.update((row, column) for row in range(top, bottom) for column in range(left, right))
    empty = [
        Cell(row, column)
        for row in range(height)
        for column in range(width)
        if (row, column) not in taken
    ]
    repairs["ragged rows"] += len({cell.row for cell in empty})
    ordered = sorted([*cells, *empty], key=lambda cell: (cell.row, cell.column))
    return Table(height, width, tuple(ordered)), +repairs


def _new_ends(kept: Sequence[int], start: int, length: int) -> tuple[int, int]:
    """Return where a stretch begins and ends among the rows or columns that are kept."""
    return bisect_left(kept, start), bisect_left(kept, start + length)


def _place(rows: Sequence[Sequence[PlainCell]], repairs: Counter[str]) -> list[_Placed]:
    """Return every cell at its place; none when they claim more slots than any page has."""
    placed: list[_Placed] = []
    taken: set[tuple[int, int]] = set()
    for index, row in enumerate(rows):
        column = 0
        for cell in row:
            while (index, column) in taken:
                column += 1
            asked = max(1, min(cell.column_span, MAX_SPAN))
            width = 1
            while width < asked and (index, column + width) not in taken:
                width += 1
            left = len(rows) - index
            height = left if cell.row_span == 0 else min(max(1, cell.row_span), left)
            repairs["merged cells wider than the table"] += asked > width
            repairs["merged cells longer than the table"] += cell.row_span > left
            if len(taken) + width * height > MAX_CLAIMED:
                return []
            taken.update(
                (down, right)
                for down in range(index, index + height)
                for right in range(column, column + width)
            )
            placed.append(_Placed(cell, index, column, height, width))
            column += width
    return placed
