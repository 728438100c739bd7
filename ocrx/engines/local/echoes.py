"""Finds text that mostly says again what stands just before, however it is broken up.

A model in a loop that may not repeat itself puts a stray word in every few, so that no two rounds
are equal; ``repeats`` finds those that are. Here text is taken in small blocks, each of which
either stands a little before already or does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BLOCK = 12  # characters: hardly any stands twice in prose so near, and a stray spoils one or two
NEAR = 2500  # characters back, as long as a round may be
# How much more may be repeated than new, since there was last nothing but new text. A page of print
# has some 6,000 letters: three copies of one form are 4,000 that repeat, a statement of 80 alike
# bookings has 3,000. What has no letters goes by its characters: 40 rows of 30 zeros have 12,000.
MOST_LETTERS = 4000
MOST_CHARACTERS = 13_000

_TAGS = re.compile(r"\A[^<>]*>|<[^<>]*>?")  # whole ones, and what a block has of one


@dataclass(slots=True)
class _Tally:
    """Repeated less new, never under zero, and where it last was zero."""

    most: int
    excess: int = 0
    start: int = 0

    def count(self, amount: int, repeated: bool, end: int) -> bool:
        """Add a block that ends at ``end``; say whether it is too much."""
        self.excess += amount if repeated else -amount
        if self.excess <= 0:
            self.excess, self.start = 0, end
        return self.excess >= self.most


class EchoWatch:
    """Watches one text as it grows."""

    def __init__(self) -> None:
        """Begin with an empty text."""
        self._seen = 0
        self._letters = _Tally(MOST_LETTERS)
        self._characters = _Tally(MOST_CHARACTERS)

    def check(self, text: str) -> int | None:
        """Look at what was added; return where the text began to repeat, once that is too much."""
        while self._seen + BLOCK <= len(text):
            start, end = self._seen, self._seen + BLOCK
            block = text[start:end]
            repeated = text.find(block, max(0, start - NEAR), end - 1) >= 0
            self._seen = end
            letters = sum(map(str.isalpha, _TAGS.sub("", block)))
            if self._letters.count(letters, repeated, end):
                return self._letters.start
            if self._characters.count(BLOCK, repeated, end):
                return self._characters.start
        return None
