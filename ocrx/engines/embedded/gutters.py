"""From the detector's boxes to printed lines: cut at column gutters, broken lines mended, trimmed.

The detector runs over narrow gutters and breaks wide-set lines; both are put right on the ink
before anything is read. Boxes here are whole pixels: left, top, right, bottom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ocrx.engines.embedded.ink import Mask, gaps, inked_columns, inked_rows
from ocrx.engines.embedded.recogniser import Quads

WIDE_GAP = 0.9  # of the line's height: no blank between two words is so wide
NARROW_GAP = 0.45  # ... and this wide is a gutter when the lines around have it too
LONE_GAP = 2.0  # a gap that no line nearby shares, or after a bullet, must be this wide
NEIGHBOUR_REACH = 3.0  # line heights above and below in which a wide gap must be seen once more
BULLET_WIDTH = 2.0  # of the line's height: a bullet, a number, the index of a list item
REACH = 8.0  # line heights above and below in which a gutter must be seen
MIN_SUPPORT = 3  # other lines that leave the same gap free
SUPPORT_SHARE = 0.75  # of the lines around that have ink on both sides
TALL = 2.0  # a box so much taller than wide holds a vertical line
SAME_ROW = 0.6  # overlap of two heights, of the smaller one
COVERED = 0.7  # a box so far inside another is a second sighting


@dataclass(frozen=True, slots=True)
class LineBox:
    """One printed line: the trimmed box around its ink, and the rows that the detector gave it.

    ``top_px`` and ``bottom_px`` (the detector's, a little wider than the ink) suit reading.
    """

    left: int
    top: int
    right: int
    bottom: int
    top_px: int
    bottom_px: int
    vertical: bool = False

    @property
    def height(self) -> int:
        """Height of the line, between the ink's and the detector's, which is a third taller."""
        return max(self.bottom - self.top, round(0.75 * (self.bottom_px - self.top_px)), 1)


@dataclass(frozen=True, slots=True)
class _Gap:
    left: int
    right: int
    line: LineBox


def line_boxes(quads: Quads, ink: Mask) -> list[LineBox]:
    """Return the printed lines of a level picture, in no particular order.

    Args:
        quads: the detector's corners (n, 4, 2) in px.
        ink: map of the same picture (height, width).
    """
    found = [box for quad in quads if (box := _trimmed(*_bounds(quad, ink), ink)) is not None]
    found = _without_doubles(found)
    flat = [box for box in found if not box.vertical]
    candidates = [gap for box in flat for gap in _gaps_of(box, ink)]
    candidates += _gaps_between(flat)
    gutters = [gap for gap in candidates if _is_shared(gap, flat, candidates)]
    pieces = [piece for box in flat for piece in _cut(box, ink, gutters, candidates)]
    return _mended(pieces, gutters, ink) + [box for box in found if box.vertical]


def _bounds(quad: Quads, ink: Mask) -> tuple[int, int, int, int]:
    height, width = ink.shape
    left, top = np.floor(quad.min(axis=0)).astype(int)
    right, bottom = np.ceil(quad.max(axis=0)).astype(int)
    return max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))


def _trimmed(left: int, top: int, right: int, bottom: int, ink: Mask) -> LineBox | None:
    """Return the box around the ink inside these bounds, None when there is none."""
    patch = ink[top:bottom, left:right]
    vertical = bottom - top >= TALL * (right - left)
    rows = np.flatnonzero(patch.any(axis=1))
    if not len(rows):
        return None
    first, last = int(rows[0]), int(rows[-1]) + 1
    if not vertical:
        first, last = _main_band(inked_rows(patch), first, last)
    columns = np.flatnonzero(patch[first:last].any(axis=0))
    if not len(columns):
        return None
    return LineBox(
        left + int(columns[0]),
        top + first,
        left + int(columns[-1]) + 1,
        top + last,
        top,
        bottom,
        vertical,
    )


def _main_band(rows: Mask, first: int, last: int) -> tuple[int, int]:
    """Leave out slivers of the neighbouring lines: ink cut off from the middle at the very edge."""
    sliver = max(2, round(0.15 * len(rows)))
    inner = gaps(rows[first:last])
    if inner and first == 0 and inner[0][0] <= sliver:
        first += inner[0][1]
    if inner and last == len(rows) and last - first > sliver:
        tail = gaps(rows[first:last])
        if tail and (last - first) - tail[-1][1] <= sliver:
            last = first + tail[-1][0]
    return first, last


def _without_doubles(boxes: list[LineBox]) -> list[LineBox]:
    """Drop boxes that lie inside a larger one."""
    kept: list[LineBox] = []
    for box in sorted(boxes, key=lambda b: (b.right - b.left) * (b.bottom - b.top), reverse=True):
        area = (box.right - box.left) * (box.bottom - box.top)
        if not any(_common(box, other) > COVERED * area for other in kept):
            kept.append(box)
    return kept


def _common(a: LineBox, b: LineBox) -> int:
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(0, width) * max(0, height)


def _gaps_of(box: LineBox, ink: Mask) -> list[_Gap]:
    profile = inked_columns(ink[box.top : box.bottom, box.left : box.right])
    return [
        _Gap(box.left + start, box.left + end, box)
        for start, end in gaps(profile)
        if end - start >= NARROW_GAP * box.height
    ]


def _gaps_between(boxes: list[LineBox]) -> list[_Gap]:
    """Return the white between a box and the next one in its row."""
    found = []
    for box in boxes:
        after = [b for b in boxes if b.left >= box.right and _in_one_row(box, b)]
        if after:
            found.append(_Gap(box.right, min(b.left for b in after), box))
    return found


def _in_one_row(a: LineBox, b: LineBox) -> bool:
    overlap = min(a.bottom, b.bottom) - max(a.top, b.top)
    return overlap >= SAME_ROW * min(a.bottom - a.top, b.bottom - b.top)


def _is_shared(gap: _Gap, lines: list[LineBox], candidates: list[_Gap]) -> bool:
    """Tell whether the lines around leave the same columns free, as beside a gutter."""
    reach = REACH * gap.line.height
    near = [
        other
        for other in candidates
        if other.line is not gap.line and abs(other.line.top - gap.line.top) <= reach
    ]
    least = 0.5 * NARROW_GAP * gap.line.height
    support = {
        other.line.top
        for other in near
        if min(gap.right, other.right) - max(gap.left, other.left) >= least
    }
    middle = (gap.left + gap.right) / 2
    agreeing = {id(other.line) for other in near if other.left <= middle < other.right}
    against = sum(
        1
        for line in lines
        if line is not gap.line
        and abs(line.top - gap.line.top) <= reach
        and line.left < gap.left
        and line.right > gap.right
        and id(line) not in agreeing
    )
    return len(support) >= MIN_SUPPORT and len(support) >= SUPPORT_SHARE * (len(support) + against)


def _is_repeated(gap: _Gap, candidates: list[_Gap]) -> bool:
    """Tell whether a line nearby leaves some of the same columns free."""
    least = NARROW_GAP * gap.line.height
    return any(
        min(gap.right, other.right) - max(gap.left, other.left) >= least
        and 0 < abs(other.line.top - gap.line.top) <= NEIGHBOUR_REACH * gap.line.height
        for other in candidates
    )


def _cut(box: LineBox, ink: Mask, gutters: list[_Gap], candidates: list[_Gap]) -> list[LineBox]:
    """Cut one box at its gutters and wide gaps."""
    own = {(gap.left, gap.right) for gap in gutters if gap.line is box}
    pieces, left = [], box.left
    for gap in _gaps_of(box, ink):
        width, height = gap.right - gap.left, box.height
        shared = (gap.left, gap.right) in own
        bullet = gap.left - left < BULLET_WIDTH * height
        lone = bullet or not _is_repeated(gap, candidates)
        least = LONE_GAP if lone else WIDE_GAP
        if (shared and not bullet) or width >= least * height:
            pieces.append((left, gap.left))
            left = gap.right
    pieces.append((left, box.right))
    if len(pieces) == 1:
        return [box]
    cut = [_trimmed(a, box.top_px, b, box.bottom_px, ink) for a, b in pieces]
    return [replace(piece, vertical=False) for piece in cut if piece is not None]


def _mended(boxes: list[LineBox], gutters: list[_Gap], ink: Mask) -> list[LineBox]:
    """Join pieces of one printed line that stand no further apart than two words."""
    waiting = sorted(boxes, key=lambda b: b.left)
    joined: list[LineBox] = []
    while waiting:
        box = waiting.pop(0)
        partner = next((b for b in waiting if _belongs(box, b, gutters)), None)
        if partner is None:
            joined.append(box)
            continue
        waiting.remove(partner)
        waiting.insert(0, _union(box, partner))
    return joined


def _belongs(a: LineBox, b: LineBox, gutters: list[_Gap]) -> bool:
    height = min(a.height, b.height)
    distance = b.left - a.right
    if not -height <= distance < NARROW_GAP * height * 1.2 or not _in_one_row(a, b):
        return False
    if max(a.height, b.height) > 1.6 * height:
        return False
    middle = (a.right + b.left) / 2
    return not any(
        gap.left <= middle <= gap.right and abs(gap.line.top - a.top) <= REACH * height
        for gap in gutters
    )


def _union(a: LineBox, b: LineBox) -> LineBox:
    return LineBox(
        min(a.left, b.left),
        min(a.top, b.top),
        max(a.right, b.right),
        max(a.bottom, b.bottom),
        min(a.top_px, b.top_px),
        max(a.bottom_px, b.bottom_px),
    )
