"""From a grid and the lines of its region to cells: every word goes to one of them.

First by place; then columns, header, rows and spans are set right by how the words lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrx.engines.embedded.layout_regions import Cell, rows, shared_area
from ocrx.engines.embedded.lines import Rect, TextLine, Word
from ocrx.engines.embedded.table_columns import whole_columns
from ocrx.engines.embedded.table_grids import Grid, Slot
from ocrx.engines.embedded.table_headers import whole_headers, whole_labels
from ocrx.engines.embedded.table_levels import with_levels
from ocrx.engines.embedded.table_rows import whole_rows
from ocrx.engines.embedded.table_spans import with_row_spans
from ocrx.engines.embedded.words import union

_ACROSS = 0.15  # of a label's width on either side of a line between two columns


def cells_of(grid: Grid, lines: Sequence[TextLine]) -> tuple[Cell, ...]:
    """Give every word to a cell; pieces of one printed line stay one line."""
    held: list[list[TextLine]] = [[] for _ in grid.slots]
    for line in lines:
        pieces: list[tuple[int, list[Word]]] = []
        for word in line.words:
            home = _home(grid.slots, word.box)
            glued = pieces and not word.blank_before and len(word.text) <= 3
            if pieces and (pieces[-1][0] == home or glued):
                pieces[-1][1].append(word)
            else:
                pieces.append((home, [word]))
        for home, words in pieces:
            first = replace(words[0], blank_before=True)
            box = union(word.box for word in words)
            held[home].append(replace(line, box=box, words=(first, *words[1:])))
    kept = _straddling(list(zip(grid.slots, held, strict=True)))
    cells = [
        Cell(s.row, s.column, s.row_span, s.column_span, s.header, rows(inside))
        for s, inside in kept
    ]
    for section in grid.sections:
        cells = _with_section(cells, section, grid.columns)
    if not grid.drawn:
        cells = with_levels(whole_rows(whole_columns(cells)), grid.rules)
    cells = list(whole_labels(whole_headers(cells), grid.box))
    if not grid.drawn:
        cells = with_row_spans(cells, grid.rules)
    return tuple(sorted(cells, key=lambda cell: (cell.row, cell.column)))


def _straddling(held: list[tuple[Slot, list[TextLine]]]) -> list[tuple[Slot, list[TextLine]]]:
    """Give a header label that lies across the line to an empty neighbour both their slots."""
    filled = {(slot.row, slot.column) for slot, lines in held if lines}
    done: list[tuple[Slot, list[TextLine]]] = []
    for slot, lines in held:
        last, above = done[-1] if done else (None, [])
        if (
            last is not None
            and slot.header
            and (last.row, last.row_span, slot.row_span) == (slot.row, 1, 1)
            and last.column + last.column_span == slot.column
            and bool(lines) != bool(above)
            and {(slot.row + 1, slot.column), (slot.row + 1, last.column)} <= filled
            and any(_crosses(line.box, slot.box[0]) for line in (*above, *lines))
        ):
            span = last.column_span + slot.column_span
            both = replace(last, column_span=span, box=union((last.box, slot.box)))
            done[-1] = (both, [*above, *lines])
        else:
            done.append((slot, lines))
    return done


def _crosses(box: Rect, edge: float) -> bool:
    least = _ACROSS * (box[2] - box[0])
    return box[0] + least < edge < box[2] - least


def _with_section(cells: list[Cell], row: int, columns: int) -> list[Cell]:
    """A row that holds a single label becomes one header over all columns."""
    row_cells = [cell for cell in cells if cell.row == row]
    filled = [cell for cell in row_cells if cell.lines]
    width = sum(cell.column_span for cell in row_cells)
    if len(filled) != 1 or width != columns or any(cell.row_span > 1 for cell in row_cells):
        return cells
    label = replace(filled[0], column=0, column_span=columns, header=True)
    return [label if c is filled[0] else c for c in cells if c.row != row or c is filled[0]]


def _home(slots: Sequence[Slot], box: Rect) -> int:
    """Return the slot that holds most of a word, or the nearest one."""
    best, most = -1, 0.0
    for index, slot in enumerate(slots):
        shared = shared_area(slot.box, box)
        if shared > most:
            best, most = index, shared
    if best >= 0:
        return best
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return min(range(len(slots)), key=lambda index: distance(slots[index].box, x, y))


def distance(box: Rect, x: float, y: float) -> float:
    """Return the square of how far a point lies outside of a box."""
    across = max(box[0] - x, 0.0, x - box[2])
    down = max(box[1] - y, 0.0, y - box[3])
    return across * across + down * down
