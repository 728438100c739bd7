"""How two pieces of running text become one: blanks, hyphens at line ends, scripts without blanks.

Used by parsers (lines of a paragraph), by the assembly and by the writers (paragraphs over a
column or a page).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from ocrx.document import Span

_HYPHENS = "-\u2010\u00ad"
_NO_BLANK = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]"
)


def join_spans(pieces: Iterable[tuple[Span, ...]]) -> tuple[Span, ...]:
    """Run pieces of text together as one, in order.

    Between two pieces stands one blank, none between two characters of a script written without
    blanks (Chinese, Japanese), and a hyphen that only divides a word at a line end disappears.
    Neighbouring spans of one style become one span.
    """
    joined: list[Span] = []
    for piece in pieces:
        spans = [span for span in piece if span.text]
        if not spans:
            continue
        if joined:
            joined[-1], glue = _seam(joined[-1], spans[0])
            if glue:
                joined.append(_glue_span(joined[-1], spans[0], glue))
        joined.extend(spans)
    return merge_spans(joined)


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Merge neighbours of one style; formulas stay apart."""
    merged: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        last = merged[-1] if merged else None
        if last and not span.math and replace(span, text="") == replace(last, text=""):
            merged[-1] = replace(last, text=last.text + span.text)
        else:
            merged.append(span)
    return tuple(merged)


def _seam(before: Span, after: Span) -> tuple[Span, str]:
    """Return the first span, shortened by a dividing hyphen, and what stands between the two."""
    head, tail = before.text, after.text
    if head[-1].isspace() or tail[0].isspace():
        return before, ""
    if _divides(head, tail):
        kept = head if head[-1] == "-" and _keeps_hyphen(head, tail) else head[:-1]
        return replace(before, text=kept), ""
    if _NO_BLANK.match(head[-1]) and _NO_BLANK.match(tail[0]):
        return before, ""
    return before, " "


def _divides(head: str, tail: str) -> bool:
    if before_math(head) or len(head) < 2 or head[-1] not in _HYPHENS:
        return False
    return head[-2].isalpha() and tail[0].isalpha()


def before_math(text: str) -> bool:
    """Return whether the text ends in a lone hyphen, which divides nothing."""
    return text in _HYPHENS


def _keeps_hyphen(head: str, tail: str) -> bool:
    """Keep the hyphen of a compound: before a capital, or when the word has another hyphen."""
    word = re.split(r"\s", head)[-1][:-1]
    return unicodedata.category(tail[0]) == "Lu" or "-" in word or word.isupper()


def _glue_span(before: Span, after: Span, glue: str) -> Span:
    """A blank takes the style that both sides share, so that emphasis runs through it."""
    same = replace(before, text="") == replace(after, text="")
    return replace(before, text=glue) if same and not before.math else Span(glue)
