"""The levels of a table's header: labels of groups above labels of columns, each with its span.

The finder takes a header of several levels for one row now and then, and gives a group's label
the one column below its middle. A rule below a label shows its columns, or else its middle does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocrx.engines.embedded.layout_regions import Cell, rows
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.table_columns import goes_on
from ocrx.engines.embedded.table_headers import label_rows
from ocrx.engines.embedded.table_spans import Segment, is_covered, text_columns
from ocrx.engines.embedded.words import union

_PIECE_EM = 0.6  # from word to word: two labels, not one
_SAME_LEVEL = 0.35  # of the type's size
_HALF_LEVEL = 0.85  # of the type's size, from base to base: a label between two levels
_OFF_CENTRE = 1.2  # of the type's size: a label is in the middle of its columns up to this
_BETTER = 0.5  # of how far the label is off the middle of the columns it has


def with_levels(cells: Sequence[Cell], rules: Sequence[Segment]) -> list[Cell]:
    """Set the header's rows anew where one holds several, and spread labels over their columns."""
    done = list(cells)
    count = label_rows(done)
    body = [cell for cell in done if cell.row >= count]
    if not count or not body:
        return done
    columns = text_columns(body)
    if any(cell.row + cell.row_span > count for cell in done if cell.row < count):
        return done
    width = max(cell.column + cell.column_span for cell in done)
    if len(columns) == width and _is_mixed(done, count):
        head = _levelled([c for c in done if c.row < count], columns)
        more = max(cell.row + cell.row_span for cell in head) - count
        done = [*head, *(replace(cell, row=cell.row + more) for cell in body)]
        count += more
    for row in range(count - 1):
        done = _spread(done, row, columns, rules)
    return done


def _is_mixed(cells: Sequence[Cell], count: int) -> bool:
    """Say whether a row of the header holds labels side by side below or above another."""
    for cell in (cell for cell in cells if cell.row < count):
        levels = _levels(cell.lines)
        if len(levels) > 1 and any(len(level) > 1 for level in levels):
            return True
        end = cell.column + cell.column_span
        beside = [c for c in cells if c.row == cell.row and c.column == end and len(c.lines) > 1]
        if len(cell.lines) > 1 and any(_is_half_joined(cell, other) for other in beside):
            return True
    return False


def _is_half_joined(left: Cell, right: Cell) -> bool:
    """Say whether one label runs on from cell to cell, and two others stand side by side."""
    levels = _levels([*left.lines, *right.lines])
    crossed = any(goes_on(one, other) for one in left.lines for other in right.lines)
    return crossed and any(len(level) > 1 for level in levels)


def _pieces(line: TextLine) -> list[TextLine]:
    """Cut a line where two labels stand side by side."""
    parts = [[line.words[0]]]
    for before, after in pairwise(line.words):
        if after.box[0] - before.box[2] > _PIECE_EM * max(line.size_pt, 1.0):
            parts.append([])
        parts[-1].append(after)
    return [
        replace(line, words=tuple(part), box=union(word.box for word in part)) for part in parts
    ]


