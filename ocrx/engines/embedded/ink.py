"""Where there is ink on a picture: the map of marks, blank pages, light print on a dark ground.

Pixels only; knows nothing of text. All pictures are (height, width, 3) RGB.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ocrx.engines.embedded.recogniser import Pixels

Mask = npt.NDArray[np.bool_]

MIN_CONTRAST = 24  # grey levels between ink and its ground; paper texture stays below
GROUND_SHRINK = 4  # the ground is smooth: estimated on a picture this much smaller
GROUND_PX = 31  # window of the median, on the small picture: wider than any stroke
DARK_MEDIAN = 100  # a page whose middle grey is below is dark
FLAT_SHARE = 0.5  # ... and printed, not a photograph, when this share lies near one grey
FLAT_LEVELS = 24


def ink_map(rgb: Pixels) -> Mask:
    """Return the pixels (height, width) that differ clearly from the ground around them.

    The ground is a local median, so that shadows and coloured cells are ground and light print
    in a dark cell is ink.
    """
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    small = cv2.resize(
        grey,
        (max(1, width // GROUND_SHRINK), max(1, height // GROUND_SHRINK)),
        interpolation=cv2.INTER_AREA,
    )
    ground = cv2.resize(cv2.medianBlur(small, GROUND_PX), (width, height))
    difference = cv2.absdiff(grey, ground)
    threshold, _ = cv2.threshold(difference, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # Otsu splits heavy print from its edges; half of it keeps thin strokes.
    mask: Mask = difference > max(MIN_CONTRAST, threshold / 2)
    return mask


def without_specks(ink: Mask, min_px: int = 4) -> Mask:
    """Return the ink without marks that are smaller than ``min_px`` both ways."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = extent >= min_px
    keep[0] = False
    if count == 1:
        return np.zeros_like(ink)
    kept: Mask = keep[labels]
    return kept


def extent_of(ink: Mask) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom around all ink, None when there is none."""
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    if not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def is_dark(rgb: Pixels) -> bool:
    """Tell light print on a flat dark ground from a normal page and from a dark photograph."""
    grey: npt.NDArray[Any] = rgb[::4, ::4].mean(axis=2)
    median = float(np.median(grey))
    near = float(np.mean(np.abs(grey - median) < FLAT_LEVELS))
    return median < DARK_MEDIAN and near > FLAT_SHARE


def ground_colour(rgb: Pixels) -> tuple[int, int, int]:
    """Return the median colour of the picture's border."""
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    red, green, blue = (int(value) for value in np.median(border, axis=0))
    return red, green, blue


def longest_gap(ink_columns: Mask, first: int, last: int) -> tuple[int, int] | None:
    """Return the longest run of columns without ink in [first, last), None when there is none."""
    runs = gaps(ink_columns[first:last])
    if not runs:
        return None
    start, end = max(runs, key=lambda run: run[1] - run[0])
    return first + start, first + end


def inked_columns(patch: Mask) -> Mask:
    """Return whether each column (width,) has ink."""
    return np.asarray(patch.any(axis=0), np.bool_)


def inked_rows(patch: Mask) -> Mask:
    """Return whether each row (height,) has ink."""
    return np.asarray(patch.any(axis=1), np.bool_)


def gaps(profile: Mask) -> list[tuple[int, int]]:
    """Return the runs [start, end) where the profile is False."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], profile, [True])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
