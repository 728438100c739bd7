"""Footnotes: which rows open one."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.parsing.lists import Item
from ocrx.parsing.rows import Row
from ocrx.typesetting.markers import Marker, footnote_marker


def split_notes(rows: Sequence[Row]) -> list[Item]:
    """Return the notes of a footnote region; the first may be the rest of an earlier note."""
    notes: list[Item] = []
    held: list[Row] = []
    marker: Marker | None = None
    latest: Marker | None = None
    for row in rows:
        found = footnote_marker(row.spans)
        if found and (not held or _opens(found, latest, row, held[0])):
            if held:
                notes.append(Item(marker, tuple(held)))
            held, marker, latest = [row], found, found
        else:
            held.append(row)
    if held:
        notes.append(Item(marker, tuple(held)))
    return notes


def _opens(found: Marker, latest: Marker | None, row: Row, first: Row) -> bool:
    """A raised mark or a sign opens a note; a number only in sequence and at the edge."""
    if found.family == "super" or not found.values:
        return True
    if row.left > first.left + 2 * row.size:
        return False
    return latest is None or not latest.values or found.values[0] == latest.values[0] + 1
