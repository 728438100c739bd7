"""Pictures in full: the layout model boxes what it reads in them, the page draws the rest.

On a digital page the model may box no more of a picture than its labels, or miss one without any.
Here its picture regions grow to the images and drawings that they lie upon, and images that no
region holds get one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ocrx.engines.embedded.layout import Group
from ocrx.engines.embedded.layout_regions import area, shared_area
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.words import union
from ocrx.parsing.region_dialect import RegionClass

_MIN_SIDE_PT = 24.0
_MIN_SHARE, _MAX_SHARE = 0.004, 0.7  # of the page: smaller is an icon, larger is the paper
_TEXT_COVER = 0.3  # of an image: with more text upon it, it is a background
_MAX_PATHS = 4000  # drawings beyond this are not clustered: a map, minutes of work
_TOUCH_PT = 2.0
_LABEL_CLASSES = (RegionClass.TEXT, RegionClass.LIST_ITEM, RegionClass.SECTION_HEADER)


def with_whole_pictures(
    page: Any, groups: Sequence[Group], lines: Sequence[TextLine]
) -> list[Group]:
    """Return the groups with pictures as large as what the page draws there."""
    bounds: Rect = (0.0, 0.0, float(page.rect.width), float(page.rect.height))
    images = _images(page, bounds)
    return _with_pictures(groups, images, _drawings(page, groups, bounds), lines)


def with_figures(
    groups: Sequence[Group], figures: Sequence[Rect], lines: Sequence[TextLine]
) -> list[Group]:
    """Return the groups with the figures that were found in a scan's pixels."""
    tables = [group.box for group in groups if group.region_class is RegionClass.TABLE]
    free = [box for box in figures if all(shared_area(box, table) <= 0 for table in tables)]
    return _with_pictures(groups, free, [], lines)


def _with_pictures(
    groups: Sequence[Group],
    images: Sequence[Rect],
    drawings: Sequence[Rect],
    lines: Sequence[TextLine],
) -> list[Group]:
    drawn = [*images, *drawings]
    grown = [_grown(group, drawn, groups) for group in groups]
    held = [group.box for group in grown]
    fresh = [box for box in images if _is_missing(box, held, lines)]
    rank = len(groups)
    grown += [Group(RegionClass.PICTURE, box, (), rank + i) for i, box in enumerate(fresh)]
    return _with_labels(grown)


def _images(page: Any, bounds: Rect) -> list[Rect]:
    """Return the page's images, slices of one picture joined."""
    boxes = [_clipped(tuple(image["bbox"]), bounds) for image in page.get_image_info()]
    joined: list[Rect] = []
    for box in sorted(boxes):
        if area(box) <= 0:
            continue
        near = next((i for i, other in enumerate(joined) if _continues(other, box)), None)
        if near is None:
            joined.append(box)
        else:
            joined[near] = union((joined[near], box))
    return [box for box in joined if _is_figure(box, bounds)]


def _continues(one: Rect, other: Rect) -> bool:
    """Say whether two images are slices of one: as wide and stacked, or as high and abreast."""
    same_sides = abs(one[0] - other[0]) < _TOUCH_PT and abs(one[2] - other[2]) < _TOUCH_PT
    stacked = min(abs(one[3] - other[1]), abs(other[3] - one[1])) < _TOUCH_PT
    same_height = abs(one[1] - other[1]) < _TOUCH_PT and abs(one[3] - other[3]) < _TOUCH_PT
    abreast = min(abs(one[2] - other[0]), abs(other[2] - one[0])) < _TOUCH_PT
    return (same_sides and stacked) or (same_height and abreast)


def _drawings(page: Any, groups: Sequence[Group], bounds: Rect) -> list[Rect]:
    """Return clusters of drawn paths, looked for only where the model saw a picture."""
    if not any(group.region_class is RegionClass.PICTURE for group in groups):
        return []
    paths = page.get_drawings()
    if not 0 < len(paths) <= _MAX_PATHS:
        return []
    boxes = [tuple(box) for box in page.cluster_drawings(drawings=paths)]
    return [box for box in (_clipped(b, bounds) for b in boxes) if _is_figure(box, bounds)]


def _clipped(box: tuple[Any, ...], bounds: Rect) -> Rect:
    left, top, right, bottom = (float(value) for value in box[:4])
    return max(left, bounds[0]), max(top, bounds[1]), min(right, bounds[2]), min(bottom, bounds[3])


def _is_figure(box: Rect, bounds: Rect) -> bool:
    share = area(box) / (area(bounds) or 1.0)
    side = min(box[2] - box[0], box[3] - box[1])
    return side >= _MIN_SIDE_PT and _MIN_SHARE <= share <= _MAX_SHARE


def _grown(group: Group, drawn: Sequence[Rect], groups: Sequence[Group]) -> Group:
    if group.region_class is not RegionClass.PICTURE:
        return group
    box = group.box
    for other in drawn:
        shared = shared_area(box, other)
        if shared > 0.5 * min(area(box), area(other)) and not _frames_text(other, groups):
            box = union((box, other))
    return replace(group, box=box)


def _frames_text(box: Rect, groups: Sequence[Group]) -> bool:
    """Say whether a drawing is a frame around a table or paragraphs and not a figure."""
    held = sum(
        shared_area(group.box, box)
        for group in groups
        if group.region_class in (RegionClass.TEXT, RegionClass.TABLE, RegionClass.LIST_ITEM)
    )
    return held > _TEXT_COVER * area(box)


def _is_missing(box: Rect, held: Sequence[Rect], lines: Sequence[TextLine]) -> bool:
    covered = sum(shared_area(other, box) for other in held)
    text = sum(shared_area(line.box, box) for line in lines)
    return covered < 0.3 * area(box) and text < _TEXT_COVER * area(box)


def _with_labels(groups: list[Group]) -> list[Group]:
    """Small text regions wholly inside a picture are its labels."""
    pictures = [group for group in groups if group.region_class is RegionClass.PICTURE]
    kept: list[Group] = []
    labels: dict[int, list[Rect]] = {}
    for group in groups:
        home = next((p for p in pictures if _is_label(group, p)), None)
        if home is None:
            kept.append(group)
        else:
            labels.setdefault(home.rank, []).extend(group.parts or (group.box,))
    return [
        replace(group, parts=(*group.parts, *labels.get(group.rank, ())))
        if group.region_class is RegionClass.PICTURE
        else group
        for group in kept
    ]


def _is_label(group: Group, picture: Group) -> bool:
    if group.region_class not in _LABEL_CLASSES or len(group.parts) > 3:
        return False
    inside = shared_area(group.box, picture.box) > 0.95 * area(group.box)
    narrow = group.box[2] - group.box[0] < 0.5 * (picture.box[2] - picture.box[0])
    return inside and narrow and area(group.box) < 0.1 * area(picture.box)
