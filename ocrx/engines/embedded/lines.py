"""Printed lines as the embedded engine sees them, whether from a text layer or from pixels.

Boxes are (left, top, right, bottom) in points of the upright page, origin top left. Both roads,
the text layer and the recogniser, end in these lines; layout, reading order and tables start here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocrx.parsing.region_dialect import RawSpan

Rect = tuple[float, float, float, float]


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
        return "".join(span.text for span in spans_of(self.words))


def spans_of(words: Iterable[Word]) -> tuple[RawSpan, ...]:
    """Run words together as spans of one style each; the blank goes to the span before it."""
    spans: list[RawSpan] = []
    for word in words:
        style = RawSpan("", word.bold, word.italic, word.mono, word.script, word.link)
        if spans and word.blank_before:
            spans[-1] = replace(spans[-1], text=spans[-1].text + " ")
        if spans and replace(spans[-1], text="") == style:
            spans[-1] = replace(spans[-1], text=spans[-1].text + word.text)
        else:
            spans.append(replace(style, text=word.text))
    return tuple(spans)
