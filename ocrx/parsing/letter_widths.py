"""The size of type from how wide a line is set, for lines that were read from pixels.

The height of a box around ink depends on which letters stand in it (``What We Found`` has no
descender) and on noise; the width of a line averages over all of its letters.
"""

from __future__ import annotations

import re

# Shares of the type size, between those of Times and Helvetica.
_NARROW = frozenset("ijlI.,:;'|!\u2018\u2019")
_SLIM = frozenset('frt()[]{}-/"\u201c\u201d ')
_BROAD = frozenset("mwMW@%\u2014\u2026")
_NARROW_EM, _SLIM_EM, _BROAD_EM, _CAPITAL_EM, _OTHER_EM = 0.27, 0.33, 0.84, 0.68, 0.5
_SQUARE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")
_MIN_CHARACTERS = 5
_TRUSTED = (0.6, 1.6)  # times the size by height; else the letters are spaced out or no letters
_WEIGHT = 0.75  # of the width against the height


def size_by_width(text: str, width: float, size: float) -> float:
    """Return a better size for a line of this width (points) whose height speaks for ``size``."""
    if len(text) < _MIN_CHARACTERS:
        return size
    found = _size_that_fills(text, width)
    low, high = _TRUSTED
    if not low * size < found < high * size:
        return size
    return float(found**_WEIGHT * size ** (1 - _WEIGHT))


def is_stretched(text: str, width: float, size: float) -> bool:
    """Return whether type of this size cannot fill the width: pieces of a row, far apart."""
    return len(text) >= _MIN_CHARACTERS and _size_that_fills(text, width) > _TRUSTED[1] * size


def is_square(text: str) -> bool:
    """Return whether the script sets each character in a square, which is no typewriter's face."""
    return 2 * len(_SQUARE.findall(text)) > len(text.replace(" ", ""))


def _size_that_fills(text: str, width: float) -> float:
    return width / sum(_em(character) for character in text)


def _em(character: str) -> float:
    if character in _NARROW:
        return _NARROW_EM
    if character in _SLIM:
        return _SLIM_EM
    if character in _BROAD:
        return _BROAD_EM
    if character.isupper():
        return _CAPITAL_EM
    return 1.0 if _SQUARE.match(character) else _OTHER_EM
