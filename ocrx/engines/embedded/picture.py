"""What a picture says: its lines, how it was put upright, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ocrx.engines.embedded.lines import TextLine

LONG_SIDE_PT = 792.0  # 11 inches


@dataclass(frozen=True, slots=True)
class PictureReading:
    """All lines of a picture.

    ``image`` is upright and level; boxes of ``lines`` are in points of it. ``turned_degrees``
    (whole quarters, clockwise) and then ``skew_degrees`` (how far it leaned clockwise) were taken
    out. ``confidence`` is the mean over all characters, None when there are none.
    ``uncovered_script`` says why the text cannot be trusted: a script that nothing here can read.
    ``reader`` names what read it.
    """

    image: Image.Image
    lines: tuple[TextLine, ...]
    turned_degrees: int = 0
    skew_degrees: float = 0.0
    confidence: float | None = None
    uncovered_script: str | None = None
    reader: str = "rapidocr"

    @property
    def points_per_px(self) -> float:
        """Scale of the picture."""
        return points_per_px(self.image)

    @property
    def width_pt(self) -> float:
        """Width of the page."""
        return self.image.width * self.points_per_px

    @property
    def height_pt(self) -> float:
        """Height of the page."""
        return self.image.height * self.points_per_px


def points_per_px(image: Image.Image) -> float:
    """Return the one scale of pictures: the longer side is 792 points."""
    return LONG_SIDE_PT / max(image.size)


def mean_confidence(lines: tuple[TextLine, ...]) -> float | None:
    """Return the mean confidence of the lines, weighted by their characters."""
    known = [(line.confidence, len(line.text)) for line in lines if line.confidence is not None]
    if not sum(weight for _, weight in known):
        return None
    return float(np.average([score for score, _ in known], weights=[weight for _, weight in known]))
