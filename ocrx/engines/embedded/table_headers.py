"""Headers of tables made whole: labels cut at a column line, labels of two lines cut into two rows.

A grid has a line wherever the body needs one; the labels above do not keep to it. How the words
lie tells what belongs together: a blank between two words, a line's leading between two lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ocrx.engines.embedded.layout_regions import Cell, rows
from ocrx.engines.embedded.lines import Rect
from ocrx.engines.embedded.table_columns import goes_on
from ocrx.engines.embedded.words import union

_BLANK_SHARE = 0.65  # of the white between the columns below
_NUMBERS = 0.7  # of the filled cells beside the first column: a body of numbers
_MAX_MORE_ROWS = 4
_CENTRED = 0.04  # of the table's width
_NOTHING = frozenset("-\u2013\u2014\u2212*")
_LEADING_EM = 0.5  # from line to line of one label, between their boxes


def whole_headers(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Join the pieces of labels in the header rows of one table."""
    count = label_rows(cells)
    if not count:
        return tuple(cells)
    joined = [replace(cell, header=cell.header or cell.row < count) for cell in cells]
    for row in range(count):
        joined = _joined_across(joined, row)
    row = 0
    while row + 1 < count:
        if _is_one_row(joined, row):
            joined = _with_next_row(joined, row)
            count -= 1
        else:
            row += 1
    for row in range(count - 1):
        joined = _joined_down(joined, row)
    return tuple(sorted(joined, key=lambda cell: (cell.row, cell.column)))


def whole_labels(cells: Sequence[Cell], box: Rect) -> tuple[Cell, ...]:
    """Give a lone label in the middle of its row, above what it names, the whole row."""
    width = max((cell.column + cell.column_span for cell in cells), default=0)
    done = list(cells)
    for row in {cell.row for cell in cells}:
        own = _row(done, row)
        filled = [cell for cell in own if cell.lines]
        alone = len(filled) == 1 and sum(cell.column_span for cell in own) == width > 2
        if not alone or filled[0].column == 0 or any(cell.row_span > 1 for cell in own):
            continue
        label = union(line.box for line in filled[0].lines)
        off = abs((label[0] + label[2]) / 2 - (box[0] + box[2]) / 2)
        if off < _CENTRED * (box[2] - box[0]) and not _is_number(filled[0]):
            whole = replace(filled[0], column=0, column_span=width)
            done = [cell for cell in done if cell.row != row] + [whole]
    return tuple(sorted(done, key=lambda cell: (cell.row, cell.column)))


def _header_rows(cells: Sequence[Cell]) -> int:
    """Return how many leading rows are headers throughout."""
    body = [cell.row for cell in cells if not cell.header]
    last = min(body, default=max((cell.row for cell in cells), default=-1) + 1)
    return last


def label_rows(cells: Sequence[Cell]) -> int:
    """Count the leading rows of headers, and those without a number above a body of numbers."""
    count = _header_rows(cells)
    height = max((cell.row for cell in cells), default=-1) + 1
    limit = min(height - 1, count + _MAX_MORE_ROWS)
    while count < limit:
        row = [cell for cell in _row(cells, count) if cell.lines]
        values = [c for c in cells if c.row > count and c.column > 0 and c.lines]
        numbers = sum(map(_is_number, values))
        if len(row) < 2 or any(map(_is_number, row)) or numbers < _NUMBERS * len(values):
            break
        if not any(cell.column > 0 for cell in row):
            break
        count += 1
    return count


def _is_number(cell: Cell) -> bool:
    text = "".join(line.text for line in cell.lines)
    letters = sum(char.isalpha() for char in text)
    digits = sum(char.isdigit() for char in text)
    return text.strip() in _NOTHING or (digits > 0 and letters <= 2)


def _row(cells: Sequence[Cell], row: int) -> list[Cell]:
    return sorted((cell for cell in cells if cell.row == row), key=lambda cell: cell.column)


