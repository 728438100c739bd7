"""Where a list item ends although no mark follows: at a paragraph set below the list."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ocrx.markers import Marker
from ocrx.parsing.paragraphs import ends_sentence, goes_on
from ocrx.parsing.rows import Row

_BACK_EM = 0.35  # a row this near to the mark's edge stands at the list's outer margin
_HANGS_EM = 0.6
_GAP = 1.25  # times the item's own pitch


def rows_of_item(marker: Marker | None, rows: Sequence[Row]) -> int:
    """Return how many of the rows, the first with the mark, belong to the item.

    A sentence that begins at the outer margin below a hanging item is a paragraph. Bullets hang
    unless the item's own rows show otherwise; numbered paragraphs often come back to the margin,
    so there the item must have hung before, or a gap must stand between.
    """
    if marker is None:
        return len(rows)
    hanging = marker.is_bullet
    for index in range(1, len(rows)):
        before, row = rows[index - 1], rows[index]
        if row.middle <= before.middle or row.left > rows[0].left + _BACK_EM * row.size:
            hanging = hanging or row.left > rows[0].left + _HANGS_EM * row.size
            continue
        if goes_on(before, row) or not (ends_sentence(before) or _ends_early(rows, index)):
            hanging = False
        elif hanging or _stands_off(rows, index):
            return index
    return len(rows)


def _ends_early(rows: Sequence[Row], index: int) -> bool:
    """Whether the row before leaves much room, as a last row does."""
    left, right = rows[0].left, max(row.right for row in rows)
    return rows[index - 1].right - left < 0.7 * (right - left)


def _stands_off(rows: Sequence[Row], index: int) -> bool:
    """Whether a gap stands above the row, measured against the pitch of the others."""
    gap = rows[index].middle - rows[index - 1].middle
    others = [b.middle - a.middle for at, (a, b) in enumerate(pairwise(rows), 1) if at != index]
    pitches = sorted(pitch for pitch in others if pitch > 0)
    return bool(pitches) and gap > _GAP * pitches[len(pitches) // 2]
