"""Lines that run down a page: columns of Chinese and Japanese, and print that lies on its side."""

from __future__ import annotations

import numpy as np

from ocrx.engines.embedded.ink import gaps, ink_map, inked_rows
from ocrx.engines.embedded.recogniser import LineReading, Pixels, Recogniser

MIN_CELL = 0.75  # of the column's width: a cut sooner would go through a character
MAX_CELL = 1.3
SURE = 0.85  # confidence at which the other direction need not be tried
GAP_BETWEEN = 0.1  # of the column's width, as in print


def read_vertical(crop: Pixels, recogniser: Recogniser) -> LineReading:
    """Read the picture of one line that runs down (or, as beside an axis, up) the page.

    ``centres`` run down the crop's height. The models were trained on columns laid on their side.
    """
    (reading,) = recogniser.read([np.ascontiguousarray(np.rot90(crop))])
    if reading.confidence >= SURE:
        return reading
    (upwards,) = recogniser.read([np.ascontiguousarray(np.rot90(crop, -1))])
    if upwards.confidence <= reading.confidence:
        return reading
    centres = tuple(1 - centre for centre in upwards.centres)
    return LineReading(upwards.text, upwards.confidence, centres)


def read_stacked(crop: Pixels, recogniser: Recogniser) -> LineReading:
    """Read a column of square characters cut apart and laid side by side, for a vote only.

    ``centres`` are those of the row. It reads a little worse than the column on its side, but only
    characters that stand upright.
    """
    (reading,) = recogniser.read([_laid_out(crop, _cells(crop))])
    return reading


def _cells(crop: Pixels) -> list[tuple[int, int]]:
    """Return rows [top, bottom) of each character: cut in the ink gap nearest to a square."""
    height, width = crop.shape[:2]
    ink = ink_map(crop)
    profile = inked_rows(ink)
    columns = np.flatnonzero(ink.any(axis=0))
    em = int(columns[-1] - columns[0] + 1) if len(columns) else width
    cuts = [(a + b) // 2 for a, b in gaps(profile) if a > 0 and b < height]
    inked = np.flatnonzero(profile)
    top, end = (int(inked[0]), int(inked[-1]) + 1) if len(inked) else (0, height)
    cells = []
    while end - top > MAX_CELL * em:
        near = [cut for cut in cuts if MIN_CELL * em <= cut - top <= MAX_CELL * em]
        bottom = min(near, key=lambda cut: abs(cut - top - em)) if near else top + em
        cells.append((top, bottom))
        top = bottom
    cells.append((top, max(end, top + 1)))
    return cells


def _laid_out(crop: Pixels, cells: list[tuple[int, int]]) -> Pixels:
    width = crop.shape[1]
    gap = round(GAP_BETWEEN * width)
    side = max(width, max(bottom - top for top, bottom in cells))
    row = np.empty((side, (width + gap) * len(cells), 3), np.uint8)
    row[:] = np.median(crop.reshape(-1, 3), axis=0).astype(np.uint8)
    for index, (top, bottom) in enumerate(cells):
        left, above = index * (width + gap), (side - (bottom - top)) // 2
        row[above : above + bottom - top, left : left + width] = crop[top:bottom]
    return row
