"""Rows told apart by their numbers: entries of several lines, rows cut in two or taken as one.

A number stands in one line. Where a table has columns of nothing but numbers, each level of these
is a row, and what stands on other levels (an entry's further lines, a label of a group of rows)
belongs to the row above or below, whichever is nearer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocrx.engines.embedded.layout_regions import Cell, rows
from ocrx.engines.embedded.lines import TextLine

_NUMBER = re.compile(
    r"[-+\u2010-\u2015\u2212~<>\u2264\u2265=$\u20ac\u00a3\u00a5]?\s?\d[\d.,'\u2019\s]*%?[*\u2020\u2021a-c]{0,3}"
)
_MIN_NUMBERS = 3
_NUMBERS = 0.85  # of the filled lines of a column: it is one of numbers
_SAME_LEVEL = 0.4  # of the type's size
_WIDER = 1.12  # of the gaps within an entry: the gap between two rows
_ROW_PITCH = 0.85  # of the distance of two rows: a label so far from both is a row of its own
_INDENT_EM = 0.8
_FULL = 0.7  # of the widest label: a shorter one does not go on in the next line


def whole_rows(cells: Sequence[Cell]) -> list[Cell]:
    """Set the rows of the body anew where columns of numbers tell where they are."""
    done = list(cells)
    first = _first_body_row(done)
    body = [cell for cell in done if cell.row >= first]
    if first and _swallows(done, first, _numeric_columns(body)):
        first, body = 0, [replace(c, header=c.header and c.row >= first) for c in done]
    if not body or any(cell.row_span > 1 for cell in body):
        return done
    numeric = _numeric_columns(body)
    levels = _levels(body)
    numbered = [_is_anchor(level, numeric) for level in levels]
    if sum(numbered) < _MIN_NUMBERS:
        return done
    anchors = _with_unnumbered(levels, numbered)
    if not _is_doubtful(levels, anchors):
        return done
    starts = _starts(levels, anchors, first == 0)
    fresh = _rebuilt(body, levels, starts, first)
    heads = anchors.index(True) if not any(cell.row < first for cell in done) else 0
    if heads and starts[: heads + 1].count(True) > 1:
        last = sum(starts[:heads])
        fresh = [replace(c, header=c.header or c.row < first + last) for c in fresh]
    return [cell for cell in done if cell.row < first] + fresh


def _swallows(cells: Sequence[Cell], first: int, numeric: set[int]) -> bool:
    """Say whether the header holds the first row, too: a label with a number below it."""
    heads = [c for c in cells if c.row < first and c.column in numeric and len(c.lines) > 1]
    found = [c for c in heads if is_number(c.lines[-1].text) and not is_number(c.lines[0].text)]
    return len(found) == len(numeric) > 0


class _Level(list[tuple[Cell, TextLine]]):
    """The pieces of text that stand on one level, each with the cell that held it."""

    @property
    def top(self) -> float:
        return min(line.box[1] for _, line in self)

    @property
    def base(self) -> float:
        return max((line for _, line in self), key=lambda line: line.size_pt).box[3]

    @property
    def columns(self) -> set[int]:
        return {cell.column for cell, _ in self}


def is_number(text: str) -> bool:
    """Say whether a text is one number, whole."""
    return _NUMBER.fullmatch(text.strip()) is not None


def _first_body_row(cells: Sequence[Cell]) -> int:
    first = 0
    for row in range(max((cell.row for cell in cells), default=-1) + 1):
        own = [cell for cell in cells if cell.row <= row < cell.row + cell.row_span]
        if not own or not all(cell.header for cell in own):
            break
        first = row + 1
    return first


def _numeric_columns(body: Sequence[Cell]) -> set[int]:
    found = set()
    for column in {cell.column for cell in body if cell.column > 0}:
        lines = [c.lines for c in body if c.column == column and c.column_span == 1]
        texts = [line.text for own in lines for line in own]
        numbers = sum(map(is_number, texts))
        if numbers >= max(_MIN_NUMBERS, _NUMBERS * (len(texts) - 1)):
            found.add(column)
    return found


def _levels(body: Sequence[Cell]) -> list[_Level]:
    levels: list[_Level] = []
    pieces = [(cell, line) for cell in body for line in cell.lines]
    for cell, line in sorted(pieces, key=lambda piece: piece[1].box[3]):
        size = max(line.size_pt, 4.0)
        last = levels[-1] if levels else None
        if last is not None and abs(line.box[3] - last[0][1].box[3]) < _SAME_LEVEL * size:
            last.append((cell, line))
        else:
            levels.append(_Level([(cell, line)]))
    return levels


def _is_anchor(level: _Level, numeric: set[int]) -> bool:
    return any(c.column in numeric and is_number(line.text) for c, line in level)


def _with_unnumbered(levels: list[_Level], anchors: list[bool]) -> list[bool]:
    """Add the fullest level of each row that has no number, but more than a label or a remnant."""
    rows_of: dict[int, list[int]] = {}
    for index, level in enumerate(levels):
        for row in {cell.row for cell, _ in level}:
            rows_of.setdefault(row, []).append(index)
    done = list(anchors)
    for held in rows_of.values():
        columns = set().union(*(levels[index].columns for index in held))
        if 0 in columns and len(columns) > 1 and not any(anchors[index] for index in held):
            done[max(held, key=lambda index: len(levels[index].columns))] = True
    return done


def _is_doubtful(levels: list[_Level], anchors: list[bool]) -> bool:
    """Say whether there are levels without a number that are not rows of their own."""
    held = [
        cell.row
        for level, anchor in zip(levels, anchors, strict=True)
        if anchor
        for cell in {id(cell): cell for cell, _ in level}.values()
    ]
    alone = [_stands_alone(levels, index) for index in range(len(levels))]
    per_level = [{c.row for c, _ in level} for level, a in zip(levels, anchors, strict=True) if a]
    shared = sum(map(len, per_level)) != len(set(held))
    return shared or not all(a or own for a, own in zip(anchors, alone, strict=True))


def _starts(levels: list[_Level], anchors: list[bool], headless: bool) -> list[bool]:
    """Say for each level whether a row starts there; ``headless``: the first ones are a header."""
    starts = [False] * len(levels)
    starts[0] = True
    places = [index for index, anchor in enumerate(anchors) if anchor]
    pitches = sorted(levels[b].base - levels[a].base for a, b in pairwise(places) if b == a + 1)
    pitch = pitches[len(pitches) // 2] if pitches else 0.0
    labelled = any(_stands_alone(levels, index) for index in range(len(levels)))
    for before, after in pairwise([-1, *places]):
        if before < 0:
            lone = [i for i in range(after) if _is_label_row(levels, i, pitch, labelled)]
            if lone:
                starts[lone[-1] + 1] = True
            elif after and headless:
                starts[_cut(levels, 0, after)] = True
            continue
        lone = [
            index
            for index in range(before + 1, after)
            if _is_label_row(levels, index, pitch, labelled)
        ]
        if lone:
            starts[lone[0]] = starts[lone[-1] + 1] = True
        else:
            starts[_cut(levels, before, after)] = True
    return starts


def _is_own_row(levels: list[_Level], index: int) -> bool:
    """Say whether a level is a row of the grid, all of it, with an entry in the first column."""
    own = {cell.row for cell, _ in levels[index]}
    others = {c.row for i, level in enumerate(levels) if i != index for c, _ in level}
    return 0 in levels[index].columns and len(own) == 1 and not own & others


def _stands_alone(levels: list[_Level], index: int) -> bool:
    """Say whether a level is a row of the grid with nothing but a label in its first column."""
    return levels[index].columns == {0} and _is_own_row(levels, index)


def _is_label_row(levels: list[_Level], index: int, pitch: float, labelled: bool) -> bool:
    """Say whether a level holds nothing but a label of the rows below it."""
    if levels[index].columns != {0} or index == 0:
        return _stands_alone(levels, index)
    level, above, below = levels[index], levels[index - 1], levels[index + 1]
    if _is_own_row(levels, index):
        return True
    (cell, line), *_ = level
    inset = [own.box[0] for c, own in below if c.column == 0]
    indented = bool(inset) and inset[0] > line.box[0] + _INDENT_EM * line.size_pt
    apart = min(level.base - above.base, below.base - level.base)
    if not inset or apart < _ROW_PITCH * pitch:
        return False
    widths = [own.box[2] - own.box[0] for near in levels for c, own in near if c.column == 0]
    led = max((own.box[2] - own.box[0] for c, own in above if c.column == 0), default=0.0)
    leads = cell.row in {c.row for c, _ in below}
    return indented or (labelled and (leads or led < _FULL * max(widths)))


def _cut(levels: list[_Level], before: int, after: int) -> int:
    """Return the level after ``before`` where the widest gap ends; the last one of equals."""
    gaps = [levels[i].base - levels[i - 1].base for i in range(before + 1, after + 1)]
    best = len(gaps) - 1
    for index in range(len(gaps) - 2, -1, -1):
        if gaps[index] > _WIDER * gaps[best]:
            best = index
    return before + 1 + best


def _rebuilt(
    body: Sequence[Cell], levels: list[_Level], starts: list[bool], first: int
) -> list[Cell]:
    width = max(cell.column + cell.column_span for cell in body)
    row = first - 1
    lines: dict[tuple[int, int], list[TextLine]] = {}
    spans: dict[tuple[int, int], int] = {}
    heads: set[tuple[int, int]] = set()
    for level, start in zip(levels, starts, strict=True):
        row += start
        for cell, line in level:
            place = (row, cell.column)
            lines.setdefault(place, []).append(line)
            spans[place] = max(spans.get(place, 1), cell.column_span)
            heads |= {place} if cell.header else set()
    fresh: list[Cell] = []
    for number in range(first, row + 1):
        column = 0
        while column < width:
            place = (number, column)
            span = spans.get(place, 1)
            while span > 1 and any((number, column + i) in lines for i in range(1, span)):
                span -= 1
            fresh.append(Cell(number, column, 1, span, place in heads, rows(lines.get(place, ()))))
            column += span
    return fresh
