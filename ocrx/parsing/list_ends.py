"""Where a list item ends although no mark follows: at a paragraph set below the list."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ocrx.parsing.paragraphs import ends_sentence, goes_on
from ocrx.parsing.rows import Row
from ocrx.typesetting.markers import Marker

_BACK_EM = 0.35  # a row this near to the mark's edge stands at the list's outer margin
_HANGS_EM = 0.6
_GAP = 1.25  # times the usual distance of two of the rows
_EARLY = 0.7  # of the rows' width: a row that ends before left much room, as a last one does


def rows_of_item(marker: Marker | None, rows: Sequence[Row]) -> int:
    """Return how many of the rows, the first with the mark, belong to the item.

    A sentence that begins at the outer margin below a hanging item is a paragraph. Bullets hang
    unless the item's own rows show otherwise; numbered paragraphs often come back to the margin,
    so there the item must have hung before, or a gap must stand between.
    """
    if marker is None:
        return len(rows)
    hanging = marker.is_bullet
    enough = rows[0].left + _EARLY * (max(row.right for row in rows) - rows[0].left)
    pitches = sorted(gap for a, b in pairwise(rows) if (gap := b.middle - a.middle) > 0)
    pitch = pitches[(len(pitches) - 1) // 2] if len(pitches) > 1 else None
    for index in range(1, len(rows)):
        before, row = rows[index - 1], rows[index]
        if row.middle <= before.middle or row.left > rows[0].left + _BACK_EM * row.size:
            hanging = hanging or row.left > rows[0].left + _HANGS_EM * row.size
            continue
        if goes_on(before, row) or not (ends_sentence(before) or before.right < enough):
            hanging = False
        elif hanging or (pitch and row.middle - before.middle > _GAP * pitch):
            return index
    return len(rows)
