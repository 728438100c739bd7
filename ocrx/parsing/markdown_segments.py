r"""The text of a model cut into running text, fenced code, HTML tables and displayed formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from ocrx.parsing.html_tables import TABLE_TAG, table_end
from ocrx.parsing.model_math import (
    DISPLAY_ENVIRONMENTS,
    is_bracketed_number,
    looks_like_mathematics,
)

_ENVIRONMENT = rf"(?:{'|'.join(DISPLAY_ENVIRONMENTS)})\*?"
_OPENING = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})(?![^\n]*`)(?P<language>[ \t]*(?-i:[a-z0-9+#-]{0,15})[ \t]*$)?"
    rf"|(?P<table>{TABLE_TAG.pattern})"
    r"|(?P<bracket>(?<!\\)\\\[)"
    r"|(?P<dollars>(?<![\\$])\$\$(?!\$))"
    rf"|(?P<environment>\\begin\{{(?P<begun>{_ENVIRONMENT})\}})",
    re.MULTILINE | re.IGNORECASE,
)
_BRACKET = re.compile(r"(?<!\\)\\\[")
_BRACKET_END = re.compile(r"(?<!\\)\\\]")
_DOLLARS_END = re.compile(r"(?<!\\)\$\$")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_FENCE_LINE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*$", re.MULTILINE)


class Part(StrEnum):
    """What a segment holds."""

    TEXT = "text"
    CODE = "code"
    TABLE = "table"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text. Of code and formulas the marks around it are gone.

    ``cut`` says that the text ended before the formula did.
    """

    part: Part
    text: str
    cut: bool = False


def segments_of(text: str) -> Iterator[Segment]:
    """Yield the segments of a text in order; stretches of blanks between them are left out."""
    ahead = _Aheads(text)
    begin = at = 0
    while opening := _OPENING.search(text, at):
        found = _segment(text, opening, ahead)
        if found is None:
            at = opening.end()
            continue
        segment, end = found
        if text[begin : opening.start()].strip():
            yield Segment(Part.TEXT, text[begin : opening.start()])
        if segment.text.strip():
            yield segment
        begin = at = end
    if text[begin:].strip():
        yield Segment(Part.TEXT, text[begin:])


class _Aheads:
    """Where patterns are found next; however often one asks, the text is searched only once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[re.Pattern[str], re.Match[str] | None] = {}

    def after(self, pattern: re.Pattern[str], at: int) -> re.Match[str] | None:
        """Return the first match at or after an index; indices never go back."""
        known = self._found.get(pattern)
        if pattern not in self._found or (known is not None and known.start() < at):
            self._found[pattern] = known = pattern.search(self._text, at)
        return known


def _segment(text: str, opening: re.Match[str], ahead: _Aheads) -> tuple[Segment, int] | None:
    """Return the segment that opens here and where it ends; None if the marks are plain text."""
    if opening["fence"]:
        return _fenced(text, opening, ahead)
    if opening["table"]:
        if opening["close"]:
            return Segment(Part.TEXT, ""), opening.end()
        end = table_end(text, opening.start())
        return Segment(Part.TABLE, text[opening.start() : end]), end
    return _displayed(text, opening, ahead)


def _fenced(text: str, opening: re.Match[str], ahead: _Aheads) -> tuple[Segment, int]:
    start = opening.end()
    closing = ahead.after(_FENCE_LINE, start)
    while closing is not None and not closing[1].startswith(opening["fence"]):
        closing = ahead.after(_FENCE_LINE, closing.end())
    end, after = (len(text),) * 2 if closing is None else closing.span()
    return Segment(Part.CODE, text[start:end].strip("\n")), after


def _displayed(text: str, opening: re.Match[str], ahead: _Aheads) -> tuple[Segment, int] | None:
    """A formula between brackets may hold empty lines, one between dollars may not."""
    start, bracket = opening.end(), opening["bracket"]
    empty = ahead.after(_EMPTY_LINE, start)
    closing = ahead.after(_end_of(opening), start)
    if (
        not bracket
        and not opening["begun"]
        and closing
        and empty
        and empty.start() < closing.start()
    ):
        return None
    if closing is not None:
        end, after = closing.span()
    else:
        end = after = len(text) if empty is None else empty.start()
    if bracket and _BRACKET.search(text, start, end):
        return None  # another formula begins before this one ends
    latex = text[start:end]
    if bracket and is_bracketed_number(latex):
        return None
    if closing is None and not looks_like_mathematics(latex):
        return None
    if opening["begun"]:
        latex = text[opening.start() : after]
    return Segment(Part.FORMULA, latex, cut=closing is None), after


def _end_of(opening: re.Match[str]) -> re.Pattern[str]:
    if opening["bracket"]:
        return _BRACKET_END
    return _DOLLARS_END if opening["dollars"] else _environment_end(opening["begun"])


@cache
def _environment_end(name: str) -> re.Pattern[str]:
    return re.compile(rf"\\end\{{{re.escape(name)}\}}")
