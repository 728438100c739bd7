"""From what the recogniser read in a line to words with boxes, and the size of its type."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from ocrx.engines.embedded.ink import Mask, longest_gap
from ocrx.engines.embedded.lines import Word
from ocrx.engines.embedded.recogniser import LineReading

# Share of the type size that ink takes, by which parts of the letters a line has (the usual
# proportions of text faces: x-height 0.48, ascender and capital 0.7, descender 0.22).
X_SHARE, ASCENDER, DESCENDER, SQUARE_SHARE = 0.48, 0.22, 0.22, 0.92
DESCENDING = frozenset("gjpqyQ,;()[]{}|_ßçþμρφψ§/")
LOW = frozenset("acemnorsuvwxz.:-–—=~+αενσω…·")  # noqa: RUF001 - characters as printed
LOW_DESCENDING = frozenset("gpqy,;_μρ")


def words_of(reading: LineReading, columns: Mask) -> list[tuple[str, int, int]]:
    """Split a line at its blanks; return each word with the columns [left, right) of its ink.

    Args:
        reading: text and where each character stands in the crop.
        columns: whether each column of the crop has ink (width,).
    """
    width = len(columns)
    places = [round(centre * width) for centre in reading.centres]
    runs = _runs(reading.text)
    if not runs:
        return []
    cuts: list[tuple[int, int]] = []
    for (_, last), (first, _) in pairwise(runs):
        a, b = sorted((places[last], places[first]))
        middle = (a + b) // 2
        cuts.append(longest_gap(columns, a, max(a + 1, b)) or (middle, middle))
    lefts = [0, *(right for _, right in cuts)]
    rights = [*(left for left, _ in cuts), width]
    return [
        (reading.text[first : last + 1], left, max(left + 1, right))
        for (first, last), left, right in zip(runs, lefts, rights, strict=True)
    ]


def _runs(text: str) -> list[tuple[int, int]]:
    """Return (first, last) index of each run without blanks."""
    runs: list[tuple[int, int]] = []
    for index, character in enumerate(text):
        if character.isspace():
            continue
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def is_square(character: str) -> bool:
    """Tell Chinese and Japanese characters, which fill a square and stand without blanks."""
    return unicodedata.east_asian_width(character) in "WF"


def type_size(text: str, ink_height: float) -> float:
    """Return the size of the type, in the unit of ``ink_height``, the height of the line's ink."""
    letters = [character for character in text if not character.isspace()]
    if not letters:
        return ink_height
    if 2 * sum(is_square(character) for character in letters) > len(letters):
        return ink_height / SQUARE_SHARE
    share = X_SHARE
    if any(character not in LOW and character not in LOW_DESCENDING for character in letters):
        share += ASCENDER
    if any(character in DESCENDING for character in letters):
        share += DESCENDER
    return ink_height / share


def word_at(text: str, box: tuple[float, float, float, float], size: float, first: bool) -> Word:
    """Return a word of a line; only the first has no blank before it."""
    return Word(text, box, blank_before=not first, size_pt=size)
