"""Columns that the finder cut in two: words of one line on both sides, or never both sides filled.

A column of running text has a river of white now and then, and a column of centred entries has
wide and narrow ones; neither is a gutter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrx.engines.embedded.layout_regions import Cell, rows
from ocrx.engines.embedded.lines import TextLine
from ocrx.engines.embedded.words import union

_BLANK_EM = 0.45  # from word to word; columns stand further apart
_CROSSED = 0.6  # of the rows with text on both sides: a line runs on through the gutter
_MIN_CROSSED = 2
_OVER = 0.3  # of the narrower column: so much lies above or below the other's text


def whole_columns(cells: Sequence[Cell]) -> list[Cell]:
    """Join neighbouring columns that prove to be one."""
    done = list(cells)
    column = 0
    while column + 1 < max((cell.column + cell.column_span for cell in done), default=0):
        if _runs_through(done, column) or _takes_turns(done, column):
            done = _joined(done, column)
        else:
            column += 1
    return done


def goes_on(left: TextLine, right: TextLine, limit: float = float("inf")) -> bool:
    """Say whether the right piece follows the left one in one line, after at most a blank.

    Pieces of one recognised line share its confidence: two lines were parted at a gutter, which
    the ends of words read from pixels may overrun.
    """
    size = max(left.size_pt, right.size_pt, 1.0)
    level = abs(left.box[3] - right.box[3]) < 0.3 * size
    near = -0.3 * size < right.box[0] - left.box[2] < min(_BLANK_EM * size, limit)
    return level and near and left.confidence == right.confidence


def _reads_on(left: TextLine, right: TextLine) -> bool:
    """Say whether a sentence goes on; two numbers in a narrow table may stand as close."""
    words = left.words[-1].text, right.words[0].text
    return all(any(map(str.isalpha, word)) for word in words) and goes_on(left, right)


def _pairs(cells: Sequence[Cell], column: int) -> list[tuple[Cell, Cell]]:
    """Return the body cells that meet at the right edge of a column, those over it left out."""
    left = {
        c.row: c
        for c in cells
        if c.column + c.column_span - 1 == column and c.row_span == 1 and not c.header
    }
    right = {c.row: c for c in cells if c.column == column + 1 and c.row_span == 1}
    return [(left[row], right[row]) for row in sorted(left) if row in right]


def _runs_through(cells: Sequence[Cell], column: int) -> bool:
    both = [(a, b) for a, b in _pairs(cells, column) if a.lines and b.lines]
    crossed = sum(any(_reads_on(one, o) for one in a.lines for o in b.lines) for a, b in both)
    return crossed >= _MIN_CROSSED and crossed >= _CROSSED * len(both)


def _takes_turns(cells: Sequence[Cell], column: int) -> bool:
    """Say whether entries stand now in one column, now in the other, above and below each other."""
    pairs = _pairs(cells, column)
    if any(a.lines and b.lines for a, b in pairs):
        return False
    ones = [line for a, _ in pairs if a.column_span == 1 for line in a.lines]
    others = [line for _, b in pairs if b.column_span == 1 for line in b.lines]
    if not ones or not others:
        return False
    heads = [c for c in cells if c.header and c.lines and c.column_span == 1]
    named = {c.column for c in heads if c.column in (column, column + 1)}
    names = [c for c in heads if c.column in named]
    if len(named) == 2 and not any(
        goes_on(one, other) for a in names for b in names for one in a.lines for other in b.lines
    ):
        return False
    over = [c for c in _heads_over(cells, column) if c.lines]
    if (len(over) == 1 or len(named) == 2) and len(ones) + len(others) > _MIN_CROSSED:
        return True
    left, right = union(line.box for line in ones), union(line.box for line in others)
    shared = min(left[2], right[2]) - max(left[0], right[0])
    return shared > _OVER * min(left[2] - left[0], right[2] - right[0])


def _heads_over(cells: Sequence[Cell], column: int) -> list[Cell]:
    """Return the header cells over exactly this column and the next."""
    return [c for c in cells if c.header and c.column == column and c.column_span == 2]


def _joined(cells: Sequence[Cell], column: int) -> list[Cell]:
    """Make one of a column and the next; every later one moves to the left."""
    done: dict[tuple[int, int], Cell] = {}
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        last = cell.column + cell.column_span - 1
        if cell.column <= column < last:
            fresh = replace(cell, column_span=cell.column_span - 1)
        elif cell.column > column:
            fresh = replace(cell, column=cell.column - 1)
        else:
            fresh = cell
        place = (fresh.row, fresh.column)
        other = done.get(place) or _ends_at(done, fresh, column)
        if other is None or cell.column != column + 1:
            done[place] = fresh
            continue
        lines = rows([*other.lines, *fresh.lines])
        across = fresh.column + fresh.column_span - other.column
        down = max(other.row_span, fresh.row_span)
        done[other.row, other.column] = replace(
            other, lines=lines, column_span=across, row_span=down
        )
    return list(done.values())


def _ends_at(done: dict[tuple[int, int], Cell], cell: Cell, column: int) -> Cell | None:
    """Return the cell of the same row that spans up to and including a column."""
    return next(
        (
            other
            for other in done.values()
            if other.row == cell.row and other.column < column < other.column + other.column_span
        ),
        None,
    )
