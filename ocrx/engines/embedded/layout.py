"""The layout model's regions, with every line of the page in exactly one of them.

The model (PyMuPDF Layout) says where regions are and of which class; its boxes overlap, miss lines
and sometimes call a page of text a picture. Here they become a partition of the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ocrx.engines.embedded.layout_model import analyse
from ocrx.engines.embedded.layout_regions import (
    Region,
    area,
    columns,
    gather,
    is_standing,
    rows,
    shared_area,
)
from ocrx.engines.embedded.lines import Rect, TextLine, Word
from ocrx.engines.embedded.words import union
from ocrx.parsing.region_dialect import RegionClass

_INSIDE = 0.5  # of a line or word: from here on it lies in a region
_WHOLE = 0.85  # of a line: from here on it is not looked at word by word
_PROSE_WORDS = 5
_PROSE_LINES = 3
_MARGIN = 0.2  # of the page's height, at head and foot
_NUMBER_CHARACTERS = 2
_TINY_PICTURE_PT = 12.0
_PAGE_PICTURE = 0.7  # of the page: a picture this large beside text is the paper
_SPLIT_CLASSES = (RegionClass.TEXT, RegionClass.LIST_ITEM, RegionClass.FOOTNOTE)
_CODE_CLASSES = (RegionClass.TEXT, RegionClass.LIST_ITEM, RegionClass.CODE)


@dataclass(frozen=True, slots=True)
class Group:
    """One region as the model gives it: ``parts`` are the boxes that it put together."""

    region_class: RegionClass
    box: Rect
    parts: tuple[Rect, ...]
    rank: int


def model_groups(page: Any) -> list[Group]:
    """Run the layout model on an upright pymupdf page; the raw result stays with the page."""
    groups = []
    for rank, raw in enumerate(analyse(page)):
        parts = tuple(_rect(part) for part in raw["bboxes"])
        groups.append(Group(_class_of(raw["class_name"]), _rect(raw["group_bbox"]), parts, rank))
    return groups


def _class_of(name: str) -> RegionClass:
    try:
        return RegionClass(name)
    except ValueError:
        return RegionClass.TEXT


def _rect(values: Sequence[float]) -> Rect:
    left, top, right, bottom = (float(value) for value in values[:4])
    return left, top, right, bottom


def regions_of(groups: Sequence[Group], lines: Sequence[TextLine], page_box: Rect) -> list[Region]:
    """Put every line into one region.

    Lines that no group holds become text regions; a picture gives back what is running text.
    The regions are in the model's order, which is not yet the reading order.
    """
    held, orphans = _assign(groups, lines)
    regions: list[Region] = []
    for group, inside in zip(groups, held, strict=True):
        if group.region_class is RegionClass.PICTURE:
            kept, released = _picture(group, inside, page_box)
            orphans += released
            regions += kept
        elif group.region_class is RegionClass.TABLE or inside:
            regions += _with_lines(group, inside)
    if not regions or any(region.region_class is not RegionClass.PICTURE for region in regions):
        regions = [r for r in regions if not _is_paper(r, page_box)]
    regions += gather(orphans, float("inf"))
    regions = _with_true_margins(_ranked(regions), page_box)
    return _merged_code([_as_code(region) for region in regions])


def _assign(
    groups: Sequence[Group], lines: Sequence[TextLine]
) -> tuple[list[list[TextLine]], list[TextLine]]:
    held: list[list[TextLine]] = [[] for _ in groups]
    orphans: list[TextLine] = []
    for line in lines:
        for home, piece in _homes(groups, line):
            (orphans if home is None else held[home]).append(piece)
    return held, orphans


def _homes(groups: Sequence[Group], line: TextLine) -> list[tuple[int | None, TextLine]]:
    """Return the groups that a line falls into, each with its part of the line."""
    home, share = _home(groups, line.box)
    if share >= _WHOLE or len(line.words) == 1 or line.vertical or is_standing(line):
        return [(home, line)]
    pieces: list[tuple[int | None, list[Word]]] = []
    for word in line.words:
        of_word, _ = _home(groups, word.box)
        if pieces and (pieces[-1][0] == of_word or not word.blank_before):
            pieces[-1][1].append(word)
        else:
            pieces.append((of_word, [word]))
    if len({of_piece for of_piece, _ in pieces}) == 1:
        return [(pieces[0][0], line)]
    if any(of_piece is None for of_piece, _ in pieces) and home is not None:
        # Words between two regions, or past an edge, go with the region that has most of the line.
        pieces = _adopted(pieces, home)
    return [(of_piece, _part(line, words)) for of_piece, words in pieces]


def _adopted(
    pieces: list[tuple[int | None, list[Word]]], home: int
) -> list[tuple[int | None, list[Word]]]:
    merged: list[tuple[int | None, list[Word]]] = []
    for of_piece, words in pieces:
        place = home if of_piece is None else of_piece
        if merged and merged[-1][0] == place:
            merged[-1][1].extend(words)
        else:
            merged.append((place, words))
    return merged


def _part(line: TextLine, words: Sequence[Word]) -> TextLine:
    first = replace(words[0], blank_before=True)
    return replace(line, box=union(word.box for word in words), words=(first, *words[1:]))


def _home(groups: Sequence[Group], box: Rect) -> tuple[int | None, float]:
    """Return the best group for a box and the share of the box that lies in it.

    The boxes that the model put together count before the box around them all, a picture last,
    and of equals the smaller.
    """
    whole = area(box) or 1.0
    best: tuple[tuple[int, float, float], int] | None = None
    share = 0.0
    for index, group in enumerate(groups):
        inside = shared_area(group.box, box) / whole
        if inside < _INSIDE:
            continue
        exact = max((shared_area(part, box) / whole for part in group.parts), default=0.0)
        picture = group.region_class is RegionClass.PICTURE
        kind = 0 if picture else 2 if exact >= _INSIDE else 1
        key = (kind, round(max(inside, exact), 1), -area(group.box))
        if best is None or key > best[0]:
            best, share = (key, index), inside
    return (None, 0.0) if best is None else (best[1], share)


def _with_lines(group: Group, lines: Sequence[TextLine]) -> list[Region]:
    box = union([group.box, *(line.box for line in lines)])
    if group.region_class not in _SPLIT_CLASSES:
        table = group.region_class is RegionClass.TABLE
        kept = tuple(lines) if table else rows(lines)
        return [Region(group.region_class, box, kept, group.rank)]
    parts = columns(lines)
    if len(parts) == 1:
        return [Region(group.region_class, box, rows(lines), group.rank)]
    return [
        Region(
            group.region_class, union(line.box for line in part), rows(part), group.rank + i / 100
        )
        for i, part in enumerate(parts)
    ]


def _picture(
    group: Group, lines: Sequence[TextLine], page_box: Rect
) -> tuple[list[Region], list[TextLine]]:
    """Return the picture with its labels, and the running text that it must not swallow."""
    joined = rows(lines)
    prose = [line for line in joined if _is_prose(line)]
    buried = _stacked(prose)
    paper = area(group.box) > _PAGE_PICTURE * area(page_box)
    if paper and joined:
        return [], list(lines)
    small = min(group.box[2] - group.box[0], group.box[3] - group.box[1]) < _TINY_PICTURE_PT
    if small and joined:
        return [], list(lines)
    if small:
        return [], []
    if len(buried) < _PROSE_LINES:
        return [Region(RegionClass.PICTURE, group.box, joined, group.rank)], []
    covered = sum(area(line.box) for line in joined) / (area(group.box) or 1.0)
    if covered > 0.35 or len(buried) > 0.6 * len(joined):
        return [], list(lines)
    rest = tuple(line for line in joined if line not in buried)
    return [Region(RegionClass.PICTURE, group.box, rest, group.rank)], buried


def _is_prose(line: TextLine) -> bool:
    words = [word for word in line.words if sum(char.isalpha() for char in word.text) > 1]
    wide = sum("\u3040" <= char <= "\u9fff" for char in line.text) > 12
    return len(words) >= _PROSE_WORDS or wide


def _stacked(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return the lines that stand close above or below another: a paragraph, not a label."""
    found = []
    for line in lines:
        for other in lines:
            down = max(line.box[1], other.box[1]) - min(line.box[3], other.box[3])
            across = min(line.box[2], other.box[2]) - max(line.box[0], other.box[0])
            near = -0.5 * line.size_pt < down < 1.2 * line.size_pt
            if other is not line and near and across > 0.5 * (line.box[2] - line.box[0]):
                found.append(line)
                break
    return found


