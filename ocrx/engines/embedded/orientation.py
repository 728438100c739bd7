"""Which way up a picture stands: whole quarter turns, from the shape of its text boxes and a vote.

The vote costs a handful of line readings, and one picture's worth only when the lines disagree.
Small angles are ``deskew.py``'s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ocrx.engines.embedded.recogniser import LineReading, Pixels, Quads, Recogniser
from ocrx.engines.embedded.vertical import read_stacked

VOTERS = 5
FIRST_VOTERS = 2  # the normal page is settled by these
LONG_ASPECT = 2.0  # boxes that are nearly square say nothing
SURE = 0.9  # mean confidence at which upright lines need no second opinion
READABLE = 0.7  # a turn that reads worse reads nothing, as in a script that is not covered
MARGIN = 0.05  # a turn must beat the picture as it is by this much
VERTICAL_MARGIN = 0.15  # laying characters side by side costs up to this much confidence


def quarter_turn(rgb: Pixels, quads: Quads, recogniser: Recogniser) -> int:
    """Return how far to turn the picture clockwise so that it stands upright: 0, 90, 180 or 270.

    Pages printed in vertical columns count as upright.
    """
    widths = np.hypot(*(quads[:, 1] - quads[:, 0]).T)
    heights = np.hypot(*(quads[:, 3] - quads[:, 0]).T)
    wide, tall = widths >= LONG_ASPECT * heights, heights >= LONG_ASPECT * widths
    # A long box weighs more than a short one: it is surely a line and not a word.
    if float(heights[tall].sum()) > float(widths[wide].sum()):
        return _turn_of_tall(_sample(rgb, quads[tall], heights[tall]), recogniser)
    return _turn_of_wide(_sample(rgb, quads[wide], widths[wide]), recogniser)


def turned(rgb: Pixels, degrees: int) -> Pixels:
    """Return the picture turned clockwise by whole quarters."""
    return np.ascontiguousarray(np.rot90(rgb, -degrees // 90))


def _turn_of_wide(crops: list[Pixels], recogniser: Recogniser) -> int:
    first = _vote(recogniser.read(crops[:FIRST_VOTERS]))
    if first >= SURE or not crops:
        return 0
    upright = _vote(recogniser.read(crops))
    upside_down = _vote(recogniser.read([turned(crop, 180) for crop in crops]))
    return 180 if upside_down > max(READABLE, upright + MARGIN) else 0


def _turn_of_tall(crops: list[Pixels], recogniser: Recogniser) -> int:
    """Tell columns of Chinese or Japanese from a page that lies on its side.

    The recogniser reads characters that lie on their left side nearly as well as upright ones, so
    columns count as upright only when they read well both ways: characters laid side by side,
    and the whole column on its side.
    """
    clockwise = _vote(recogniser.read([turned(crop, 90) for crop in crops]))
    counterclockwise = _vote(recogniser.read([turned(crop, 270) for crop in crops]))
    stacked = _vote([read_stacked(crop, recogniser) for crop in crops])
    columns = min(stacked, counterclockwise)
    if max(READABLE, columns + VERTICAL_MARGIN) >= max(clockwise, counterclockwise):
        return 0
    return 90 if clockwise > counterclockwise else 270


def _vote(readings: list[LineReading]) -> float:
    """Return the mean confidence; a line that reads as next to nothing is no vote."""
    if not readings:
        return 0.0
    return sum(r.confidence if len(r.text) > 1 else 0.0 for r in readings) / len(readings)


def _sample(rgb: Pixels, quads: Quads, lengths: npt.NDArray[np.float32]) -> list[Pixels]:
    """Cut out the boxes of middling length: long enough to vote, short enough to be cheap."""
    order = np.argsort(lengths)
    middle = order[len(order) // 2 :][:VOTERS]
    return [crop_of(rgb, quads[index]) for index in middle]


def crop_of(rgb: Pixels, quad: Quads) -> Pixels:
    """Return the upright rectangle around a quad, cut to the picture; never empty."""
    left, top = np.floor(quad.min(axis=0)).astype(int)
    right, bottom = np.ceil(quad.max(axis=0)).astype(int)
    left = min(max(0, left), rgb.shape[1] - 1)
    top = min(max(0, top), rgb.shape[0] - 1)
    return rgb[top : max(top + 1, bottom), left : max(left + 1, right)]
