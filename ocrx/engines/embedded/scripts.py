"""Is a page written in a script that the recogniser cannot write?

In print it does not know, the recogniser finds lines but writes next to nothing into them, and that
with confidence, so the count of characters for the length of print tells; a poor scan of known
print gives wrong characters, not few. Measured on fifteen scripts: known print has
0.95 to 2.5 characters an em, unknown print under 0.2, or a confidence under 0.55. Which script it
is, only Tesseract can say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocrx.engines.embedded.lines import TextLine

UNKNOWN = "an unknown script"
MIN_EMS = 8.0  # with less print than this nothing is said
FEW_CHARACTERS = 0.5  # an em, weighted by confidence: unknown for sure
GUESSED = 0.55  # mean confidence under which nothing was read, whatever was written
MIN_LETTERS = 40
GREEK_SHARE = 0.5  # of the letters; formulas have single Greek letters, not words
VIETNAMESE_SHARE = 0.015
GREEK_WORD = re.compile(r"[\u0370-\u03ff]{3,}")
# Letters that Vietnamese alone uses; of those with a second mark the recogniser has none.
VIETNAMESE_LETTERS = frozenset("ươƯƠ")


@dataclass(frozen=True, slots=True)
class Tally:
    """How much print was found, and how much of it was read.

    ``ems`` is the length of all lines in line heights; ``characters`` counts each by its
    confidence, blanks left out.
    """

    ems: float = 0.0
    characters: float = 0.0

    def plus(self, ems: float, text: str = "", confidence: float = 0.0) -> Tally:
        """Add a line."""
        count = sum(not character.isspace() for character in text)
        return Tally(self.ems + ems, self.characters + count * confidence)


def uncovered(tally: Tally, lines: tuple[TextLine, ...], confidence: float | None) -> str | None:
    """Return the name of the script that was not read, "an unknown script", or None."""
    if tally.ems < MIN_EMS:
        return None
    if confidence is None or confidence < GUESSED:
        return UNKNOWN
    if tally.characters < FEW_CHARACTERS * tally.ems:
        return UNKNOWN
    return _half_covered(" ".join(line.text for line in lines))


def _half_covered(text: str) -> str | None:
    """Name the scripts that the recogniser writes without their accented letters."""
    letters = sum(character.isalpha() for character in text)
    if letters < MIN_LETTERS:
        return None
    if sum(map(len, GREEK_WORD.findall(text))) > GREEK_SHARE * letters:
        return "Greek"
    if sum(character in VIETNAMESE_LETTERS for character in text) > VIETNAMESE_SHARE * letters:
        return "Vietnamese"
    return None
