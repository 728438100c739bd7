"""How much of a page's picture is ink: what differs from the paper around it and is no dirt.

Knows no text; whether so little ink makes a page blank is for ``verification``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

_LEAST_PX = 1600  # a larger picture is reduced by a whole factor, its longer side not below
_GROUND_SHRINK = 8
_GROUND_PX = 31  # window of the median on the small copy: 248 px, wider than lines of large type
_LEAST_CONTRAST = 18  # grey levels: over what shows through paper, below a faint pencil's
_NOISE_SIGMAS = 4.0  # pixels of noise beyond are too few to lie side by side
_MOST_CONTRAST = 48  # a page full of texture is no page full of noise
_SPECK_PX = 5  # 2 pt of A4: no letter is smaller, dust is
_EDGE_SHARE = 0.04  # of a side, 8 to 12 mm of A4: what clings to an edge no deeper is a shadow


def ink_coverage(image: Image.Image) -> float:
    """Return the share of a page's picture, in [0, 1], that is ink.

    Ink differs clearly from the ground around it, lighter or darker, in any colour. Left out are
    noise, dust, slow gradients and what clings to an edge of the picture, as a scanner's shadow
    does. Takes any picture in mode RGB; about 60 ms for a page on one core.
    """
    import cv2

    pixels = _reduced(image.convert("RGB"))
    # Past its edges the paper goes on as it ends there, or turns back. A soft shadow agrees with
    # the first, a hard black border with the second, print with neither.
    ink, again = (
        _without_dirt(_contrast(pixels, _ground(pixels, beyond)))
        for beyond in (cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101)
    )
    return float(np.count_nonzero(ink & again)) / ink.size


def _reduced(image: Image.Image) -> Pixels:
    """Average blocks of pixels: noise fades, strokes stay."""
    factor = max(1, max(image.size) // _LEAST_PX)
    return np.asarray(image if factor == 1 else image.reduce(factor))


def _contrast(pixels: Pixels, ground: Pixels) -> npt.NDArray[np.bool_]:
    """Return the pixels (height, width) that differ more from the ground than noise does."""
    import cv2

    red, green, blue = cv2.split(cv2.absdiff(pixels, ground))
    difference = cv2.max(cv2.max(red, green), blue)
    noise = 1.4826 * float(np.median(difference[::4, ::4]))  # of a normal law: 0.67 sigma
    threshold = min(max(_LEAST_CONTRAST, _NOISE_SIGMAS * noise), _MOST_CONTRAST)
    return np.asarray(difference > threshold, np.bool_)


def _ground(pixels: Pixels, beyond: int) -> Pixels:
    """Return what the paper is around each pixel: a median on a small copy."""
    import cv2

    height, width = pixels.shape[:2]
    shape = max(1, width // _GROUND_SHRINK), max(1, height // _GROUND_SHRINK)
    small = cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA)
    margin = _GROUND_PX // 2
    wide = cv2.copyMakeBorder(small, margin, margin, margin, margin, beyond)
    median = cv2.medianBlur(wide, _GROUND_PX)[margin:-margin, margin:-margin]
    return np.asarray(cv2.resize(median, (width, height)), np.uint8)


def _without_dirt(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Take away what is as small as dust or clings to an edge."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    height, width = ink.shape
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    deep_x, deep_y = _EDGE_SHARE * width, _EDGE_SHARE * height
    clings = (left == 0) & (right <= deep_x) | (right == width) & (left >= width - deep_x)
    clings |= (top == 0) & (bottom <= deep_y) | (bottom == height) & (top >= height - deep_y)
    keep = ~clings & (np.maximum(right - left, bottom - top) >= _SPECK_PX)
    keep[0] = False  # the paper
    return np.asarray(keep[labels], np.bool_)
