"""Titles and headings: their levels, clustered over the document by size, weight and number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocrx.assembly.numbering import numbering_depth
from ocrx.assembly.type_sizes import in_capitals, is_bold, size_ranks, size_tolerance
from ocrx.document import Block, BlockKind, PageResult

MAX_LEVEL = 6
TITLE_PAGES = 2  # a title stands on one of the first pages
_HEADINGS = frozenset({BlockKind.TITLE, BlockKind.HEADING})

Place = tuple[int, int]  # indices of a page and of a block on it
_Style = tuple[int, bool, bool]  # rank of the size, not bold, not in capitals: sorts by weight


@dataclass(frozen=True, slots=True)
class _Heading:
    place: Place
    block: Block
    style: _Style
    depth: int | None


def level_headings(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page with one title at most and headings of stable levels."""
    kept = [list(page.blocks) for page in pages]
    headings = _collect(kept, size_tolerance(pages))
    title = _title(headings, pages)
    rest = [heading for heading in headings if heading is not title]
    subtitles = _subtitles(title, rest)
    levels = _style_levels([heading for heading in rest if heading not in subtitles])
    offset = _numbering_offset(rest, levels)  # numbered headings are never subtitles
    for heading in rest:
        page, index = heading.place
        level = 1 if heading in subtitles else levels[heading.style]
        if heading.depth is not None and offset is not None:
            level = heading.depth + offset
        level = max(1, min(MAX_LEVEL, level))
        kept[page][index] = replace(heading.block, kind=BlockKind.HEADING, level=level)
    if title:
        page, index = title.place
        kept[page][index] = replace(title.block, kind=BlockKind.TITLE, level=0)
    return tuple(tuple(blocks) for blocks in kept)


def _collect(pages: Sequence[Sequence[Block]], tolerance: float) -> list[_Heading]:
    found = [
        ((page, index), block)
        for page, blocks in enumerate(pages)
        for index, block in enumerate(blocks)
        if block.kind in _HEADINGS
    ]
    ranks = size_ranks((block.size_pt or 0.0 for _, block in found), tolerance)
    return [
        _Heading(place, block, _style(block, ranks), numbering_depth(block.text))
        for place, block in found
    ]


def _style(block: Block, ranks: dict[float, int]) -> _Style:
    """A model that writes Markdown knows no sizes, but says the level itself."""
    if block.size_pt is None:
        return block.level, False, False
    return ranks[block.size_pt or 0.0], not is_bold(block), not in_capitals(block.text)


def _title(headings: list[_Heading], pages: Sequence[PageResult]) -> _Heading | None:
    """Return the title: the largest that the engine calls so on the first pages.

    Else the first heading of the document, when it alone has the largest size and stands above
    all other text of the first page.
    """
    early = [h for h in headings if h.place[0] < TITLE_PAGES and h.depth is None]
    named = [heading for heading in early if heading.block.kind is BlockKind.TITLE]
    if named:
        return min(named, key=lambda heading: (heading.style[0], heading.place))
    if not headings or headings[0] not in early or len(headings) < 2:
        return None
    first = headings[0]
    alone = sum(heading.style[0] == first.style[0] for heading in headings) == 1
    return first if alone and first.style[0] == 0 and _opens(first.place, pages) else None


def _subtitles(title: _Heading | None, rest: list[_Heading]) -> list[_Heading]:
    """Return the headings right below the title whose style is theirs alone.

    They are no step of the outline, and must not push the real headings a level down.
    """
    styles = Counter(heading.style for heading in rest)
    found: list[_Heading] = []
    page, index = title.place if title else (0, 0)
    for heading in rest if title and title.block.size_pt else ():
        index += 1
        if heading.place < (page, index):
            continue
        if heading.place != (page, index) or heading.depth or styles[heading.style] > 1:
            break
        found.append(heading)
    others = [heading for heading in rest if heading not in found]
    if len(found) > 1 and others and _leads(found[-1], min(others, key=lambda h: h.style)):
        found.pop()
    return found if others else []


def _leads(heading: _Heading, next_style: _Heading) -> bool:
    """Whether it is set like the other headings but larger: the only one of the first level."""
    same_weight = heading.style[1:] == next_style.style[1:]
    return same_weight and heading.style < next_style.style


def _opens(place: Place, pages: Sequence[PageResult]) -> bool:
    """Whether no passage of text stands before it."""
    page, index = place
    before = [block for held in pages[:page] for block in held.blocks]
    before += pages[page].blocks[:index]
    return page < TITLE_PAGES and all(len(block.text) < 200 for block in before)


def _style_levels(headings: list[_Heading]) -> dict[_Style, int]:
    """Return the level of each style, from 1: larger, then bolder, then capitals first.

    A style that is mostly numbered stands as deep below the first numbered style as its numbers
    say; other styles stand one below the style before them.
    """
    members: dict[_Style, list[_Heading]] = defaultdict(list)
    for heading in headings:
        members[heading.style].append(heading)
    levels: dict[_Style, int] = {}
    level, offset = 0, None
    for style in sorted(members):
        depth = _usual_depth(members[style])
        if depth is not None and offset is not None:
            level = offset + depth
        else:
            level += 1
            if depth is not None:
                offset = level - depth
        levels[style] = level
    return levels


def _usual_depth(headings: list[_Heading]) -> int | None:
    depths = [heading.depth for heading in headings if heading.depth is not None]
    if 2 * len(depths) < len(headings) or not depths:
        return None
    counts = Counter(depths)
    return min(counts, key=lambda depth: (-counts[depth], depth))


def _numbering_offset(headings: list[_Heading], levels: dict[_Style, int]) -> int | None:
    """Return what to add to a number's depth to have its level; None without numbers.

    The shallowest numbered headings keep the level that their style has.
    """
    numbered = [(h.depth, levels[h.style]) for h in headings if h.depth is not None]
    if not numbered:
        return None
    shallowest = min(depth for depth, _ in numbered)
    usual = Counter(level for depth, level in numbered if depth == shallowest)
    return max(0, min(usual, key=lambda level: (-usual[level], level)) - shallowest)
