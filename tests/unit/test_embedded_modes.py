"""In a fixed mode the engine reads fewer pixels; what it finds stands where it does in auto."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from embedded_scan_pages import ENGLISH

from ocrx.document import Block, BlockKind
from ocrx.engines.embedded.gutters import LineBox
from ocrx.engines.embedded.line_bands import set_apart
from ocrx.library import convert
from ocrx.raster import load_pymupdf

TOLERANCE = 0.02  # of the page
CELLS = [("Port", "Ships", "Tons"), ("North", "412", "9035"), ("South", "387", "8120")]


@cache
def page_png() -> bytes:
    document = load_pymupdf().open()
    sheet = document.new_page(width=595, height=842)
    sheet.insert_htmlbox((60, 60, 535, 130), f'<p style="font-size:12px">{ENGLISH}</p>')
    for row, cells in enumerate(CELLS):
        for column, text in enumerate(cells):
            box = (100 + 130 * column, 450 + 28 * row, 230 + 130 * column, 478 + 28 * row)
            sheet.draw_rect(box, width=1)
            sheet.insert_text((box[0] + 8, box[3] - 9), text, fontsize=12)
    sheet.insert_htmlbox((60, 580, 535, 650), f'<p style="font-size:12px">{ENGLISH}</p>')
    pixels = sheet.get_pixmap(dpi=150)
    document.close()
    return bytes(pixels.tobytes("png"))


@cache
def blocks(mode: str) -> tuple[Block, ...]:
    return convert(page_png(), mode=mode).pages[0].blocks


def _box(block: Block) -> tuple[float, float, float, float]:
    assert block.bbox is not None
    return block.bbox.left, block.bbox.top, block.bbox.right, block.bbox.bottom


@pytest.mark.parametrize("mode", ["base", "small", "gundam"])
def test_text_and_tables_stand_where_auto_finds_them(mode: str) -> None:
    found, expected = blocks(mode), blocks("auto")
    kinds = [block.kind for block in expected]
    assert kinds == [BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.PARAGRAPH]
    assert [block.kind for block in found] == kinds
    for one, other in zip(found, expected, strict=True):
        assert _box(one) == pytest.approx(_box(other), abs=TOLERANCE)
    (table,) = (block.table for block in found if block.table is not None)
    assert (table.rows, table.columns) == (3, 3)


def test_lines_whose_boxes_overlap_are_parted_where_ink_is_least() -> None:
    ink = np.zeros((60, 200), bool)
    ink[10:22, 20:180] = True
    ink[22:26, 50:52] = True  # a descender, and blur that touches the line below
    ink[26:38, 20:180] = True
    boxes = [LineBox(20, 10, 180, 29, 8, 29), LineBox(20, 19, 180, 38, 19, 40)]
    upper, lower = set_apart(boxes, ink)
    assert (upper.top, upper.bottom, lower.top, lower.bottom) == (10, 22, 26, 38)
    assert (lower.top_px, lower.bottom_px) == (19, 40)


def test_pieces_of_one_row_are_not_parted() -> None:
    ink = np.ones((30, 200), bool)
    boxes = [LineBox(0, 5, 120, 20, 4, 21), LineBox(60, 8, 200, 23, 7, 24)]
    assert set_apart(boxes, ink) == boxes
