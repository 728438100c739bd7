"""The grids that PyMuPDF finds on a page: boxes and spans of cells, without their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.words import union

MAX_SLOTS = 50_000  # rows x columns of one table
_STRUCK = 0.25  # of a stroke lying in words: letters, not a ruling line
_CORE = 0.2  # of a line's height: nearer to its edge a rule is beside the letters
_LOST = 0.05  # of the lines of table regions: so many outside all grids, and something is wrong
_TOUCHING_PT = 6.0  # between two grids that are one table
Segment = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell's place and box, not yet its text."""

    row: int
    column: int
    row_span: int
    column_span: int
    header: bool
    box: Rect


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one table; ``sections`` are rows that may hold a label for those below.

    ``drawn`` says that lines frame every cell; ``rules`` are the level lines in the table.
    """

    box: Rect
    slots: tuple[Slot, ...]
    rows: int
    columns: int
    sections: frozenset[int]
    drawn: bool = False
    rules: tuple[Segment, ...] = ()


def is_ruled(page: Any) -> bool:
    """Say whether the page draws enough level and upright strokes to hold a ruled table."""
    level = upright = 0
    for path in page.get_cdrawings():
        left, top, right, bottom = path["rect"]
        boxes = sum(1 for item in path["items"] if item[0] == "re")
        level += right - left > 30 and bottom - top < 3
        upright += bottom - top > 8 and right - left < 3
        level += boxes if right - left > 30 else 0
        upright += boxes if bottom - top > 8 else 0
        if level >= 3 and upright >= 2:
            return True
    return False


def find_grids(
    page: Any, rulings: Sequence[Segment], tables: Sequence[Sequence[TextLine]]
) -> list[Grid]:
    """Return the grids of a page whose layout was just analysed.

    ``tables`` are the lines of each table region. Ruling lines found in a picture help only if the
    grids still hold all of these; else they are left aside.
    """
    found = _found(page, rulings)
    if not rulings or _lost(found, tables) <= _LOST * sum(map(len, tables)):
        return found
    without = _found(page, ())
    return without if _lost(without, tables) < _lost(found, tables) else found


def _found(page: Any, rulings: Sequence[Segment]) -> list[Grid]:
    lines = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in rulings]
    finder = page.find_tables(use_layout=True, union=True, refine=True, add_lines=lines or None)
    grids = [_grid(table) for table in (finder.tables if finder is not None else ())]
    return [grid for grid in grids if grid is not None]


def find_frames(page: Any, rulings: Sequence[Segment]) -> list[list[Rect]]:
    """Return the cells of each table that lines alone draw."""
    lines = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in rulings]
    finder = page.find_tables(use_layout=False, add_lines=lines or None)
    tables = finder.tables if finder is not None else ()
    return [[_rect(cell) for cell in table.cells if cell is not None] for table in tables]


def with_rules(grid: Grid, rules: Sequence[Segment]) -> Grid:
    """Return the grid with those of the page's level lines that lie in it."""
    left, top, right, bottom = grid.box
    inside = (
        rule
        for rule in rules
        if top - _TOUCHING_PT < rule[1] < bottom + _TOUCHING_PT
        and min(right, rule[2]) > max(left, rule[0])
    )
    return replace(grid, rules=tuple(inside))


def _lost(grids: Sequence[Grid], tables: Sequence[Sequence[TextLine]]) -> int:
    """Count the lines of table regions whose middle lies in no grid."""
    lost = 0
    for line in (line for lines in tables for line in lines):
        x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
        lost += not any(g.box[0] <= x <= g.box[2] and g.box[1] <= y <= g.box[3] for g in grids)
    return lost


def _grid(table: Any) -> Grid | None:
    """Read rows of placements, where a cell stands in the first slot that no span above covers."""
    if table.placements is None:
        return None
    slots: list[Slot] = []
    covered: set[tuple[int, int]] = set()
    for row, placed in enumerate(table.placements):
        column = 0
        for cell in placed:
            while (row, column) in covered:
                column += 1
            down, across = max(1, int(cell.rowspan)), max(1, int(cell.colspan))
            if len(covered) + down * across > MAX_SLOTS:
                return None
            covered |= {(row + i, column + j) for i in range(down) for j in range(across)}
            if cell.bbox is not None:
                head = cell.tag == "th"
                slots.append(Slot(row, column, down, across, head, _rect(cell.bbox)))
            column += across
    if not slots:
        return None
    count = max(slot.row + slot.row_span for slot in slots)
    width = max(slot.column + slot.column_span for slot in slots)
    sections = frozenset(int(row) for row in table.section_rows or ())
    return Grid(_rect(table.bbox), tuple(slots), count, width, sections)


def _rect(values: Sequence[float]) -> Rect:
    left, top, right, bottom = (float(value) for value in values)
    return left, top, right, bottom


def stacked(grids: Sequence[Grid]) -> list[Grid]:
    """Join grids of one region that continue each other: as many columns, no room between.

    The finder cuts a table where its header comes again; the layout model saw one table.
    """
    joined: list[Grid] = []
    for grid in sorted(grids, key=lambda grid: grid.box[1]):
        last = joined[-1] if joined else None
        if last is not None and _continues(last, grid):
            slots = tuple(
                replace(slot, row=slot.row + last.rows, header=False) for slot in grid.slots
            )
            joined[-1] = Grid(
                union((last.box, grid.box)),
                last.slots + slots,
                last.rows + grid.rows,
                last.columns,
                last.sections | {row + last.rows for row in grid.sections},
                last.drawn and grid.drawn,
                last.rules + grid.rules,
            )
        else:
            joined.append(grid)
    return joined


def _continues(above: Grid, below: Grid) -> bool:
    near = abs(below.box[1] - above.box[3]) < _TOUCHING_PT
    sides = max(abs(above.box[0] - below.box[0]), abs(above.box[2] - below.box[2]))
    return near and above.columns == below.columns and sides < _TOUCHING_PT


def without_strokes(segments: Sequence[Segment], lines: Sequence[TextLine]) -> list[Segment]:
    """Leave out lines that run through text: in small pictures letters look like rules."""
    boxes = [line.box for line in lines if not line.vertical]
    return [segment for segment in segments if not _strikes(segment, boxes)]


def _strikes(segment: Segment, texts: Sequence[Rect]) -> bool:
    level = segment[2] - segment[0] >= segment[3] - segment[1]
    along, across = (0, 1) if level else (1, 0)
    length = segment[along + 2] - segment[along]
    place = (segment[across] + segment[across + 2]) / 2
    struck = 0.0
    for box in texts:
        margin = _CORE * (box[3] - box[1])
        if box[across] + margin < place < box[across + 2] - margin:
            shared = min(box[along + 2], segment[along + 2]) - max(box[along], segment[along])
            struck += max(0.0, shared)
    return struck > _STRUCK * length
