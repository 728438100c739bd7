"""Lists that go on over a page: their items stand as deep as those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrx.document import Block, BlockKind, PageResult
from ocrx.typesetting.markers import Marker, list_marker

MAX_DEPTH = 8
_CLOSING = frozenset({BlockKind.TITLE, BlockKind.HEADING})


def level_continued_lists(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page with the depth of lists carried over page breaks.

    The first marked item of a page that goes on from an open list (``3.`` after ``2.``) moves,
    with the items after it, to that list's depth.
    """
    levelled: list[tuple[Block, ...]] = []
    open_items: dict[int, Marker] = {}
    for page in pages:
        blocks: list[Block] = []
        shift: int | None = None
        for block in page.blocks:
            if block.kind in _CLOSING:
                open_items, shift = {}, 0
            if block.kind is BlockKind.LIST_ITEM:
                marker = _marker(block)
                if shift is None and marker:
                    shift = _depth_of(marker, open_items, block.level) - block.level
                level = max(0, min(MAX_DEPTH, block.level + (shift or 0)))
                block = replace(block, level=level)
                if marker:
                    open_items = {depth: m for depth, m in open_items.items() if depth < level}
                    open_items[level] = marker
            blocks.append(block)
        levelled.append(tuple(blocks))
    return tuple(levelled)


def _marker(block: Block) -> Marker | None:
    return list_marker(f"{block.marker} x") if block.marker else None


def _depth_of(marker: Marker, open_items: dict[int, Marker], level: int) -> int:
    """Return the depth of the open list that the mark goes on from, else its own."""
    if marker.is_bullet and level not in open_items and not open_items:
        return level
    fitting = [depth for depth, other in open_items.items() if marker.follows(other)]
    if not fitting or level in fitting:
        return level
    return max(fitting)
