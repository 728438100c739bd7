"""Running heads, feet and page numbers: what stands at one place on page after page.

The layout sees one page at a time and errs both ways; repetition tells. A line at the edge of a
page that comes back on neighbouring pages is furniture whatever it was called; a "header" that
stands on one page alone and looks like a heading or a passage belongs to the body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Indel

from ocrx.assembly.numbering import numbering_depth
from ocrx.assembly.type_sizes import body_size, is_bold, same_size
from ocrx.document import Block, BlockKind, PageResult
from ocrx.typesetting.page_numbers import is_page_number, page_number

EDGE = 0.14  # of the page's height: furniture stands above or below
_FURNITURE = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.PAGE_NUMBER})
_TEXT = frozenset(
    {
        BlockKind.PARAGRAPH,
        BlockKind.HEADING,
        BlockKind.TITLE,
        BlockKind.LIST_ITEM,
        BlockKind.FOOTNOTE,
    }
)
_MAX_CHARACTERS = 320  # a foot may cite its whole article
_WINDOW = 4  # pages on each side: left and right heads alternate, chapters begin without one
_SAME_HEIGHT = 0.02
_SIMILAR = 0.85
_MAX_EDGE_BLOCKS = 6
_PASSAGE_CHARACTERS = 150
_TITLE_SIZES = (1.25, 3.2)  # times the body's; larger than that is a logo


@dataclass(frozen=True, slots=True)
class _Edge:
    """A block at the top or bottom edge of a page; ``key`` is empty where it is no single line."""

    index: int
    block: Block
    key: str
    middle: float
    at_top: bool


def name_running_heads(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page with furniture and body told apart."""
    edges = [_edges(page.blocks) for page in pages]
    body = body_size(pages)
    named: list[tuple[Block, ...]] = []
    for number, page in enumerate(pages):
        blocks = list(page.blocks)
        repeated = {
            edge.index: edge
            for edge in edges[number]
            if _repeats(edge, number, edges) or _counts_pages(edge, number, edges)
        }
        for at_top in (True, False):
            for edge in _outermost(edges[number], repeated, at_top):
                blocks[edge.index] = _as_furniture(edge)
        for index, block in enumerate(blocks):
            if block.kind in _FURNITURE and index not in repeated:
                blocks[index] = _as_body(block, body, number, page.blocks)
        named.append(tuple(blocks))
    if not any(_has_body(blocks) for blocks in named):  # labels, tickets: all pages say the same
        return tuple(tuple(_spared(block) for block in page.blocks) for page in pages)
    return tuple(named)


def _has_body(blocks: Sequence[Block]) -> bool:
    return any(block.kind not in _FURNITURE for block in blocks)


def _spared(block: Block) -> Block:
    """Return furniture as body: no document with words comes out empty."""
    if block.kind in (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER):
        return replace(block, kind=BlockKind.PARAGRAPH)
    return block


def _edges(blocks: Sequence[Block]) -> list[_Edge]:
    """Return the blocks near the top from the top, then those near the bottom from the bottom."""
    found: list[_Edge] = []
    for index, block in enumerate(blocks):
        if block.bbox is None or (block.kind not in _TEXT and block.kind not in _FURNITURE):
            continue
        text = block.text.strip()
        if not text:
            continue
        at_top = block.bbox.bottom <= EDGE
        if at_top or block.bbox.top >= 1 - EDGE:
            middle = (block.bbox.top + block.bbox.bottom) / 2
            long = len(text) > _MAX_CHARACTERS or "\n" in text
            found.append(_Edge(index, block, "" if long else _key(text), middle, at_top))
    top = sorted((e for e in found if e.at_top), key=lambda e: e.middle)[:_MAX_EDGE_BLOCKS]
    bottom = sorted((e for e in found if not e.at_top), key=lambda e: -e.middle)
    return top + bottom[:_MAX_EDGE_BLOCKS]


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s+", " ", text.casefold()))


def _repeats(edge: _Edge, number: int, edges: Sequence[list[_Edge]]) -> bool:
    """Whether it comes back near by: twice, or once when the layout calls both furniture."""
    matches = 0
    for other in range(max(0, number - _WINDOW), min(len(edges), number + _WINDOW + 1)):
        if other != number:
            matches += any(_alike(edge, found, other - number) for found in edges[other])
    return matches >= 2 or (matches == 1 and edge.block.kind in _FURNITURE)


