"""Printed lines as the embedded engine sees them, whether from a text layer or from pixels.

Boxes are (left, top, right, bottom) in points of the upright page, origin top left. Both roads,
the text layer and the recogniser, end in these lines; layout, reading order and tables start here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ocrx.parsing.region_dialect import RawSpan

Rect = tuple[float, float, float, float]
_Style = tuple[bool, bool, bool, int, str | None]


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters in one style without a blank inside.

    ``blank_before`` is False for the first word of a line, after a change of style within a word
    (``x`` and its superscript) and in scripts written without blanks. ``script`` is 1 for a
    superscript, -1 for a subscript.
    """

    text: str
    box: Rect
    blank_before: bool = True
    size_pt: float = 0.0
    bold: bool = False
    italic: bool = False
    mono: bool = False
    script: int = 0
    link: str | None = None


@dataclass(frozen=True, slots=True)
class TextLine:
    """One printed line, or the part of it on one side of a gutter, words left to right.

    ``confidence`` is the recogniser's, None for a text layer. ``vertical`` marks a line whose
    characters run top to bottom.
    """

    box: Rect
    words: tuple[Word, ...]
    size_pt: float
    confidence: float | None = None
    vertical: bool = False

    @property
    def text(self) -> str:
        """The characters of the line with its blanks."""
        first, *rest = self.words or (Word("", self.box),)
        parts = (" " + word.text if word.blank_before else word.text for word in rest)
        return first.text + "".join(parts)


def spans_of(words: Iterable[Word]) -> tuple[RawSpan, ...]:
    """Run words together as spans of one style each; the blank goes to the span before it."""
    runs: list[tuple[_Style, list[str]]] = []
    for word in words:
        style = (word.bold, word.italic, word.mono, word.script, word.link)
        if runs and word.blank_before:
            runs[-1][1].append(" ")
        if runs and runs[-1][0] == style:
            runs[-1][1].append(word.text)
        else:
            runs.append((style, [word.text]))
    return tuple(RawSpan("".join(texts), *style) for style, texts in runs)
