"""Printed ruling lines of a picture, found with OpenCV: table grids, underlines, frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ocrx.engines.embedded.ink import Mask, ink_map
from ocrx.engines.embedded.lines import Rect

MIN_SHARE = 0.06  # of the table's side: a shorter line rules nothing
MIN_PX = 20
MAX_THICKNESS_SHARE = 0.15  # of its length: what is thicker is a bar or a letter's stem
BREAK_PX = 12  # breaks in a scanned line up to this are closed


@dataclass(frozen=True, slots=True)
class Ruling:
    """One straight line, in the unit of the box it was looked for in; the middle of its ink."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def is_horizontal(self) -> bool:
        """Whether it runs across the page."""
        return self.right - self.left >= self.bottom - self.top


def ruling_masks(ink: Mask, across_px: int, down_px: int) -> tuple[Mask, Mask]:
    """Return the ink of horizontal runs of at least ``across_px``, and of vertical ones."""
    import cv2

    marks = ink.astype(np.uint8)
    across = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, across_px), np.uint8))
    down = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((down_px, 1), np.uint8))
    return across.astype(np.bool_), down.astype(np.bool_)


def rulings(image: Image.Image, points_per_px: float, box: Rect) -> tuple[Ruling, ...]:
    """Return the ruling lines inside a box of a level picture, horizontal ones first.

    Args:
        image: the picture, upright and level.
        points_per_px: scale of the page that the box is given in.
        box: left, top, right, bottom in points, as are the lines returned.
    """
    left, top, right, bottom = (round(value / points_per_px) for value in box)
    left, top = max(0, left), max(0, top)
    right, bottom = min(image.width, right), min(image.height, bottom)
    if right - left < MIN_PX or bottom - top < MIN_PX:
        return ()
    ink = ink_map(np.asarray(image.convert("RGB").crop((left, top, right, bottom))))
    across_px = max(MIN_PX, round(MIN_SHARE * (right - left)))
    down_px = max(MIN_PX, round(MIN_SHARE * (bottom - top)))
    across, down = ruling_masks(ink, across_px, down_px)
    found = [
        *_segments(across, horizontal=True, least=across_px),
        *_segments(down, horizontal=False, least=down_px),
    ]
    return tuple(
        Ruling(
            (left + a) * points_per_px,
            (top + b) * points_per_px,
            (left + c) * points_per_px,
            (top + d) * points_per_px,
        )
        for a, b, c, d in found
    )


def _segments(
    mask: Mask, *, horizontal: bool, least: int
) -> list[tuple[float, float, float, float]]:
    import cv2

    if not mask.any():
        return []
    # A line a hair off level is one, and so is one with small breaks. They are closed only here:
    # on the bare ink, closing would also join the strokes of letters to lines.
    grow = (3, 1 + BREAK_PX) if horizontal else (1 + BREAK_PX, 3)
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones(grow, np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    found: list[tuple[float, float, float, float]] = []
    for left, top, width, height, _ in stats[1:].tolist():
        length, thickness = (width, height) if horizontal else (height, width)
        if length < least or thickness > max(4, MAX_THICKNESS_SHARE * length):
            continue
        if horizontal:
            middle = top + height / 2
            found.append((left, middle, left + width, middle))
        else:
            middle = left + width / 2
            found.append((middle, top, middle, top + height))
    return found
