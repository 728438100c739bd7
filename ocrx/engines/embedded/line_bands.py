"""Printed lines set apart: each box around its own ink and not its neighbours'.

On small print the detector's rows reach into the lines above and below, and blur leaves no blank
row between them. Boxes that overlap make the layout model take two lines for one, and columns for
one paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocrx.engines.embedded.gutters import LineBox
from ocrx.engines.embedded.ink import Mask

SAME_ROW = 0.6  # boxes that overlap by so much of the smaller height stand side by side
SHARED_WIDTH = 0.3  # of the narrower box: less is a corner that touches
FAINT = 0.04  # of the fullest row's ink: blur and specks


def set_apart(boxes: Sequence[LineBox], ink: Mask) -> list[LineBox]:
    """Return the boxes in order from the top, those that overlap from above cut where ink is least.

    Only the ink's rows change: those for reading keep the white that the recogniser was trained on.

    Args:
        boxes: of a level picture.
        ink: map of the same picture (height, width).
    """
    placed = sorted(boxes, key=lambda box: box.top + box.bottom)
    for upper in range(len(placed)):
        for lower in range(upper + 1, len(placed)):
            above, below = placed[upper], placed[lower]
            if _reach_into(above, below):
                row = _least_inked(above, below, ink)
                placed[upper] = _without_faint(replace(above, bottom=row), ink)
                placed[lower] = _without_faint(replace(below, top=row), ink)
    return placed


def _reach_into(above: LineBox, below: LineBox) -> bool:
    common = above.bottom - below.top
    if common <= 0 or above.vertical or below.vertical:
        return False
    width = min(above.right, below.right) - max(above.left, below.left)
    if width < SHARED_WIDTH * min(above.right - above.left, below.right - below.left):
        return False
    heights = above.bottom - above.top, below.bottom - below.top
    return above.top < below.top and common < SAME_ROW * min(heights)


def _least_inked(above: LineBox, below: LineBox, ink: Mask) -> int:
    """Return the row between the two with least ink where both have columns."""
    left, right = max(above.left, below.left), min(above.right, below.right)
    rows = _ink_of_rows(ink[below.top : above.bottom, left:right])
    return below.top + int(np.argmin(rows))


def _without_faint(box: LineBox, ink: Mask) -> LineBox:
    rows = _ink_of_rows(ink[box.top : box.bottom, box.left : box.right])
    full = np.flatnonzero(rows > FAINT * rows.max(initial=0))
    if not len(full):
        return box
    return replace(box, top=box.top + int(full[0]), bottom=box.top + int(full[-1]) + 1)


def _ink_of_rows(patch: Mask) -> npt.NDArray[np.intp]:
    return np.asarray(patch.sum(axis=1), np.intp)
