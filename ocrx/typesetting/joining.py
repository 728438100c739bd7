"""How two pieces of running text become one: blanks, hyphens at line ends, scripts without blanks.

Used by parsers (lines of a paragraph), by the assembly and by the writers (paragraphs over a
column or a page). Which words a hyphen divides is decided in ``ocrx/typesetting/hyphenation.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ocrx.document import Script, Span
from ocrx.typesetting.hyphenation import HYPHENS, SOFT_HYPHEN, Vocabulary, hyphen_between

__all__ = ["Vocabulary", "join_spans", "merge_spans", "stack_spans"]

# Scripts written without blanks: CJK with its punctuation and kana, Thai, Lao, Tibetan, Burmese,
# Khmer. Hangul is written with blanks and is not among them.
_NO_BLANK_RANGES = (
    "\u2e80-\u303f\u3040-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff00-\uff9f\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_NO_BLANK = re.compile(f"[{_NO_BLANK_RANGES}]")
_CONTEXT = 120  # characters on each side that a decision may look at
_MIXED_CONTEXT = 16
_OPENING = "([{\u2018\u201c\u00bf\u00a1\u201e"
_CLOSING = ")]},;\u2019\u201d"
_DASHES = "\u2013\u2014\u2015"
_URL = re.compile(r"(?:https?:(?=$|/)|ftp://|www\.|doi\.org/|(?<![\w.])10\.\d{4,9}/)\S*$", re.I)
_URL_MUST_GO_ON = "-_=&?%#~"
_URL_INNER = re.compile(r"[\w)][/._=&?%#~-]+\w|\d")


def join_spans(
    pieces: Iterable[tuple[Span, ...]], vocabulary: Vocabulary | None = None
) -> tuple[Span, ...]:
    """Run pieces of text together as one, in order.

    Between two pieces stands one blank; none between two characters of a script written without
    blanks (Chinese, Japanese, Thai), inside a broken URL or at a dash, and a hyphen that only
    divides a word at a line end disappears (``vocabulary`` is evidence for which). Neighbouring
    spans of one style become one span.
    """
    joined: list[Span] = []
    for piece in pieces:
        spans = [span for span in piece if span.text]
        if not spans:
            continue
        if joined:
            _close_seam(joined, spans, vocabulary)
        joined.extend(spans)
    return merge_spans(joined)


def stack_spans(pieces: Iterable[tuple[Span, ...]]) -> tuple[Span, ...]:
    """Set pieces of text below each other: a hard line break stands between two."""
    stacked: list[Span] = []
    for piece in pieces:
        spans = [span for span in piece if span.text]
        if stacked and spans:
            stacked.append(_glue_span(stacked[-1], spans[0], "\n"))
        stacked.extend(spans)
    return merge_spans(stacked)


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Merge neighbours of one style; formulas stay apart."""
    merged: list[Span] = []
    texts: list[str] = []  # of the spans that will be the last of ``merged``: joined only once
    for span in spans:
        if not span.text:
            continue
        if merged and not span.math and _same_style(merged[-1], span):
            texts.append(span.text)
            continue
        _settle(merged, texts)
        merged.append(span)
        texts = [span.text]
    _settle(merged, texts)
    return tuple(merged)


def _settle(merged: list[Span], texts: list[str]) -> None:
    if len(texts) > 1:
        merged[-1] = replace(merged[-1], text="".join(texts))


def _close_seam(joined: list[Span], spans: list[Span], vocabulary: Vocabulary | None) -> None:
    """Drop a dividing hyphen from the end of ``joined`` and add what stands before ``spans``."""
    last, first = joined[-1], spans[0]
    if last.text[-1].isspace() or first.text[0].isspace():
        return
    if last.math or first.math or Script.NORMAL not in (last.script, first.script):
        joined.append(_glue_span(last, first, " "))
        return
    head, tail = _ending(joined), _beginning(spans)
    if last.link and last.link == first.link and _spells_link(head, tail, last.link):
        return
    hyphen = last.text[-1] in HYPHENS and last.script is Script.NORMAL
    keeps, glue = _seam(head, tail, hyphen, vocabulary)
    if not keeps:
        shortened = replace(last, text=last.text[:-1])
        joined[-1:] = [shortened] if shortened.text else []
    if glue:
        joined.append(_glue_span(last, first, glue))


def _seam(head: str, tail: str, hyphen: bool, vocabulary: Vocabulary | None) -> tuple[bool, str]:
    """Return whether the last character stays, and what stands between the two pieces."""
    if hyphen and head[-1] == SOFT_HYPHEN:
        return False, ""
    url = _URL.search(head)
    if url:
        return True, "" if _url_goes_on(url.group(), tail) else " "
    if hyphen:
        return hyphen_between(head, tail, vocabulary)
    return True, _blank(head, tail)


def _spells_link(head: str, tail: str, link: str) -> bool:
    """Whether the two pieces together spell an address that the document links to."""
    return head.split()[-1][-40:] + tail.split(maxsplit=1)[0][:40].rstrip(".,;)") in link


def _blank(head: str, tail: str) -> str:
    last, first = head[-1], tail[0]
    inner = len(head) > 1 and not head[-2].isspace()
    if last in _DASHES + "\u2011" and inner:
        return "" if first.isalnum() or first in _OPENING else " "
    if last == "/" and inner and first.isalnum():
        return ""
    if last in _OPENING or first in _CLOSING:
        return ""
    bare = [bool(_NO_BLANK.match(character)) for character in (last, first)]
    if all(bare):
        return ""
    if any(bare):
        return "" if _mostly_without_blanks(head[-_MIXED_CONTEXT:] + tail[:_MIXED_CONTEXT]) else " "
    return " "


def _mostly_without_blanks(text: str) -> bool:
    letters = sum(character.isalnum() for character in text)
    return 2 * len(_NO_BLANK.findall(text)) >= letters


def _url_goes_on(url: str, tail: str) -> bool:
    token = tail.split(maxsplit=1)[0]
    if url.endswith((":", "://")):
        return True
    if url[-1] in _URL_MUST_GO_ON:
        return token[0].isalnum() or token[0] in "/_-%"
    if token[0] in "/?&#=_%":
        return True
    if url[-1] == "/" and url.count("/") > 3:
        return True  # broken within the path; a line that ends with a path's last slash is rare
    return url[-1] in "/." and bool(_URL_INNER.search(token.rstrip(".,;:)")))


def _ending(spans: list[Span]) -> str:
    """Return the last characters of the line, over changes of style."""
    texts: list[str] = []
    length = 0
    for span in reversed(spans):
        texts.append(span.text[-_CONTEXT:])
        length += len(texts[-1])
        if length >= _CONTEXT:
            break
    return "".join(reversed(texts))


def _beginning(spans: list[Span]) -> str:
    texts: list[str] = []
    length = 0
    for span in spans:
        texts.append(span.text[:_CONTEXT])
        length += len(texts[-1])
        if length >= _CONTEXT:
            break
    return "".join(texts)


def _glue_span(before: Span, after: Span, glue: str) -> Span:
    """A blank takes the style that both sides share, so that emphasis runs through it."""
    shared = _same_style(before, after) and not before.math
    return replace(before, text=glue) if shared else Span(glue)


def _same_style(one: Span, other: Span) -> bool:
    return (
        one.bold == other.bold
        and one.italic == other.italic
        and one.code == other.code
        and one.math == other.math
        and one.script is other.script
        and one.link == other.link
    )
