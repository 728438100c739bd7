"""In which order a person reads the regions of a page.

A recursive cut of the page along white space: side by side into columns where a gutter runs
through, else one above the other, with neighbouring bands that share a gutter kept together, so
that columns are read to their end. Where no cut is clear the layout model's own order stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocrx.engines.embedded.layout_regions import Region, is_standing
from ocrx.engines.embedded.lines import Rect
from ocrx.engines.embedded.words import union
from ocrx.parsing.region_dialect import RegionClass

_MIN_GUTTER_EM = 0.8
_SLACK = 0.02  # of a region's width: what may stick out into a gutter
_BESIDE = 0.3  # of the lower side's height: columns stand beside one another at least so much
_ALIGNED = 0.7  # of the regions on a side: rows of a form, not columns
_SIDE_WIDTH, _SIDE_SIZE, _SIDE_TEXT = 0.45, 0.93, 0.35  # of the main column's
_HEADINGS = (RegionClass.SECTION_HEADER, RegionClass.TITLE)
_MIN_HEADS = 3  # abreast, each at the head of a column
_MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class _Item:
    """A region with the box that counts for order (mirrored for vertical writing).

    Its size of type and number of characters are kept: every cut asks for them again.
    """

    region: Region
    box: Rect
    size_pt: float
    characters: int


def _item(region: Region, box: Rect) -> _Item:
    return _Item(region, box, region.size_pt, region.characters)


def reading_order(regions: Sequence[Region]) -> list[Region]:
    """Return the regions as they are read.

    Running heads come first, then the body, side notes and stamps, footnotes, running feet.
    """
    heads: list[Region] = []
    body: list[Region] = []
    stamps: list[Region] = []
    notes: list[Region] = []
    feet: list[Region] = []
    places = {
        RegionClass.PAGE_HEADER: heads,
        RegionClass.PAGE_FOOTER: feet,
        RegionClass.FOOTNOTE: notes,
    }
    for region in regions:
        stamp = bool(region.lines) and all(map(is_standing, region.lines)) and not region.cells
        home = stamps if stamp else places.get(region.region_class, body)
        home.append(region)
    notes = [note for part in _columns_of(notes) for note in part]
    return [*_by_place(heads), *_body(body), *stamps, *notes, *_by_place(feet)]


def _by_place(regions: list[Region]) -> list[Region]:
    return sorted(regions, key=lambda region: (round(region.box[1] / 6), region.box[0]))


def _columns_of(regions: list[Region]) -> list[list[Region]]:
    """Return footnotes column by column."""
    items = [_item(region, _box_of(region)) for region in regions]
    sides = _sides(items) if len(items) > 1 else None
    if sides is None:
        return [sorted(regions, key=lambda region: region.box[1])]
    return [part for side in sides for part in _columns_of([item.region for item in side])]


def _body(regions: list[Region]) -> list[Region]:
    if not regions:
        return []
    upright = sum(len(line.text) for r in regions for line in r.lines if line.vertical)
    mirror = _mirrored if 2 * upright > sum(region.characters for region in regions) else _box_of
    items = [_item(region, mirror(region)) for region in _with_ranks(regions)]
    return [item.region for item in _cut(items, _MAX_DEPTH)]


def _box_of(region: Region) -> Rect:
    """Return the box around a region's ink: its lines, where it has no ink of its own."""
    own = region.region_class in (RegionClass.PICTURE, RegionClass.TABLE)
    return region.box if own or not region.lines else union(line.box for line in region.lines)


def _mirrored(region: Region) -> Rect:
    """Turn a page of vertical lines so that right to left becomes top to bottom."""
    left, top, right, bottom = _box_of(region)
    return top, -right, bottom, -left


def _with_ranks(regions: Sequence[Region]) -> list[Region]:
    """Give regions that the model did not see a place behind the nearest one above."""
    known = [region for region in regions if region.rank != float("inf")]
    placed = []
    for region in regions:
        if region.rank == float("inf"):
            above = [
                other
                for other in known
                if other.box[1] <= region.box[1]
                and min(other.box[2], region.box[2]) > max(other.box[0], region.box[0])
            ]
            nearest = max(above, key=lambda other: other.box[3], default=None)
            region = replace(region, rank=(nearest.rank if nearest else -1.0) + 0.5)
        placed.append(region)
    return placed


def _cut(items: list[_Item], depth: int) -> list[_Item]:
    if len(items) < 2 or depth == 0:
        return items
    sides = _sides(items)
    if sides is not None:
        stages = _stages(items)
        if len(stages) > 1:
            return [item for stage in stages for item in _cut(stage, depth - 1)]
        left, right = sides
        if _is_side_note(left, right):
            left, right = right, left
        return _cut(left, depth - 1) + _cut(right, depth - 1)
    bands = _bands(items)
    if len(bands) > 1:
        runs = _runs(bands)
        if len(runs) == 1:
            runs = bands
        return [item for run in runs for item in _cut(run, depth - 1)]
    return _as_modelled(items)


def _as_modelled(items: list[_Item]) -> list[_Item]:
    """Overlapping boxes have no cut: the model's order, unless it contradicts their tops."""
    return sorted(items, key=lambda item: (item.region.rank, item.box[1], item.box[0]))


