"""The picture as the recogniser likes it: dark on light, large enough, with a margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ocrx.engines.embedded.ink import ground_colour, is_dark
from ocrx.engines.embedded.lines import Rect
from ocrx.engines.embedded.recogniser import Pixels

MAX_AREA_PX = 3_100_000  # a Letter page of 2000 px: 2000 * 1545
SMALL_AREA_PX = 1_000_000  # a smaller picture is enlarged towards this
MAX_ENLARGEMENT = 3.0
MARGIN_PX = 24  # the detector misses print that touches the edge of a picture
LOW_CONTRAST = 110  # grey levels between the darkest and the lightest percent


@dataclass(frozen=True, slots=True)
class Canvas:
    """Working pixels (height, width, 3), ``scale`` of them for one of the picture's.

    The picture stands in the middle of the canvas, also after both have been turned.
    """

    pixels: Pixels
    scale: float

    def to_points(
        self, edges: tuple[int, int, int, int], image: Image.Image, points_per_px: float
    ) -> Rect:
        """Return a box on the canvas as points of the (equally turned) picture, cut to it."""
        height, width = self.pixels.shape[:2]
        dx = (width - self.scale * image.width) / 2
        dy = (height - self.scale * image.height) / 2
        factor = points_per_px / self.scale
        left, top, right, bottom = edges
        across, down = image.width * points_per_px, image.height * points_per_px
        return (
            min(max((left - dx) * factor, 0.0), across),
            min(max((top - dy) * factor, 0.0), down),
            min(max((right - dx) * factor, 0.0), across),
            min(max((bottom - dy) * factor, 0.0), down),
        )


def prepare(rgb: Pixels) -> Canvas:
    """Return the canvas of a picture: enlarged or shrunk, light, of full contrast, with margins."""
    import cv2

    height, width = rgb.shape[:2]
    scale = _scale(width, height)
    pixels = rgb
    if scale != 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        pixels = cv2.resize(rgb, size, interpolation=how).astype(np.uint8, copy=False)
    if is_dark(pixels):
        pixels = 255 - pixels
    pixels = _stretched(pixels)
    ground = np.array(ground_colour(pixels), np.uint8)
    margin = 2 * MARGIN_PX
    framed = np.empty((pixels.shape[0] + margin, pixels.shape[1] + margin, 3), np.uint8)
    framed[:] = ground
    framed[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] = pixels
    return Canvas(framed, scale)


def _scale(width: int, height: int) -> float:
    area = width * height
    if area > MAX_AREA_PX:
        return float((MAX_AREA_PX / area) ** 0.5)
    if area < SMALL_AREA_PX:
        return float(min(MAX_ENLARGEMENT, (SMALL_AREA_PX / area) ** 0.5))
    return 1.0


def _stretched(pixels: Pixels) -> Pixels:
    """Spread pale print over the whole range of grey."""
    low, high = (float(v) for v in np.percentile(pixels[::4, ::4], (0.5, 99.5)))
    if high - low >= LOW_CONTRAST or high - low < 8:
        return pixels
    stretched: Pixels = np.clip(
        (pixels.astype(np.float32) - low) * (255 / (high - low)), 0, 255
    ).astype(np.uint8)
    return stretched