def _levels(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    levels: list[list[TextLine]] = []
    pieces = [piece for line in rows(lines) for piece in _pieces(line)]
    for piece in sorted(pieces, key=lambda piece: piece.box[3]):
        last = levels[-1] if levels else None
        near = _SAME_LEVEL * max(piece.size_pt, 4.0)
        if last is not None and piece.box[3] - last[0].box[3] < near:
            last.append(piece)
        else:
            levels.append([piece])
    return levels


def _levelled(head: Sequence[Cell], columns: dict[int, tuple[float, float]]) -> list[Cell]:
    """Return the header with a row for each level of its labels."""
    levels = _levels([line for cell in head for line in cell.lines])
    between = [i for i in range(1, len(levels) - 1) if _is_half(levels, i)]
    kept = [level for i, level in enumerate(levels) if i not in between]
    taken: list[dict[tuple[int, int], list[TextLine]]] = [{} for _ in kept]
    for index, level in enumerate(levels):
        row = index - sum(half <= index for half in between)
        for piece in level:
            place = _columns_under(piece.box, columns)
            taken[row].setdefault(place, []).append(piece)
    fresh: list[Cell] = []
    for row, held in enumerate(taken):
        column = 0
        for (first, last), lines in sorted(held.items()):
            if first < column:  # two labels over one column: they are one
                before = fresh[-1]
                fresh[-1] = replace(before, lines=rows([*before.lines, *lines]))
                continue
            fresh += [Cell(row, c, 1, 1, True, ()) for c in range(column, first)]
            fresh.append(Cell(row, first, 1, last - first + 1, True, rows(lines)))
            column = last + 1
        fresh += [Cell(row, c, 1, 1, True, ()) for c in range(column, len(columns))]
    return fresh


def _is_half(levels: list[list[TextLine]], index: int) -> bool:
    """Say whether a level lies between two others: labels in the middle of both."""
    size = max(levels[index][0].size_pt, 1.0)
    base = levels[index][0].box[3]
    near = max(base - levels[index - 1][0].box[3], levels[index + 1][0].box[3] - base)
    return near < _HALF_LEVEL * size


def _columns_under(box: Rect, columns: dict[int, tuple[float, float]]) -> tuple[int, int]:
    shared = {c: min(box[2], span[1]) - max(box[0], span[0]) for c, span in columns.items()}
    under = [column for column, part in shared.items() if part > 0]
    if not under:
        nearest = max(shared, key=lambda column: shared[column])
        return nearest, nearest
    return min(under), max(under)


def _spread(
    cells: list[Cell], row: int, columns: dict[int, tuple[float, float]], rules: Sequence[Segment]
) -> list[Cell]:
    """Give each label of a row the empty places beside it that it stands in the middle of."""
    own = sorted((cell for cell in cells if cell.row == row), key=lambda cell: cell.column)
    below = [cell for cell in cells if cell.row == row + 1]
    named = {c.column + i for c in below if c.lines for i in range(c.column_span)}
    extents = _extents(columns, below)
    free = {
        c.column + i for c in own if not c.lines and c.row_span == 1 for i in range(c.column_span)
    } & named
    done = cells
    for cell in own:
        if not cell.lines or cell.row_span > 1 or len(free) == 0:
            continue
        first, last = cell.column, cell.column + cell.column_span - 1
        if not named.issuperset(range(first, last + 1)):
            continue
        lows = _reach(first, -1, free - {0})  # the first column holds the rows' names
        highs = _reach(last, 1, free)
        best = _best(cell, lows, highs, extents, _under(cell, below, rules))
        if best != (first, last):
            free -= set(range(best[0], best[1] + 1))
            done = _widened(done, cell, *best)
    return done


def _extents(
    columns: dict[int, tuple[float, float]], below: Sequence[Cell]
) -> dict[int, tuple[float, float]]:
    """Return how far each column's text and label reach."""
    found = dict(columns)
    for cell in below:
        if cell.lines and cell.column_span == 1:
            box = union(line.box for line in cell.lines)
            left, right = found.get(cell.column, (box[0], box[2]))
            found[cell.column] = (min(left, box[0]), max(right, box[2]))
    return found


def _reach(column: int, step: int, free: set[int]) -> list[int]:
    found = [column]
    while found[-1] + step in free:
        found.append(found[-1] + step)
    return found


def _under(cell: Cell, below: Sequence[Cell], rules: Sequence[Segment]) -> list[Segment]:
    """Return the rules right below a label, above the labels of the next row."""
    base = max(line.box[3] for line in cell.lines)
    heads = [line.box[1] for other in below for line in other.lines]
    foot = max(base, min(heads, default=base)) + 2.0
    label = union(line.box for line in cell.lines)
    middle = (label[0] + label[2]) / 2
    return [r for r in rules if base - 2.0 < r[1] < foot and r[0] < middle < r[2]]


def _best(
    cell: Cell,
    lows: Sequence[int],
    highs: Sequence[int],
    extents: dict[int, tuple[float, float]],
    under: Sequence[Segment],
) -> tuple[int, int]:
    """Return first and last column of a label: those its rule covers, or it is in the middle of."""
    own = (lows[0], highs[0])
    if any(column not in extents for column in range(lows[-1], highs[-1] + 1)):
        return own
    if under:
        ruled = [c for c in range(lows[-1], highs[-1] + 1) if is_covered(extents[c], under)]
        if ruled and not set(range(own[0], own[1] + 1)) - set(ruled):
            return min(ruled), max(ruled)
    label = union(line.box for line in cell.lines)
    middle = (label[0] + label[2]) / 2
    size = max(line.size_pt for line in cell.lines)

    def off(span: tuple[int, int]) -> float:
        return abs((extents[span[0]][0] + extents[span[1]][1]) / 2 - middle)

    best = min(((low, high) for low in lows for high in highs), key=off)
    better = off(best) < _BETTER * off(own) and off(best) < _OFF_CENTRE * size
    return best if better else own


def _widened(cells: list[Cell], cell: Cell, first: int, last: int) -> list[Cell]:
    span = last - first + 1
    kept = [
        other
        for other in cells
        if other is not cell and not (other.row == cell.row and first <= other.column <= last)
    ]
    return [*kept, replace(cell, column=first, column_span=span)]