def _sides(items: list[_Item]) -> tuple[list[_Item], list[_Item]] | None:
    """Cut at the widest gutter that runs through all items and has columns on both sides."""
    least = _MIN_GUTTER_EM * _size(items)
    found: tuple[float, float] | None = None
    edge = float("-inf")
    for start, end in sorted(_span(item) for item in items):
        if edge != float("-inf") and start - edge > max(least, found[0] if found else 0.0):
            left = [item for item in items if _span(item)[1] <= start]
            right = [item for item in items if _span(item)[0] >= start]
            if _are_columns(left, right):
                found = (start - edge, start)
        edge = max(edge, end)
    if found is None:
        return None
    return (
        [item for item in items if _span(item)[0] < found[1]],
        [item for item in items if _span(item)[0] >= found[1]],
    )


def _span(item: _Item) -> tuple[float, float]:
    slack = _SLACK * (item.box[2] - item.box[0])
    return item.box[0] + slack, item.box[2] - slack


def _size(items: Sequence[_Item]) -> float:
    sizes = sorted(item.size_pt for item in items if item.region.lines)
    return sizes[len(sizes) // 2] if sizes else 10.0


def _are_columns(left: list[_Item], right: list[_Item]) -> bool:
    one, other = union(item.box for item in left), union(item.box for item in right)
    shared = min(one[3], other[3]) - max(one[1], other[1])
    if shared < _BESIDE * min(one[3] - one[1], other[3] - other[1]):
        return False
    return not _are_rows(left, right)


def _are_rows(left: list[_Item], right: list[_Item]) -> bool:
    """Say whether the sides are labels and values of a form, to be read across."""
    if min(len(left), len(right)) < 2:
        return False
    few, many = sorted((left, right), key=len)
    both = [*left, *right]
    if any(len(item.region.lines) > 2 for item in both):
        return False
    if all(item.region.region_class is RegionClass.LIST_ITEM for item in both):
        return False
    limit = 0.5 * _size(both)
    level = sum(any(abs(item.box[1] - o.box[1]) < limit for o in many) for item in few)
    return level >= _ALIGNED * len(few)


def _is_side_note(left: list[_Item], right: list[_Item]) -> bool:
    """Say whether the left side is a narrow column of small print beside the text."""
    note, main = union(item.box for item in left), union(item.box for item in right)
    texts = [sum(item.characters for item in side) for side in (left, right)]
    narrow = note[2] - note[0] < _SIDE_WIDTH * (main[2] - main[0])
    small = 0 < _main_size(left) < _SIDE_SIZE * _main_size(right)
    return narrow and small and texts[0] < _SIDE_TEXT * texts[1]


def _main_size(items: Sequence[_Item]) -> float:
    weights: dict[float, int] = {}
    for item in items:
        size = item.size_pt
        weights[size] = weights.get(size, 0) + item.characters
    return max(weights, key=lambda size: weights[size])


def _bands(items: list[_Item]) -> list[list[_Item]]:
    """Cut wherever white space runs from edge to edge."""
    bands: list[list[_Item]] = []
    edge = float("-inf")
    for item in sorted(items, key=lambda item: (item.box[1], item.box[0])):
        overhang = min(3.0, 0.25 * (item.box[3] - item.box[1]))
        if item.box[1] >= edge - overhang:
            bands.append([item])
        else:
            bands[-1].append(item)
        edge = max(edge, item.box[3])
    return bands


def _stages(items: list[_Item]) -> list[list[_Item]]:
    """Cut where a row of headings, one at the head of each column, begins anew: a newspaper's page.

    Two abreast are a matter of chance in a page of two columns; three are not.
    """
    stages: list[list[_Item]] = []
    for band in _bands(items):
        top = min(item.box[1] for item in band)
        first = [item for item in band if item.box[1] < top + _size(band)]
        heads = [item for item in first if item.region.region_class in _HEADINGS]
        if stages and not len(first) == len(heads) >= _MIN_HEADS:
            stages[-1] += band
        else:
            stages.append(list(band))
    return stages


def _runs(bands: list[list[_Item]]) -> list[list[_Item]]:
    """Keep bands together as far as one gutter runs through them."""
    runs: list[list[_Item]] = []
    start = 0
    while start < len(bands):
        end = start + 1
        for stop in range(len(bands), start + 1, -1):
            if _sides(_flat(bands[start:stop])) is not None:
                end = stop
                break
        if end < len(bands):
            end = _without_heading(bands, start, end)
        runs.append(_flat(bands[start:end]))
        start = end
    return runs


def _without_heading(bands: list[list[_Item]], start: int, end: int) -> int:
    """Leave a heading at the foot of columns to the full-width text that it stands above."""
    is_heading: Callable[[_Item], bool] = lambda item: item.region.region_class in _HEADINGS  # noqa: E731
    while end - start > 1 and all(map(is_heading, bands[end - 1])):
        end -= 1
    return end


def _flat(bands: Sequence[Sequence[_Item]]) -> list[_Item]:
    return [item for band in bands for item in band]
