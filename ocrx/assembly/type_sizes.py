"""The sizes of type in a document: what is body text, and which sizes are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ocrx.document import Block, BlockKind, PageResult, Route

LAYER_TOLERANCE = 1.06  # a text layer's sizes are exact; 12 and 11 pt are two sizes
PIXEL_TOLERANCE = 1.12  # sizes by the width of a line depend on its letters
_COUNTED = frozenset(BlockKind) - {BlockKind.TABLE, BlockKind.FIGURE, BlockKind.FORMULA}


def body_size(pages: Sequence[PageResult]) -> float | None:
    """Return the size in points that most characters are set in, None when no size is known.

    Counted over all kinds of text, so that the answer does not change when a kind does.
    """
    characters: Counter[float] = Counter()
    for page in pages:
        for block in page.blocks:
            if block.size_pt and block.kind in _COUNTED:
                characters[round(2 * block.size_pt) / 2] += len(block.text)
    if not characters:
        return None
    return max(characters, key=lambda size: (characters[size], -size))


def size_tolerance(pages: Sequence[PageResult]) -> float:
    """Return the ratio up to which two measured sizes may be one: coarser when pixels were read."""
    routes = {page.provenance.route for page in pages if page.blocks}
    return LAYER_TOLERANCE if routes <= {Route.TEXT_LAYER} else PIXEL_TOLERANCE


def size_ranks(sizes: Iterable[float], tolerance: float) -> dict[float, int]:
    """Return a rank for each size, 0 for the largest; sizes within the tolerance share one."""
    ranks: dict[float, int] = {}
    anchor, rank = 0.0, -1
    for size in sorted(set(sizes), reverse=True):
        if rank < 0 or size * tolerance < anchor:
            anchor, rank = size, rank + 1
        ranks[size] = rank
    return ranks


def is_bold(block: Block) -> bool:
    """Return whether most letters of the block are bold."""
    total = sum(len(span.text) for span in block.spans)
    bold = sum(len(span.text) for span in block.spans if span.bold)
    return total > 0 and 2 * bold > total


def in_capitals(text: str) -> bool:
    """Return whether the text is set in capitals."""
    return len(text) > 3 and text.upper() == text and text.lower() != text


def same_size(one: Block, other: Block) -> bool:
    """Return whether two blocks are set in one size, as far as sizes are known."""
    if not one.size_pt or not other.size_pt:
        return True
    larger, smaller = max(one.size_pt, other.size_pt), min(one.size_pt, other.size_pt)
    return larger <= smaller * 1.2