def _joined_across(cells: list[Cell], row: int) -> list[Cell]:
    """Give a label that runs over column lines one cell."""
    merged: list[Cell] = []
    for cell in _row(cells, row):
        last = merged[-1] if merged else None
        if last is not None and _continues(last, cell, _BLANK_SHARE * _gap(cells, cell)):
            merged[-1] = replace(
                last,
                column_span=last.column_span + cell.column_span,
                lines=rows([*last.lines, *cell.lines]),
            )
        else:
            merged.append(cell)
    return [cell for cell in cells if cell.row != row] + merged


def _gap(cells: Sequence[Cell], right: Cell) -> float:
    """Return the usual white between the column that a label stands over and the one before."""
    left_edges = {c.row: c.lines[0].box[0] for c in cells if c.column == right.column and c.lines}
    gaps = sorted(
        left_edges[c.row] - max(line.box[2] for line in c.lines)
        for c in cells
        if c.row > right.row and c.column + c.column_span == right.column
        if c.lines and c.row in left_edges
    )
    return gaps[len(gaps) // 2] if gaps else float("inf")


def _continues(left: Cell, right: Cell, limit: float) -> bool:
    """Say whether a line of the left cell goes on in the right one after no more than a blank."""
    if left.row_span != right.row_span or left.column + left.column_span != right.column:
        return False
    return any(goes_on(one, other, limit) for one in left.lines for other in right.lines)


def _is_one_row(cells: list[Cell], row: int) -> bool:
    """Say whether the labels of a row without spans all go on in the next row."""
    upper, lower = _row(cells, row), _row(cells, row + 1)
    plain: Callable[[Cell], bool] = lambda c: c.row_span == 1 and c.column_span == 1  # noqa: E731
    if len(upper) != len(lower) or not all(map(plain, [*upper, *lower])):
        return False
    pairs = [(one, other) for one, other in zip(upper, lower, strict=True) if one.lines]
    below = [(one, other) for one, other in pairs if other.lines]
    return bool(below) and all(_leads_to(one, other) for one, other in below)


def _leads_to(upper: Cell, lower: Cell) -> bool:
    last, first = upper.lines[-1], lower.lines[0]
    size = max(last.size_pt, first.size_pt, 1.0)
    same_type = min(last.size_pt, first.size_pt) > 0.85 * size
    return same_type and first.box[1] - last.box[3] < _LEADING_EM * size


def _with_next_row(cells: list[Cell], row: int) -> list[Cell]:
    below = {cell.column: cell for cell in _row(cells, row + 1)}
    merged: list[Cell] = []
    for cell in cells:
        if cell.row == row + 1:
            continue
        if cell.row == row:
            lines = (*cell.lines, *below[cell.column].lines)
            merged.append(replace(cell, lines=lines))
        elif cell.row > row:
            merged.append(replace(cell, row=cell.row - 1))
        elif cell.row + cell.row_span > row + 1:
            merged.append(replace(cell, row_span=cell.row_span - 1))
        else:
            merged.append(cell)
    return merged


def _joined_down(cells: list[Cell], row: int) -> list[Cell]:
    """Beside labels over several columns, a label of one column takes both rows."""
    upper = [cell for cell in cells if cell.row + cell.row_span - 1 == row]
    if all(cell.column_span == 1 for cell in upper):
        return cells
    below = {cell.column: cell for cell in _row(cells, row + 1)}
    gone: set[int] = set()
    merged: list[Cell] = []
    for cell in upper:
        other = below.get(cell.column)
        if other is not None and _is_one_label(cell, other):
            gone.add(other.column)
            span = cell.row_span + other.row_span
            merged.append(replace(cell, row_span=span, lines=(*cell.lines, *other.lines)))
        else:
            merged.append(cell)
    above = {id(cell) for cell in upper}
    rest = [c for c in cells if id(c) not in above and not (c.row == row + 1 and c.column in gone)]
    return rest + merged


def _is_one_label(upper: Cell, lower: Cell) -> bool:
    if upper.column_span != 1 or lower.column_span != 1 or not (upper.lines or lower.lines):
        return False
    return not (upper.lines and lower.lines) or _leads_to(upper, lower)
