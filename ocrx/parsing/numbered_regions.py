"""List items that the layout cut into text regions of their own: their marks tell.

One paragraph that opens with ``1.`` is no list; two in sequence at one edge are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ocrx.parsing.lists import opening_markers
from ocrx.parsing.region_dialect import RawRegion, RegionClass
from ocrx.parsing.rows import Row, rows_of
from ocrx.typesetting.markers import Marker

_HOLDS_ITEMS = frozenset({RegionClass.TEXT, RegionClass.LIST_ITEM})
_DIALOGUE = "\u2013\u2014"  # opens speech in novels
_SAME_EDGE_EM = 1.5


@dataclass(frozen=True, slots=True)
class _Opening:
    """The mark that a region opens with, the last one in it, and the row of the first."""

    first: Marker
    last: Marker
    row: Row


def with_lists(regions: Sequence[RawRegion], size_pt: tuple[float, float]) -> tuple[RawRegion, ...]:
    """Return the regions, text that is part of a numbered sequence called a list item."""
    openings = [_opening(region, size_pt) for region in regions]
    listed = [region.region_class is RegionClass.LIST_ITEM for region in regions]
    for index, (one, other) in enumerate(pairwise(openings)):
        if one is None or other is None or not _in_sequence(one, other):
            continue
        if listed[index] or one.first.starts_list():
            listed[index] = listed[index + 1] = True
    return tuple(_named(regions, listed))


def _named(regions: Sequence[RawRegion], listed: Sequence[bool]) -> Iterator[RawRegion]:
    for region, is_list in zip(regions, listed, strict=True):
        yield replace(region, region_class=RegionClass.LIST_ITEM) if is_list else region


def _opening(region: RawRegion, size_pt: tuple[float, float]) -> _Opening | None:
    if region.region_class not in _HOLDS_ITEMS:
        return None
    rows = rows_of(region.lines, size_pt)
    markers = opening_markers(rows)
    if 0 not in markers or markers[0].text in _DIALOGUE:
        return None
    return _Opening(markers[0], markers[max(markers)], rows[0])


def _in_sequence(one: _Opening, other: _Opening) -> bool:
    near = abs(one.row.left - other.row.left) < _SAME_EDGE_EM * one.row.size
    return near and (other.first.follows(one.last) or other.first.follows(one.first))
