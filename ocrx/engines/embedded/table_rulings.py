"""Grids that ruling lines draw in full: where every cell has its frame, the frames are the spans.

PyMuPDF's refinement divides merged cells that only their lines show as one; its plain line finder
keeps them. Where that finds at least as fine a grid, each row and column of it holds text and each
cell one piece of text, its cells count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocrx.engines.embedded.layout_regions import area, shared_area
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.table_grids import Grid, Slot
from ocrx.engines.embedded.words import union

_EDGE_PT = 3.0  # edges nearer than this are one line
_LEADING_EM = 0.8  # from line to line in one cell
_SAME = 0.7  # of the larger box: two grids of one table


def with_frames(
    grids: Sequence[Grid], frames: Sequence[Sequence[Rect]], lines: Sequence[TextLine]
) -> list[Grid]:
    """Return the grids, those that are drawn in full with the cells as drawn.

    Args:
        grids: what the refining finder made of the page.
        frames: the cells of each table that lines alone draw.
        lines: the text of the page's tables.
    """
    drawn = [grid for cells in frames if (grid := _grid_of(cells)) is not None]
    done: list[Grid] = []
    for grid in grids:
        same = next((d for d in drawn if _is_same(d.box, grid.box)), None)
        finer = same is not None and same.rows >= grid.rows and same.columns >= grid.columns
        if same is None or not finer or not _is_sound(same, lines):
            done.append(grid)
        else:
            done.append(_with_headers(same, grid))
    return done


def _is_same(one: Rect, other: Rect) -> bool:
    return shared_area(one, other) > _SAME * max(area(one), area(other))


def _grid_of(cells: Sequence[Rect]) -> Grid | None:
    """Number the cells by the edges they share; None unless they cover all slots, each once."""
    columns = _edges([x for cell in cells for x in (cell[0], cell[2])])
    rows = _edges([y for cell in cells for y in (cell[1], cell[3])])
    slots: list[Slot] = []
    covered = 0
    for cell in cells:
        left, right = _index(columns, cell[0]), _index(columns, cell[2])
        top, bottom = _index(rows, cell[1]), _index(rows, cell[3])
        if right <= left or bottom <= top:
            return None
        covered += (right - left) * (bottom - top)
        slots.append(Slot(top, left, bottom - top, right - left, False, cell))
    height, width = len(rows) - 1, len(columns) - 1
    if height < 2 or width < 2 or covered != height * width or len(_places(slots)) != covered:
        return None
    slots.sort(key=lambda slot: (slot.row, slot.column))
    return Grid(union(cells), tuple(slots), height, width, frozenset(), drawn=True)


def _places(slots: Sequence[Slot]) -> set[tuple[int, int]]:
    return {
        (slot.row + i, slot.column + j)
        for slot in slots
        for i in range(slot.row_span)
        for j in range(slot.column_span)
    }


def _edges(values: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _EDGE_PT:
            edges.append(value)
    return edges


def _index(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value))


def _is_sound(grid: Grid, lines: Sequence[TextLine]) -> bool:
    """Say whether each row and column holds text of its own, and each cell one piece of text."""
    rows: set[int] = set()
    columns: set[int] = set()
    for slot in grid.slots:
        inside = [line for line in lines if _holds(slot.box, line.box)]
        if inside and slot.row_span == 1:
            rows.add(slot.row)
        if inside and slot.column_span == 1:
            columns.add(slot.column)
        if not _is_one_text(inside):
            return False
    return len(rows) == grid.rows and len(columns) == grid.columns


def _holds(cell: Rect, box: Rect) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]


def _is_one_text(lines: Sequence[TextLine]) -> bool:
    """Say whether lines follow each other closely: no two abreast, no room for a row between."""
    ordered = sorted(lines, key=lambda line: line.box[1])
    for above, below in pairwise(ordered):
        gap = below.box[1] - above.box[3]
        size = max(above.size_pt, below.size_pt)
        if not -0.5 * size < gap < _LEADING_EM * size:
            return False
    return True


def _with_headers(drawn: Grid, refined: Grid) -> Grid:
    """Take over which rows are headers, by where they lie."""
    heads = [slot.box for slot in refined.slots if slot.header]
    if not heads:
        return drawn
    foot = max(box[3] for box in heads)
    slots = tuple(
        replace(slot, header=(slot.box[1] + slot.box[3]) / 2 < foot) for slot in drawn.slots
    )
    return replace(drawn, slots=slots)
