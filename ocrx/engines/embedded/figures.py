"""Figures of a scan: ink that is neither text nor rules, found in the pixels.

On a picture the layout model sees only words and ruling lines, so that photographs and diagrams
escape it. What is a figure's label and what is text beside it is decided by ``layout_pictures.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from ocrx.engines.embedded.layout_regions import area, shared_area
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.words import union

LOOK_PX = 900  # long side of the picture that is looked at: figures are coarse
MIN_CONTRAST = 36  # of 255, from the paper around: fainter is a stain or a shadow
PAPER_PX = 401  # edge of the square whose lightest pixels are taken for the paper
CLOSE_PX = 11  # pieces of one figure lie nearer than this
RULE_PX = 40  # a straight stroke this long is a rule
MIN_SIDE_PT = 36.0
MIN_SHARE, MAX_SHARE = 0.01, 0.7  # of the page: smaller is a mark, larger is the paper
MIN_INK = 0.02  # of the box, rules not counted
MAX_TEXT = 0.3  # of the box: with more text upon it, it is a background
MIN_FILL_AT_EDGE = 0.6  # of the box: a picture that runs off the page fills its box
EDGE_PX = 2  # ink so near the picture's edge is the scanner's shadow
Mask = npt.NDArray[np.uint8]


def figures_in(
    image: Image.Image, lines: Sequence[TextLine], points_per_px: float
) -> tuple[Rect, ...]:
    """Return the boxes of figures, in points, top to bottom.

    ``image`` is the upright picture that was read, RGB; ``lines`` are in points of its page.
    """
    import cv2

    scale = min(1.0, LOOK_PX / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    gray = np.asarray(image.convert("L").resize(size, Image.Resampling.BOX), np.uint8)
    pt_per_px = points_per_px / scale
    ink = _without_text(_ink(gray), lines, pt_per_px)
    drawn = cv2.subtract(ink, _rules(ink))
    kernel = np.ones((CLOSE_PX, CLOSE_PX), np.uint8)
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, kernel)
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    height, width = gray.shape
    boxes = []
    for left, top, across, down, filled in stats[1:count].tolist():
        box = (left, top, left + across, top + down)
        if _is_shadow(box, filled, width, height):
            continue
        if cv2.countNonZero(drawn[top : box[3], left : box[2]]) >= MIN_INK * across * down:
            boxes.append(tuple(value * pt_per_px for value in box))
    page = width * height * pt_per_px * pt_per_px
    whole = _joined(boxes)
    return tuple(sorted((b for b in whole if _is_figure(b, lines, page)), key=lambda b: b[1]))


def _ink(gray: Mask) -> Mask:
    """Return where the picture is darker than the paper around: 255, else 0."""
    import cv2

    # The paper is the lightest near by; grain is smoothed first.
    smooth: Any = cv2.medianBlur(gray, 3)
    small: Any = cv2.resize(smooth, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    edge = PAPER_PX // 4
    lightest: Any = cv2.blur(cv2.dilate(small, np.ones((edge, edge), np.uint8)), (edge, edge))
    paper: Any = cv2.resize(lightest, (gray.shape[1], gray.shape[0]))
    depth: Any = cv2.subtract(paper, smooth)
    ink: Mask = np.where(depth > MIN_CONTRAST, 255, 0).astype(np.uint8)
    return ink


def _without_text(ink: Mask, lines: Sequence[TextLine], pt_per_px: float) -> Mask:
    clean = ink.copy()
    for line in lines:
        left, top, right, bottom = (value / pt_per_px for value in line.box)
        margin = 0.25 * (bottom - top) + 1
        rows = slice(max(0, int(top - margin)), int(bottom + margin) + 1)
        clean[rows, max(0, int(left - margin)) : int(right + margin) + 1] = 0
    return clean


def _rules(ink: Mask) -> Mask:
    import cv2

    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, RULE_PX), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((RULE_PX, 1), np.uint8))
    both: Any = cv2.bitwise_or(level, upright)
    # A filled area is made of long strokes, too: only what is thin is a rule.
    thick: Any = cv2.morphologyEx(both, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    return np.asarray(cv2.subtract(both, thick), np.uint8)


def _is_shadow(box: tuple[int, int, int, int], filled: int, width: int, height: int) -> bool:
    """Say whether ink at the edge is the scanner's or the binding's: long, or mostly empty."""
    left, top, right, bottom = box
    at_edge = (
        left <= EDGE_PX or top <= EDGE_PX or right >= width - EDGE_PX or bottom >= height - EDGE_PX
    )
    long, short = max(right - left, bottom - top), max(1, min(right - left, bottom - top))
    return at_edge and (long > 4 * short or filled < MIN_FILL_AT_EDGE * long * short)


def _joined(boxes: Sequence[tuple[float, ...]]) -> list[Rect]:
    """Join boxes that overlap, until none does."""
    left: list[Rect] = [(b[0], b[1], b[2], b[3]) for b in boxes]
    whole: list[Rect] = []
    while left:
        box = left.pop()
        touching = [other for other in left if shared_area(box, other) > 0]
        if touching:
            left = [other for other in left if other not in touching]
            left.append(union([box, *touching]))
        else:
            whole.append(box)
    return whole


def _is_figure(box: Rect, lines: Sequence[TextLine], page: float) -> bool:
    share = area(box) / (page or 1.0)
    side = min(box[2] - box[0], box[3] - box[1])
    text = sum(shared_area(line.box, box) for line in lines)
    return side >= MIN_SIDE_PT and MIN_SHARE <= share <= MAX_SHARE and text < MAX_TEXT * area(box)
