"""From a pymupdf page and its printed lines to regions in reading order, as raw text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ocrx.engines.embedded.layout import model_groups, regions_of
from ocrx.engines.embedded.layout_pictures import with_figures, with_whole_pictures
from ocrx.engines.embedded.layout_regions import Region, gather
from ocrx.engines.embedded.lines import Rect, TextLine, spans_of
from ocrx.engines.embedded.reading_order import reading_order
from ocrx.engines.embedded.ruled_tables import with_ruled_tables
from ocrx.engines.embedded.table_grids import Segment
from ocrx.engines.embedded.tables import with_tables
from ocrx.parsing.region_dialect import RawCell, RawLine, RawPage, RawRegion


def structured(
    page: Any,
    lines: Sequence[TextLine],
    ruler: Callable[[Rect], Sequence[Segment]] | None = None,
    turned_degrees: int = 0,
    figures: Sequence[Rect] = (),
) -> RawPage:
    """Return the page's regions in reading order, every line in one of them.

    ``page`` is an upright pymupdf page (rotation 0) whose words stand where ``lines`` stand;
    ``ruler`` finds the ruling lines inside a box that the page does not draw (a picture's), and
    ``figures`` are the boxes that were found in such a picture.
    """
    width, height = float(page.rect.width), float(page.rect.height)
    groups = model_groups(page)
    if ruler is None:
        groups = with_whole_pictures(page, groups, lines)
    else:
        groups = with_figures(with_ruled_tables(page, groups, lines, ruler), figures, lines)
    regions = regions_of(groups, lines, (0.0, 0.0, width, height))
    ordered = reading_order(with_tables(page, regions, ruler))
    raw = tuple(_raw_region(region, width, height) for region in ordered)
    return RawPage(width, height, raw, turned_degrees)


def plain(
    width: float,
    height: float,
    regions: Sequence[Region] = (),
    *,
    lines: Sequence[TextLine] = (),
    turned_degrees: int = 0,
) -> RawPage:
    """Return regions, and lines gathered into regions, without the layout model."""
    ordered = reading_order([*regions, *gather(lines, float("inf"))])
    raw = tuple(_raw_region(region, width, height) for region in ordered)
    return RawPage(width, height, raw, turned_degrees)


def _raw_region(region: Region, width: float, height: float) -> RawRegion:
    cells = tuple(
        RawCell(
            cell.row,
            cell.column,
            cell.row_span,
            cell.column_span,
            cell.header,
            tuple(_raw_line(line, width, height) for line in cell.lines),
        )
        for cell in region.cells
    )
    lines = [*region.lines, *(line for cell in region.cells for line in cell.lines)]
    scores = [(line.confidence, len(line.text)) for line in lines if line.confidence is not None]
    total = sum(weight for _, weight in scores)
    confidence = sum(score * weight for score, weight in scores) / total if total else None
    return RawRegion(
        region.region_class,
        _relative(region.box, width, height),
        tuple(_raw_line(line, width, height) for line in region.lines),
        cells,
        confidence,
    )


def _raw_line(line: TextLine, width: float, height: float) -> RawLine:
    box = _relative(line.box, width, height)
    return RawLine(box, spans_of(line.words), line.size_pt, line.confidence)


def _relative(box: Rect, width: float, height: float) -> Rect:
    left, right = (min(1.0, max(0.0, x / width)) for x in (box[0], box[2]))
    top, bottom = (min(1.0, max(0.0, y / height)) for y in (box[1], box[3]))
    return left, top, right, bottom