def _with_true_margins(regions: list[Region], page_box: Rect) -> list[Region]:
    """Running heads and feet stand at the edges of a page that has a body; others are text."""
    furniture = (RegionClass.PAGE_HEADER, RegionClass.PAGE_FOOTER)
    has_body = any(region.region_class not in furniture for region in regions)
    height = page_box[3] - page_box[1]

    def is_text(region: Region) -> bool:
        top, bottom = region.box[1] - page_box[1], region.box[3] - page_box[1]
        number = region.characters <= _NUMBER_CHARACTERS
        if region.region_class is RegionClass.PAGE_HEADER:
            return top > _MARGIN * height or not (has_body or number)
        if region.region_class is RegionClass.PAGE_FOOTER:
            return bottom < (1 - _MARGIN) * height or not (has_body or number)
        return False

    return [replace(r, region_class=RegionClass.TEXT) if is_text(r) else r for r in regions]


def _is_paper(region: Region, page_box: Rect) -> bool:
    large = area(region.box) > _PAGE_PICTURE * area(page_box)
    return region.region_class is RegionClass.PICTURE and large


def _ranked(regions: list[Region]) -> list[Region]:
    return sorted(regions, key=lambda region: (region.rank, region.box[1], region.box[0]))


def _as_code(region: Region) -> Region:
    """Text set wholly in a typewriter face is code."""
    if region.region_class not in _CODE_CLASSES or not region.lines:
        return region
    mono = sum(len(w.text) for line in region.lines for w in line.words if w.mono)
    total = sum(len(w.text) for line in region.lines for w in line.words)
    whole = mono >= 0.9 * total and total > 1
    return replace(region, region_class=RegionClass.CODE) if whole else region


def _merged_code(regions: list[Region]) -> list[Region]:
    """Code that the model cut at a blank line becomes one region again."""
    merged: list[Region] = []
    for region in regions:
        last = merged[-1] if merged else None
        if (
            last is not None
            and last.region_class is region.region_class is RegionClass.CODE
            and 0 <= region.box[1] - last.box[3] + 2 < 2.5 * (region.size_pt or 10)
            and min(last.box[2], region.box[2]) > max(last.box[0], region.box[0])
        ):
            box = union((last.box, region.box))
            merged[-1] = replace(last, box=box, lines=last.lines + region.lines)
        else:
            merged.append(region)
    return merged
