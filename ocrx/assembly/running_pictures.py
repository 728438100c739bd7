"""Pictures that stand at one place at the edge of page after page: logos, seals, ornaments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrx.assembly.running import EDGE
from ocrx.document import Block, BlockKind, BoundingBox, PageResult

_WINDOW = 3  # pages on each side: left and right pages may differ
_SAME = 0.012  # of the page: boxes that differ by less are one
_MAX_HEIGHT = 0.15


def name_running_pictures(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page, a picture that comes back at its place furniture.

    It comes back on two pages near by, or on the only other page of the document.
    """
    edges = [[b.bbox for b in page.blocks if _at_edge(b) and b.bbox] for page in pages]
    needed = min(2, len(pages) - 1)
    named: list[tuple[Block, ...]] = []
    for number, page in enumerate(pages):
        near = range(max(0, number - _WINDOW), min(len(pages), number + _WINDOW + 1))
        others = [edges[other] for other in near if other != number]
        blocks = tuple(
            _as_furniture(block)
            if block.kind is BlockKind.FIGURE and _comes_back(block, others, needed)
            else block
            for block in page.blocks
        )
        named.append(blocks)
    return tuple(named)


def _at_edge(block: Block) -> bool:
    """Whether it is a low picture, furniture or not yet, near the top or the bottom."""
    box = block.bbox
    if box is None or block.kind not in (
        BlockKind.FIGURE,
        BlockKind.PAGE_HEADER,
        BlockKind.PAGE_FOOTER,
    ):
        return False
    low = box.bottom - box.top < _MAX_HEIGHT
    return low and (box.top < EDGE or box.bottom > 1 - EDGE)


def _comes_back(block: Block, others: Sequence[Sequence[BoundingBox]], needed: int) -> bool:
    if needed < 1 or block.bbox is None or not _at_edge(block):
        return False
    box = block.bbox
    return sum(any(_same_place(box, other) for other in held) for held in others) >= needed


def _same_place(one: BoundingBox, other: BoundingBox) -> bool:
    edges = zip(
        (one.left, one.top, one.right, one.bottom),
        (other.left, other.top, other.right, other.bottom),
        strict=True,
    )
    return all(abs(a - b) < _SAME for a, b in edges)


def _as_furniture(block: Block) -> Block:
    at_top = block.bbox is not None and block.bbox.top < EDGE
    return replace(block, kind=BlockKind.PAGE_HEADER if at_top else BlockKind.PAGE_FOOTER)