def _alike(edge: _Edge, other: _Edge, distance: int) -> bool:
    if edge.at_top is not other.at_top or abs(edge.middle - other.middle) > _SAME_HEIGHT:
        return False
    if not same_size(edge.block, other.block) or not any(c.isalpha() for c in edge.key):
        return False
    if edge.key != other.key:
        return _similar(edge.key, other.key)
    text, other_text = edge.block.text, other.block.text
    if "#" not in edge.key or text == other_text or edge.block.kind in _FURNITURE:
        return True
    # "Question 3", "Question 4" are headings; "Report - 3", "Report - 4" two pages on a head.
    changes = _changed_numbers(text, other_text)
    return edge.block.kind not in (BlockKind.HEADING, BlockKind.TITLE) and changes == [distance]


def _similar(key: str, other: str) -> bool:
    """Whether a recogniser could have read one line in these two ways."""
    if min(len(key), len(other)) < 8 or abs(len(key) - len(other)) > 3:
        return False
    return Indel.normalized_similarity(key, other, score_cutoff=_SIMILAR) > 0


def _changed_numbers(text: str, other: str) -> list[int]:
    pairs = zip(re.findall(r"\d+", text), re.findall(r"\d+", other), strict=False)
    return [int(b[:9]) - int(a[:9]) for a, b in pairs if a != b]


def _counts_pages(edge: _Edge, number: int, edges: Sequence[list[_Edge]]) -> bool:
    """Whether it is a number that grows by one a page, or one that the layout calls furniture."""
    if not is_page_number(edge.block.text):
        return False
    if edge.block.kind in _FURNITURE:
        return True
    value = page_number(edge.block.text)
    for other in range(max(0, number - _WINDOW), min(len(edges), number + _WINDOW + 1)):
        if value is None or other == number:
            continue
        expected = value + other - number
        if any(page_number(found.block.text) == expected for found in edges[other]):
            return True
    alone = re.fullmatch(r"\W*\d{1,4}\W*", edge.block.text.strip())
    return bool(alone) and min(edge.middle, 1 - edge.middle) < 0.08


def _outermost(found: list[_Edge], repeated: dict[int, _Edge], at_top: bool) -> list[_Edge]:
    """Return the repeated blocks from the edge inwards, up to the first that is body."""
    outer: list[_Edge] = []
    limit = None
    for edge in found:
        if edge.at_top is not at_top:
            continue
        if edge.index in repeated:
            if limit is None or abs(edge.middle - limit) < 0.005:
                outer.append(edge)
        elif edge.block.kind not in _FURNITURE and limit is None:
            limit = edge.middle
    return outer


def _as_furniture(edge: _Edge) -> Block:
    if is_page_number(edge.block.text):
        kind = BlockKind.PAGE_NUMBER
    elif edge.block.kind in _FURNITURE and edge.block.kind is not BlockKind.PAGE_NUMBER:
        return edge.block
    else:
        kind = BlockKind.PAGE_HEADER if edge.at_top else BlockKind.PAGE_FOOTER
    return replace(edge.block, kind=kind, level=0, continues=False)


def _as_body(block: Block, body: float | None, number: int, blocks: Sequence[Block]) -> Block:
    """Give back to the body what is no running head: a lone heading, a passage, mid-page text."""
    if block.kind is BlockKind.PAGE_NUMBER or block.bbox is None or not block.text.strip():
        return block
    text = block.text
    top_of_page = block.kind is BlockKind.PAGE_HEADER
    low, high = _TITLE_SIZES
    larger = bool(body and block.size_pt and low * body < block.size_pt < high * body)
    numbered = numbering_depth(text) is not None and is_bold(block)
    titled = any(
        other.kind in (BlockKind.TITLE, BlockKind.HEADING) and other.text.strip()
        for other in blocks
    )
    stands_out = numbered or (larger and (number == 0 or not titled))
    if top_of_page and stands_out and len(text) < _PASSAGE_CHARACTERS and text[-1] not in ".,;":
        return replace(block, kind=BlockKind.HEADING, level=1)
    middle = (block.bbox.top + block.bbox.bottom) / 2
    upright = block.bbox.right - block.bbox.left > block.bbox.bottom - block.bbox.top
    mid_page = 0.2 < middle < 0.8 and upright
    if mid_page or (len(text) > _PASSAGE_CHARACTERS and _is_prose(text)):
        return replace(block, kind=BlockKind.PARAGRAPH)
    return block


def _is_prose(text: str) -> bool:
    words = text.split()
    lower = sum(word[0].islower() for word in words)
    return 2 * lower > len(words) and text.rstrip()[-1] in ".!?-"
