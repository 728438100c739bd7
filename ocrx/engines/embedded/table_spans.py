"""Cells over several rows: where a rule stops short of a column, and labels in the middle of rows.

A rule between two rows that runs under some columns only says that the others' cells go on. Where
no rule says so, labels that all stand in the middle of the rows they name show it by their places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ocrx.engines.embedded.layout_regions import Cell, rows
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.words import union

Segment = tuple[float, float, float, float]
_COVERED = 0.6  # of a column's text: a rule runs above or below it
_THIN_PT = 3.0
_LEADING_EM = 0.5
_MIN_PARTIAL = 2  # rules that stop short, in a table's body: one alone may sum a column up
_OFF_CENTRE = 0.4  # of a row's height: a label is in the middle of its rows up to this


def level_rules(page: Any) -> list[Segment]:
    """Return the level strokes that a page draws, thin boxes and edges of drawn frames too."""
    found: list[Segment] = []
    for path in page.get_cdrawings():
        stroked = "s" in path["type"]
        for item in path["items"]:
            if item[0] == "l":
                (x0, y0), (x1, y1) = item[1], item[2]
                if abs(y1 - y0) < 1.0 < abs(x1 - x0):
                    found.append((min(x0, x1), y0, max(x0, x1), y1))
            elif item[0] == "re":
                left, top, right, bottom = item[1][:4]
                if abs(bottom - top) < _THIN_PT:
                    found.append((left, (top + bottom) / 2, right, (top + bottom) / 2))
                elif stroked:
                    found += [(left, top, right, top), (left, bottom, right, bottom)]
    return found


def with_row_spans(cells: Sequence[Cell], rules: Sequence[Segment]) -> list[Cell]:
    """Join cells of one column that rules, or the places of their labels, show to be one."""
    done = list(cells)
    columns = text_columns(done)
    heights = _row_places(done)
    heads = _header_rows(done)
    bound = [r for r in range(len(heights) - 1) if heights[r] is not None and heights[r + 1]]
    partial = {row: open_ for row in bound if (open_ := _open(columns, heights, row, rules))}
    body = [row for row in partial if row >= heads]
    kept = {r: c for r, c in partial.items() if r < heads - 1 or len(body) >= _MIN_PARTIAL}
    fresh = _joined(done, kept, heads)
    return _centred(fresh, heads) if len(fresh) == len(done) else fresh


def text_columns(cells: Sequence[Cell]) -> dict[int, tuple[float, float]]:
    """Return for each column how far its text reaches, cells over several columns left out."""
    found: dict[int, list[Rect]] = {}
    for cell in cells:
        if cell.column_span == 1:
            found.setdefault(cell.column, []).extend(line.box for line in cell.lines)
    boxes = {column: union(own) for column, own in found.items() if own}
    return {column: (box[0], box[2]) for column, box in boxes.items()}


def _header_rows(cells: Sequence[Cell]) -> int:
    body = [cell.row for cell in cells if not cell.header]
    return min(body, default=0)


def _row_places(cells: Sequence[Cell]) -> list[tuple[float, float] | None]:
    """Return top and bottom of each row's text, by the middle one of its cells."""
    height = max((cell.row + cell.row_span for cell in cells), default=0)
    found: list[tuple[float, float] | None] = []
    for row in range(height):
        own = [union(x.box for x in c.lines) for c in cells if c.row == row and c.lines]
        single = [
            union(x.box for x in c.lines)
            for c in cells
            if c.row == row and c.lines and c.row_span == 1 and c.column > 0
        ] or own
        if not single:
            found.append(None)
            continue
        single.sort(key=lambda box: box[1] + box[3])
        middle = single[len(single) // 2]
        found.append((middle[1], middle[3]))
    return found


def _open(
    columns: dict[int, tuple[float, float]],
    heights: Sequence[tuple[float, float] | None],
    row: int,
    rules: Sequence[Segment],
) -> set[int]:
    """Return the columns without a rule below a row, where other columns have one."""
    upper, lower = heights[row], heights[row + 1]
    if upper is None or lower is None:
        return set()
    top, bottom = (upper[0] + upper[1]) / 2, (lower[0] + lower[1]) / 2
    between = [rule for rule in rules if top < rule[1] < bottom]
    free = {column for column, span in columns.items() if not is_covered(span, between)}
    return free if between and len(free) < len(columns) else set()


def is_covered(span: tuple[float, float], rules: Sequence[Segment]) -> bool:
    """Say whether a rule runs along most of a stretch."""
    width = max(span[1] - span[0], 1.0)
    along = (min(span[1], rule[2]) - max(span[0], rule[0]) for rule in rules)
    return sum(max(0.0, part) for part in along) > _COVERED * width


def _joined(cells: list[Cell], partial: dict[int, set[int]], heads: int) -> list[Cell]:
    done = list(cells)
    for column in sorted({column for open_ in partial.values() for column in open_}):
        chain: list[Cell] = []
        own = sorted((c for c in done if c.column == column), key=lambda cell: cell.row)
        for cell in [*own, None]:
            if chain and cell is not None and _goes_down(chain[-1], cell, partial, heads):
                chain.append(cell)
                continue
            if len(chain) > 1:
                done = _as_one(done, chain)
            chain = [cell] if cell is not None else []
    return done


def _goes_down(upper: Cell, lower: Cell, partial: dict[int, set[int]], heads: int) -> bool:
    row = upper.row + upper.row_span - 1
    if lower.row != row + 1 or (row < heads <= lower.row):
        return False
    one = range(upper.column, upper.column + upper.column_span)
    same = upper.column_span == lower.column_span
    return same and all(column in partial.get(row, ()) for column in one)


def _as_one(cells: list[Cell], chain: Sequence[Cell]) -> list[Cell]:
    """Join a chain of header or stub cells unless it holds several texts, or in the body none."""
    filled = [cell for cell in chain if cell.lines]
    if any(not _leads_to(a.lines[-1], b.lines[0]) for a, b in pairwise(filled)):
        return cells
    if not chain[0].header and (chain[0].column > 0 or not filled):
        return cells
    span = sum(cell.row_span for cell in chain)
    lines = tuple(line for cell in filled for line in cell.lines)
    gone = {id(cell) for cell in chain}
    whole = replace(chain[0], row_span=span, lines=rows(lines))
    return [*(cell for cell in cells if id(cell) not in gone), whole]


def _leads_to(upper: TextLine, lower: TextLine) -> bool:
    size = max(upper.size_pt, lower.size_pt, 1.0)
    return lower.box[1] - upper.box[3] < _LEADING_EM * size


def _centred(cells: list[Cell], heads: int) -> list[Cell]:
    """Give labels that all stand in the middle of rows those rows, if it comes out even."""
    stub = sorted((c for c in cells if c.column == 0 and c.row >= heads), key=lambda c: c.row)
    if not stub or stub[0].row != heads or any(c.row_span > 1 or c.column_span > 1 for c in stub):
        return cells
    labels = [cell for cell in stub if cell.lines]
    if len(labels) < 2 or len(labels) == len(stub):
        return cells
    places = _row_places([c for c in cells if c.column > 0])
    middles = [(p[0] + p[1]) / 2 for p in places[heads:] if p is not None]
    if len(middles) != len(stub) or any(b <= a for a, b in pairwise(middles)):
        return cells
    pitch = (middles[-1] - middles[0]) / (len(middles) - 1)
    spans: list[tuple[int, int]] = []
    start = 0
    for cell in labels:
        box = union(line.box for line in cell.lines)
        wanted = (box[1] + box[3]) / 2
        ends = range(start, len(middles))
        if not ends:
            return cells
        end = min(ends, key=lambda e: abs((middles[start] + middles[e]) / 2 - wanted))
        if abs((middles[start] + middles[end]) / 2 - wanted) > _OFF_CENTRE * pitch:
            return cells
        spans.append((start, end))
        start = end + 1
    if start != len(middles):
        return cells
    whole = [
        replace(cell, row=heads + first, row_span=last - first + 1)
        for cell, (first, last) in zip(labels, spans, strict=True)
    ]
    gone = {id(cell) for cell in stub}
    return [*(cell for cell in cells if id(cell) not in gone), *whole]
