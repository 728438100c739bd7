"""Tables: the grid from PyMuPDF's finder, the words from our own lines.

The finder's cell texts went through a font and may have lost characters, so only its geometry and
spans are used: every word of the region goes to the cell that it lies in, or to the nearest one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ocrx.engines.embedded.layout_regions import (
    Cell,
    Region,
    area,
    gather,
    rows,
    shared_area,
)
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.table_cells import cells_of, distance
from ocrx.engines.embedded.table_grids import (
    Grid,
    Segment,
    find_frames,
    find_grids,
    is_ruled,
    stacked,
    with_rules,
)
from ocrx.engines.embedded.table_rulings import with_frames
from ocrx.engines.embedded.table_spans import level_rules
from ocrx.parsing.region_dialect import RegionClass

_OWN = 0.5  # of a found grid: in a table region, it is that region's
_OUTSIDE = 1.5  # sizes from a grid: a line so far away is none of its cells
_ABSORBED = 0.8  # of a text region: inside a table it is part of it
_PROSE_WORDS = 30  # in a cell on average: columns of running text
_SPARSE = 0.34  # of the slots: filled less than this, it is no table
_STRAY_CELLS = 6  # a grid that the layout model did not call a table needs as many filled cells
_LABELS = (RegionClass.PAGE_HEADER, RegionClass.PAGE_FOOTER, RegionClass.PICTURE)


def with_tables(
    page: Any,
    regions: Sequence[Region],
    ruler: Callable[[Rect], Sequence[Segment]] | None = None,
) -> list[Region]:
    """Fill table regions with cells; what proves to be no table becomes text.

    ``page`` is the pymupdf page whose layout was just analysed; ``ruler`` finds lines
    (x0, y0, x1, y1 in points) in the page's picture that the page itself does not draw.
    """
    boxes = [region.box for region in regions if region.region_class is RegionClass.TABLE]
    drawn = is_ruled(page)
    if not boxes and not drawn:
        return list(regions)
    rulings = [segment for box in boxes for segment in ruler(box)] if ruler is not None else []
    whole = _absorbed(list(regions))
    tables = [region.lines for region in whole if region.region_class is RegionClass.TABLE]
    grids = find_grids(page, rulings, tables)
    if grids and (drawn or rulings):
        lines = [line for region in whole for line in region.lines]
        grids = with_frames(grids, find_frames(page, rulings), lines)
    rules = [*level_rules(page), *(r for r in rulings if r[2] - r[0] > r[3] - r[1])]
    done = _place(whole, [with_rules(grid, rules) for grid in grids])
    return [r for r in done if r.lines or r.cells or r.region_class is RegionClass.PICTURE]


def _absorbed(regions: list[Region]) -> list[Region]:
    """A text region inside a table region is part of the table."""
    tables = [region for region in regions if region.region_class is RegionClass.TABLE]
    kept: list[Region] = []
    extra: dict[int, list[TextLine]] = {}
    for region in regions:
        home = next((t for t in tables if t is not region and _inside(region.box, t.box)), None)
        if home is None or region.region_class in (*_LABELS, RegionClass.CAPTION):
            kept.append(region)
        elif region.region_class is not RegionClass.TABLE or area(region.box) < area(home.box):
            extra.setdefault(id(home), []).extend(region.lines)
        else:
            kept.append(region)
    return [
        replace(region, lines=(*region.lines, *extra[id(region)]))
        if id(region) in extra
        else region
        for region in kept
    ]


def _inside(inner: Rect, outer: Rect) -> bool:
    return area(inner) > 0 and shared_area(inner, outer) > _ABSORBED * area(inner)


def _filled(region: Region, grids: Sequence[Grid]) -> list[Region]:
    """Return the tables of a table region (one below the other), and what lies outside of them."""
    held: list[list[TextLine]] = [[] for _ in grids]
    outside: list[TextLine] = []
    for line in region.lines:
        x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
        gaps = [distance(grid.box, x, y) for grid in grids]
        nearest = min(range(len(grids)), key=lambda index: gaps[index])
        far = gaps[nearest] > (_OUTSIDE * max(line.size_pt, 4.0)) ** 2
        (outside if far else held[nearest]).append(line)
    tables: list[Region] = []
    for index, (grid, lines) in enumerate(zip(grids, held, strict=True)):
        cells = cells_of(grid, lines)
        if _plausible(cells, grid, modelled=True):
            box = region.box if len(grids) == 1 else grid.box
            tables.append(
                replace(region, box=box, lines=(), cells=cells, rank=region.rank + index / 100)
            )
        else:
            outside += lines
    if not tables:
        return [_as_text(region)]
    return tables + gather(outside, region.rank)


def _place(regions: list[Region], grids: Sequence[Grid]) -> list[Region]:
    """Give each grid to the table region that it lies in, or make a table region of it."""
    mine: dict[int, list[Grid]] = {}
    strays: list[Grid] = []
    for grid in grids:
        homes = [
            (shared_area(region.box, grid.box), index)
            for index, region in enumerate(regions)
            if region.region_class is RegionClass.TABLE
        ]
        shared, index = max(homes, default=(0.0, -1))
        if index >= 0 and shared > _OWN * min(area(regions[index].box), area(grid.box)):
            mine.setdefault(index, []).append(grid)
        else:
            strays.append(grid)
    placed: list[Region] = []
    for index, region in enumerate(regions):
        if index in mine:
            placed += _filled(region, stacked(mine[index]))
        elif region.region_class is RegionClass.TABLE:
            placed.append(_as_text(region))
        else:
            placed.append(region)
    for grid in strays:
        placed = _stray(placed, grid)
    return placed


def _stray(regions: list[Region], grid: Grid) -> list[Region]:
    """A ruled grid that the layout model took for text: a table if it is filled like one."""
    inside = [
        region
        for region in regions
        if region.region_class not in (*_LABELS, RegionClass.TABLE, RegionClass.CODE)
        and _inside(region.box, grid.box)
    ]
    lines = [line for region in inside for line in region.lines]
    cells = cells_of(grid, lines) if lines else ()
    if not _plausible(cells, grid, modelled=False):
        return regions
    rank = min(region.rank for region in inside)
    table = Region(RegionClass.TABLE, grid.box, (), rank, cells)
    gone = {id(region) for region in inside}
    return [table, *(region for region in regions if id(region) not in gone)]


def _plausible(cells: Sequence[Cell], grid: Grid, *, modelled: bool) -> bool:
    if grid.rows < 2 or grid.columns < 2 or not cells:
        return False
    filled = [cell for cell in cells if cell.lines]
    words = sum(len(line.words) for cell in filled for line in cell.lines)
    if len(filled) < 2 or words > _PROSE_WORDS * len(filled):
        return False
    covered = sum(cell.row_span * cell.column_span for cell in filled)
    if modelled:
        return len({cell.column for cell in filled}) > 1
    return len(filled) >= _STRAY_CELLS and covered >= _SPARSE * grid.rows * grid.columns


def _as_text(region: Region) -> Region:
    """What has no grid is running text, row by row."""
    return replace(region, region_class=RegionClass.TEXT, lines=rows(region.lines))
