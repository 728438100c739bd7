"""Which caption belongs to which figure or table of its page."""

from __future__ import annotations

import re

from ocrx.document import BlockKind
from ocrx.writers.entries import Entry

_TABLE_WORD = re.compile(r"\s*(table|tab\.|tabelle|tableau|tabla|tabella|表)", re.IGNORECASE)
_FIGURE_WORD = re.compile(
    r"\s*(fig|figure|abb|abbildung|figura|image|photo|plate|chart|scheme|图|圖|図)", re.IGNORECASE
)
_NEAR = 0.06  # of the page's height
_CAPTIONED = (BlockKind.FIGURE, BlockKind.TABLE)


def pair_captions(entries: list[Entry]) -> list[Entry]:
    """Return the entries without the captions that now hang on a figure or table.

    A caption belongs to a neighbour in reading order: the one that its first word names, else the
    nearer one on the page, else the one before; failing that, to what it names and touches on the
    page. Captions that say what they describe choose first; each figure and table takes one.
    """
    captions = [index for index, entry in enumerate(entries) if entry.kind is BlockKind.CAPTION]
    paired: set[int] = set()
    for find, sure in ((_neighbour, True), (_neighbour, False), (_near, True)):
        for index in captions:
            if index in paired or _names_kind(entries[index]) is not sure:
                continue
            owner = find(entries, index)
            if owner is not None:
                owner.caption = entries[index]
                paired.add(index)
    return [entry for index, entry in enumerate(entries) if index not in paired]


def _names_kind(caption: Entry) -> bool:
    return _named_kind(caption) is not None


def _named_kind(caption: Entry) -> BlockKind | None:
    text = caption.block.text
    if _TABLE_WORD.match(text):
        return BlockKind.TABLE
    return BlockKind.FIGURE if _FIGURE_WORD.match(text) else None


def _near(entries: list[Entry], index: int) -> Entry | None:
    """Return what the caption names right above or below it, read at another time."""
    named = _named_kind(entries[index])
    fitting = [
        entry
        for entry in entries
        if entry.kind is named and entry.caption is None and _stand_together(entry, entries[index])
    ]
    return min(fitting, key=lambda entry: _gap(entry, entries[index]), default=None)


def _stand_together(one: Entry, other: Entry) -> bool:
    a, b = one.block.bbox, other.block.bbox
    if a is None or b is None:
        return False
    return min(a.right, b.right) > max(a.left, b.left) and _gap(one, other) < _NEAR


def _neighbour(entries: list[Entry], index: int) -> Entry | None:
    neighbours = [entries[at] for at in (index - 1, index + 1) if 0 <= at < len(entries)]
    free = [entry for entry in neighbours if entry.kind in _CAPTIONED and entry.caption is None]
    named = _named_kind(entries[index])
    fitting = [entry for entry in free if entry.kind is named]
    # A table may have been taken for a figure or the other way round: any neighbour will do then.
    candidates = fitting or free
    return min(candidates, key=lambda entry: _gap(entry, entries[index]), default=None)


def _gap(one: Entry, other: Entry) -> float:
    """Return the empty height between two blocks, as a share of the page."""
    a, b = one.block.bbox, other.block.bbox
    if a is None or b is None:
        return 0.0
    return max(a.top - b.bottom, b.top - a.bottom, 0.0)
