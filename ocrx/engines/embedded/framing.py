"""A picture of a part of a page, laid on a page: the layout model knows pages, not snippets.

A cropped table blown up to the size of a sheet has type of 20 points and no margins, and is not
seen as a table. Set in type of 9 points on a sheet of paper it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.parsing.region_dialect import RawCell, RawLine, RawPage, RawRegion
from ocrx.raster.mupdf import load_pymupdf

SHEET_PT = (612.0, 792.0)
MARGIN_PT = 54.0
TYPE_PT = 9.0
LARGE_TYPE_PT = 14.0  # running text of a whole page 11 inches high stays below
PAGE_ASPECTS = (0.55, 1.8)  # width by height: other pictures are no whole pages


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a picture lies on its sheet: its own points times ``scale``, plus left and top."""

    left: float
    top: float
    scale: float
    width: float
    height: float

    def placed(self, box: Rect) -> Rect:
        """Return a box of the picture on the sheet."""
        return (
            self.left + box[0] * self.scale,
            self.top + box[1] * self.scale,
            self.left + box[2] * self.scale,
            self.top + box[3] * self.scale,
        )

    def own(self, box: Rect) -> Rect:
        """Return a box of the sheet in points of the picture."""
        return (
            (box[0] - self.left) / self.scale,
            (box[1] - self.top) / self.scale,
            (box[2] - self.left) / self.scale,
            (box[3] - self.top) / self.scale,
        )


def frame_for(width: float, height: float, lines: Sequence[TextLine]) -> Frame | None:
    """Return how to lay a picture of this size (points) on a sheet; None for a whole page."""
    size = _type_size(lines)
    whole = PAGE_ASPECTS[0] <= width / height <= PAGE_ASPECTS[1] and size <= LARGE_TYPE_PT
    if whole or not size:
        return None
    widest, highest = (side - 2 * MARGIN_PT for side in SHEET_PT)
    scale = min(TYPE_PT / size, widest / width, highest / height)
    left = (SHEET_PT[0] - width * scale) / 2
    return Frame(left, MARGIN_PT, scale, width, height)


def _type_size(lines: Sequence[TextLine]) -> float:
    """Return the size of the middle one of all characters."""
    sizes = sorted((line.size_pt, len(line.text)) for line in lines)
    half = sum(count for _, count in sizes) / 2
    for size, count in sizes:
        half -= count
        if half <= 0:
            return size
    return 0.0


def framed_page(page: Any, frame: Frame) -> Any:
    """Return a document of one sheet with the page on it; the caller closes it."""
    pymupdf = load_pymupdf()
    document = pymupdf.open()
    sheet = document.new_page(width=SHEET_PT[0], height=SHEET_PT[1])
    place = frame.placed((0.0, 0.0, frame.width, frame.height))
    sheet.show_pdf_page(pymupdf.Rect(place), page.parent, page.number)
    return document


def framed_lines(lines: Sequence[TextLine], frame: Frame) -> tuple[TextLine, ...]:
    """Return the lines as they lie on the sheet."""
    return tuple(
        replace(
            line,
            box=frame.placed(line.box),
            size_pt=line.size_pt * frame.scale,
            words=tuple(
                replace(word, box=frame.placed(word.box), size_pt=word.size_pt * frame.scale)
                for word in line.words
            ),
        )
        for line in lines
    )


def unframed(raw: RawPage, frame: Frame) -> RawPage:
    """Return the sheet's raw page as that of the picture alone."""

    def own(box: Rect) -> Rect:
        on_sheet = (
            box[0] * raw.width,
            box[1] * raw.height,
            box[2] * raw.width,
            box[3] * raw.height,
        )
        left, top, right, bottom = frame.own(on_sheet)
        return (
            _clamped(left / frame.width),
            _clamped(top / frame.height),
            _clamped(right / frame.width),
            _clamped(bottom / frame.height),
        )

    def own_lines(lines: Sequence[RawLine]) -> tuple[RawLine, ...]:
        return tuple(replace(x, box=own(x.box), size_pt=x.size_pt / frame.scale) for x in lines)

    def own_cell(cell: RawCell) -> RawCell:
        return replace(cell, lines=own_lines(cell.lines))

    def own_region(region: RawRegion) -> RawRegion:
        cells = tuple(own_cell(cell) for cell in region.cells)
        return replace(region, box=own(region.box), lines=own_lines(region.lines), cells=cells)

    regions = tuple(own_region(region) for region in raw.regions)
    return replace(raw, width=frame.width, height=frame.height, regions=regions)


def _clamped(value: float) -> float:
    return min(1.0, max(0.0, value))
