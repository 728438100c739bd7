"""Regions of a page on their way: lines gathered into regions, rows rejoined, columns told apart.

Pure geometry on lines and boxes; which regions there are is the layout model's word
(``layout.py``), what comes first is ``reading_order.py``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.words import union
from ocrx.parsing.region_dialect import RegionClass

_STANDING = 2.0  # a line higher than this many sizes runs up or down the page
_MIN_COLUMN_LINES = 3
_MIN_COLUMN_FOOT = 2  # lines: the foot of one column beside most of another
_GUTTER_EM = 1.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its place in the grid, its lines."""

    row: int
    column: int
    row_span: int
    column_span: int
    header: bool
    lines: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """One region. ``rank`` is its place in the layout model's own order."""

    region_class: RegionClass
    box: Rect
    lines: tuple[TextLine, ...] = ()
    rank: float = 0.0
    cells: tuple[Cell, ...] = ()

    @property
    def size_pt(self) -> float:
        """The size of most of its characters; 0 without any."""
        weights: dict[float, int] = {}
        for line in self.lines:
            weights[line.size_pt] = weights.get(line.size_pt, 0) + len(line.text)
        return max(weights, key=lambda size: weights[size]) if weights else 0.0

    @property
    def characters(self) -> int:
        """How many characters its lines hold."""
        return sum(len(line.text) for line in self.lines)


def area(box: Rect) -> float:
    """Return the area; 0 for an empty box."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def shared_area(one: Rect, other: Rect) -> float:
    """Return the area that both boxes cover."""
    return area(
        (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    )


def is_standing(line: TextLine) -> bool:
    """Say whether a line of a horizontal script runs up or down the page (a stamp, an axis)."""
    height, width = line.box[3] - line.box[1], line.box[2] - line.box[0]
    return not line.vertical and height > _STANDING * max(line.size_pt, 1.0) and height > width


def rows(lines: Iterable[TextLine]) -> tuple[TextLine, ...]:
    """Return lines top to bottom, pieces of one printed line joined left to right.

    Vertical lines (Japanese, Chinese) come right to left.
    """
    lines = list(lines)
    vertical = [line for line in lines if line.vertical]
    vertical.sort(key=lambda line: (-round(line.box[2]), line.box[1]))
    standing = [line for line in lines if is_standing(line)]
    level = [line for line in lines if not line.vertical and not is_standing(line)]
    gathered: list[list[TextLine]] = []
    for line in sorted(level, key=lambda line: (line.box[1] + line.box[3], line.box[0])):
        row = next((row for row in reversed(gathered[-3:]) if _fits(row, line)), None)
        if row is None:
            gathered.append([line])
        else:
            row.append(line)
    gathered.sort(key=lambda row: _base(row))
    return (*map(join_row, gathered), *vertical, *standing)


def _base(row: Sequence[TextLine]) -> float:
    largest = max(row, key=lambda line: line.size_pt)
    return largest.box[3]


def _fits(row: Sequence[TextLine], line: TextLine) -> bool:
    """Say whether a line lies level with a row and beside, not upon, its pieces."""
    for other in row:
        shared = min(other.box[3], line.box[3]) - max(other.box[1], line.box[1])
        lower = min(other.box[3] - other.box[1], line.box[3] - line.box[1])
        if shared < 0.5 * lower:
            return False
        beside = min(other.box[2], line.box[2]) - max(other.box[0], line.box[0])
        if beside > 0.5 * min(other.size_pt, line.size_pt, line.box[2] - line.box[0]):
            return False
    return True


def join_row(row: Sequence[TextLine]) -> TextLine:
    """Make one line of the pieces of a row."""
    if len(row) == 1:
        return row[0]
    pieces = sorted(row, key=lambda line: line.box[0])
    main = max(pieces, key=lambda line: (len(line.text), line.size_pt))
    words = list(pieces[0].words)
    for before, after in pairwise(pieces):
        gap = after.box[0] - before.box[2]
        first, *rest = after.words
        first = replace(first, blank_before=gap > 0.15 * main.size_pt)
        raised = first.script == 0 and len(after.text) <= 6 and after.size_pt < 0.87 * main.size_pt
        if raised and after.box[3] < main.box[3] - 0.12 * main.size_pt:
            first, rest = replace(first, script=1), [replace(word, script=1) for word in rest]
        words += [first, *rest]
    scores = [line.confidence for line in pieces if line.confidence is not None]
    confidence = min(scores) if scores else None
    return TextLine(union(line.box for line in pieces), tuple(words), main.size_pt, confidence)


def columns(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Split lines at gutters that run through all of them: a region over two columns."""
    level = [line for line in lines if not line.vertical and not is_standing(line)]
    if len(level) < 2 * _MIN_COLUMN_LINES or len(level) < len(lines):
        return [list(lines)]
    size = sorted(line.size_pt for line in level)[len(level) // 2]
    edge, parts = float("-inf"), []
    for line in sorted(level, key=lambda line: line.box[0]):
        if line.box[0] > edge + _GUTTER_EM * size:
            parts.append([line])
        else:
            parts[-1].append(line)
        edge = max(edge, line.box[2])
    if len(parts) < 2 or max(map(len, parts)) < _MIN_COLUMN_LINES:
        return [list(lines)]
    if any(not _is_column(part, size) for part in parts):
        return [list(lines)]
    return parts


def _is_column(part: Sequence[TextLine], size: float) -> bool:
    """Say whether the lines are running text of their own and not labels beside it."""
    box = union(line.box for line in part)
    filled = sum(line.box[2] - line.box[0] for line in part) / len(part)
    enough = len(part) >= _MIN_COLUMN_FOOT and box[2] - box[0] > 8 * size
    return enough and filled > 0.55 * (box[2] - box[0])


def gather(lines: Sequence[TextLine], rank: float) -> list[Region]:
    """Make text regions of lines that no region holds: neighbours stay together."""
    groups: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: (line.box[1], line.box[0])):
        home = next((group for group in groups if any(_follows(o, line) for o in group[-4:])), None)
        if home is None:
            groups.append([line])
        else:
            home.append(line)
    return [
        Region(RegionClass.TEXT, union(line.box for line in group), rows(group), rank)
        for group in groups
    ]


def _follows(above: TextLine, below: TextLine) -> bool:
    """Say whether two lines are neighbours in one paragraph, or pieces of one row."""
    size = max(above.size_pt, below.size_pt, 1.0)
    if above.vertical != below.vertical or min(above.size_pt, below.size_pt) < 0.8 * size:
        return False
    across = min(above.box[2], below.box[2]) - max(above.box[0], below.box[0])
    down = min(above.box[3], below.box[3]) - max(above.box[1], below.box[1])
    if above.vertical:
        return down > 0 and -across < 1.2 * size
    return (across > 0 and -down < 0.7 * size) or (down > 0.5 * size and -across < 1.2 * size)
