"""How far the lines of a picture lean, and the picture turned level.

Whole quarter turns are ``orientation.py``'s. Angles are clockwise degrees as a person sees them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ocrx.engines.embedded.recogniser import Pixels, Quads

LEVEL_DEGREES = 0.2  # under this the corners' whole pixels decide, not the page
MAX_DEGREES = 30.0  # steeper lines are decoration
MIN_ASPECTS = (5.0, 2.5)  # a longer box tells its slope better; the second when there are few
ENOUGH_BOXES = 3


def skew_degrees(quads: Quads) -> float:
    """Return the median slope of the text boxes, weighted by length; 0 when they do not tell.

    Args:
        quads: corners (n, 4, 2) in px, clockwise from the top left.
    """
    along = (quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3]) / 2
    across = (quads[:, 3] - quads[:, 0] + quads[:, 2] - quads[:, 1]) / 2
    lengths, heights = np.hypot(*along.T), np.hypot(*across.T)
    angles = np.degrees(np.arctan2(along[:, 1], along[:, 0]))
    for aspect in MIN_ASPECTS:
        usable = (lengths >= aspect * np.maximum(heights, 1)) & (np.abs(angles) <= MAX_DEGREES)
        if usable.sum() >= ENOUGH_BOXES:
            return _weighted_median(angles[usable], lengths[usable])
    return 0.0


def _weighted_median(values: npt.NDArray[np.float32], weights: npt.NDArray[np.float32]) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def levelled(rgb: Pixels, degrees: float, fill: tuple[int, int, int] = (255, 255, 255)) -> Pixels:
    """Return the picture turned back by its skew on a canvas large enough for all of it."""
    import cv2

    matrix, size = _turn(rgb.shape[1], rgb.shape[0], degrees)
    turned = cv2.warpAffine(
        rgb, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=fill
    )
    return turned.astype(np.uint8, copy=False)


def levelled_quads(quads: Quads, width_px: int, height_px: int, degrees: float) -> Quads:
    """Return where corners of a picture of this size are after ``levelled``."""
    matrix, _ = _turn(width_px, height_px, degrees)
    turned: Quads = (quads @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    return turned


def _turn(
    width: int, height: int, degrees: float
) -> tuple[npt.NDArray[np.float64], tuple[int, int]]:
    """Return the affine matrix (2, 3) and the size of the canvas that holds the turned picture."""
    angle = math.radians(-degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    new_width = math.ceil(abs(width * cos) + abs(height * sin))
    new_height = math.ceil(abs(width * sin) + abs(height * cos))
    dx = new_width / 2 - (cos * width - sin * height) / 2
    dy = new_height / 2 - (sin * width + cos * height) / 2
    return np.array([[cos, -sin, dx], [sin, cos, dy]]), (new_width, new_height)
