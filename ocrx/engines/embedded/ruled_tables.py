"""Ruled tables of a picture that the layout model did not see: found by their lines.

On a digital page the table finder sees the drawn lines itself; a picture's have to be looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ocrx.engines.embedded.layout import Group
from ocrx.engines.embedded.layout_regions import area, rows, shared_area
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.table_grids import Segment
from ocrx.engines.embedded.words import union
from ocrx.parsing.region_dialect import RegionClass

_SAME_END = 0.012  # of the page's width: lines of one frame begin and end together
_EDGE_PT = 3.0  # around a frame: its own lines lie inside
_MIN_LEVEL, _MIN_UPRIGHT = 3, 3  # two rows of two columns, framed
_MAX_GAP = 0.4  # of the page's height, between two lines
_ABREAST = 2.0  # entries a row, where nothing but level rules frames them
_ENTRY_WORDS = 4  # on average
_UPRIGHT = 0.6  # of the frame's height
_MAX_SHARE = 0.9  # of the page: the paper's edge
_KNOWN = 0.2  # of a frame: held by a table or picture that the model saw
_SAME = 0.6  # of a picture: it is the table


def with_ruled_tables(
    page: Any,
    groups: Sequence[Group],
    lines: Sequence[TextLine],
    ruler: Callable[[Rect], Sequence[Segment]],
) -> list[Group]:
    """Return the groups with a table for each frame of rules that no table holds.

    A frame has upright rules, too, or short entries side by side.

    The tables are added to the page's layout, too, where the table finder looks for them.
    """
    width, height = float(page.rect.width), float(page.rect.height)
    whole: Rect = (0.0, 0.0, width, height)
    taken = [g.box for g in groups if g.region_class is RegionClass.TABLE]
    pictures = [g for g in groups if g.region_class is RegionClass.PICTURE]
    level = [s for s in ruler(whole) if s[2] - s[0] > s[3] - s[1]]
    done = list(groups)
    for box in _frames(level, width, height):
        held = max((shared_area(box, other) for other in taken), default=0.0)
        if held > _KNOWN * area(box) or area(box) > _MAX_SHARE * area(whole):
            continue
        upright = [s for s in ruler(box) if s[3] - s[1] > _UPRIGHT * (box[3] - box[1])]
        over = [g for g in pictures if shared_area(g.box, box) > _KNOWN * area(box)]
        if (over or len(upright) < _MIN_UPRIGHT) and not _stand_abreast(lines, box):
            continue
        gone = {g.rank for g in over if shared_area(g.box, box) > _SAME * area(g.box)}
        done = [g for g in done if g.rank not in gone]
        done.append(Group(RegionClass.TABLE, box, (box,), _rank(groups, box)))
        raw = {"class_name": RegionClass.TABLE.value, "group_bbox": list(box), "bboxes": [box]}
        page.layout_information = [*(page.layout_information or ()), raw]
    return done


def _frames(level: Sequence[Segment], width: float, height: float) -> list[Rect]:
    """Return boxes around lines that begin and end together, one not far below the other."""
    stacks: list[list[Segment]] = []
    for segment in sorted(level, key=lambda segment: segment[1]):
        home = next((s for s in stacks if _continues(s[-1], segment, width, height)), None)
        if home is None:
            stacks.append([segment])
        else:
            home.append(segment)
    boxes = [union(stack) for stack in stacks if len(stack) >= _MIN_LEVEL]
    return [(b[0] - _EDGE_PT, b[1] - _EDGE_PT, b[2] + _EDGE_PT, b[3] + _EDGE_PT) for b in boxes]


def _continues(above: Segment, below: Segment, width: float, height: float) -> bool:
    ends = max(abs(above[0] - below[0]), abs(above[2] - below[2]))
    return ends < _SAME_END * width and below[1] - above[1] < _MAX_GAP * height


def _stand_abreast(lines: Sequence[TextLine], box: Rect) -> bool:
    """Say whether short entries stand side by side in a box: columns, and not of running text."""
    inside = [x for x in lines if shared_area(x.box, box) > 0.5 * area(x.box)]
    levels = rows(inside)
    words = sum(len(line.words) for line in inside)
    if len(levels) < _MIN_LEVEL or words > _ENTRY_WORDS * len(inside):
        return False
    return len(inside) >= _ABREAST * len(levels)


def _rank(groups: Sequence[Group], box: Rect) -> int:
    inside = [g.rank for g in groups if shared_area(g.box, box) > 0.5 * area(g.box)]
    return min(inside, default=len(groups))
