"""List items: which rows open one, and how deep it is nested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocrx.parsing.list_ends import rows_of_item
from ocrx.parsing.paragraphs import is_verse
from ocrx.parsing.rows import Row
from ocrx.typesetting.hyphenation import HYPHENS
from ocrx.typesetting.markers import Marker, list_marker

MAX_DEPTH = 8
_LOOK_AHEAD = 60  # rows within which a list must go on to be one
_TOLERANCE_EM = 0.8
_COLUMN_EM = 12.0  # no single step of nesting is as wide as this


@dataclass(frozen=True, slots=True)
class Item:
    """One list item: its mark (None where none is printed) and its rows.

    ``after`` are the rows below it that left the list: a paragraph at the outer margin.
    """

    marker: Marker | None
    rows: tuple[Row, ...]
    after: tuple[Row, ...] = ()


def split_items(rows: Sequence[Row]) -> list[Item]:
    """Return the items of rows that the layout calls a list."""
    markers = opening_markers(rows)
    if not markers and len(rows) > 2 and is_verse(rows):
        return [Item(None, (row,)) for row in rows]
    starts = sorted({0, *markers})
    return [
        _item(markers.get(start), rows[start:end])
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)
        if rows
    ]


def _item(marker: Marker | None, rows: Sequence[Row]) -> Item:
    end = rows_of_item(marker, rows)
    return Item(marker, tuple(rows[:end]), tuple(rows[end:]))


def list_start(rows: Sequence[Row]) -> int | None:
    """Return the index of the row where a list starts in rows that the layout calls text.

    Bullets are evidence enough; dashes and numbers are when two of them stand in sequence from
    the first. None when there is no list.
    """
    for index, row in enumerate(rows):
        marker = list_marker(row.text)
        if marker is None:
            continue
        if marker.is_certain and (index == 0 or rows[index - 1].text[-1] not in HYPHENS):
            return index
        if marker.text != "\u2014" and marker.starts_list():
            later = opening_markers(rows[index : index + _LOOK_AHEAD])
            if len(later) > 1 and later[min(key for key in later if key)].follows(marker):
                return index
    return None


def opening_markers(rows: Sequence[Row]) -> dict[int, Marker]:
    """Return the indices of the rows that open an item, with their marks.

    A number in the middle of an item's text may stand at the start of a row: it opens an item
    only in sequence with an earlier mark, or as the first of a nested list.
    """
    opening: dict[int, Marker] = {}
    open_markers: list[tuple[float, Marker]] = []
    for index, row in enumerate(rows):
        marker = list_marker(row.text)
        if marker is None:
            continue
        if index and not _opens(row, marker, rows[index - 1], open_markers):
            continue
        opening[index] = marker
        open_markers = [pair for pair in open_markers if pair[0] < row.left - 0.5 * row.size]
        open_markers.append((row.left, marker))
    return opening


def _opens(row: Row, marker: Marker, before: Row, earlier: list[tuple[float, Marker]]) -> bool:
    if marker.is_certain:
        return True
    if before.text[-1] in HYPHENS:
        return False
    if any(marker.follows(other) for _, other in earlier):
        edge = max(left for left, other in earlier if marker.follows(other))
        return row.left <= edge + 2 * row.size
    if not earlier:
        return marker.starts_list()
    deeper = row.left > earlier[-1][0] + _TOLERANCE_EM * row.size
    return marker.starts_list() and deeper and before.text[-1] in ":;.,"


class Nesting:
    """Depth of list items along a page, from the left edge of each mark."""

    def __init__(self) -> None:
        """Start without any open list."""
        self._stack: list[tuple[float, Marker | None]] = []
        self._bottom = 0.0
        self._latest: Item | None = None

    def reset(self) -> None:
        """Forget the lists so far: a heading was passed."""
        self._stack = []
        self._latest = None

    @property
    def depth(self) -> int:
        """The depth of the latest item."""
        return max(0, len(self._stack) - 1)

    def goes_on(self, item: Item) -> bool:
        """Return whether an item without a mark is the rest of the one before.

        It stands right below a marked item, where that item's own words begin.
        """
        before = self._latest
        if before is None or item.marker or not before.marker:
            return False
        row, last = item.rows[0], before.rows[-1]
        below = 0 < row.middle - last.middle < 1.8 * row.size
        return below and 0.5 * row.size < row.left - before.rows[0].left < 4 * row.size

    def place(self, item: Item) -> int:
        """Return the item's depth from 0 and remember it."""
        row = item.rows[0]
        self._latest = item
        if self._stack and self._left_column(row):
            self._enter_column(row, item.marker)
        self._bottom = item.rows[-1].middle
        tolerance = _TOLERANCE_EM * row.size
        came_back = False
        while len(self._stack) > 1 and row.left < self._stack[-1][0] - tolerance:
            self._stack.pop()
            came_back = True
        if not self._stack or row.left > self._stack[-1][0] + tolerance:
            self._push(row.left, item.marker)
        else:
            self._level_with(row, item.marker, tolerance, came_back)
        return self.depth

    def _left_column(self, row: Row) -> bool:
        far_right = row.left > self._stack[-1][0] + _COLUMN_EM * row.size
        return far_right or row.middle < self._bottom - 2 * row.size

    def _enter_column(self, row: Row, marker: Marker | None) -> None:
        """Move the open lists to the new column, as deep as the list that goes on there."""
        for depth in range(len(self._stack) - 1, -1, -1):
            left, other = self._stack[depth]
            if marker and other and marker.follows(other):
                moved = row.left - left
                self._stack = [(edge + moved, mark) for edge, mark in self._stack[: depth + 1]]
                return
        self._stack = []

    def _level_with(
        self, row: Row, marker: Marker | None, tolerance: float, came_back: bool
    ) -> None:
        """Stand at the edge of an open item: beside it, unless the marks say below it."""
        for depth in range(len(self._stack) - 1, -1, -1):
            left, other = self._stack[depth]
            if abs(left - row.left) > tolerance:
                break
            if marker and other and marker.follows(other):
                self._stack[depth:] = [(row.left, marker)]
                return
        top = self._stack[-1][1]
        fresh = marker and marker.starts_list() and not came_back
        nested = fresh and top and top.is_number
        if nested and marker and top and marker.family != top.family:
            self._push(row.left, marker)
        else:
            self._stack[-1] = (min(row.left, self._stack[-1][0]), marker)

    def _push(self, left: float, marker: Marker | None) -> None:
        if len(self._stack) < MAX_DEPTH:
            self._stack.append((left, marker))
        else:
            self._stack[-1] = (left, marker)
