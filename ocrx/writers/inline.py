"""Running text made fit to write: clean characters, single blanks, explicit line breaks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ocrx.document import Script, Span
from ocrx.typesetting.joining import merge_spans
from ocrx.writers.items import Content, FootnoteRef, Inline, LineBreak

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Characters that no text format can hold: controls, noncharacters. Tab and newline stay.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile("[ \t]+")
_SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s<>\"'`\\{}|^]+\Z", re.IGNORECASE)
_STOPS = ".,;:"
MAX_LINK_CHARACTERS = 4_000


def clean_text(text: str) -> str:
    """Return the text without what a text file cannot hold; every line end is a newline."""
    text = _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    return _SURROGATES.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return the text clean and on one line."""
    return " ".join(clean_text(text).split())


def safe_link(link: str | None) -> str | None:
    """Return a link that may be written: to the web or to a mail address; else None."""
    if link is None or len(link) > MAX_LINK_CHARACTERS:
        return None
    cleaned = clean_text(link).strip().replace(" ", "%20")
    return cleaned if _SAFE_LINK.match(cleaned) else None


def content_of(inlines: Iterable[Span | FootnoteRef]) -> Content:
    """Return text ready to write.

    Blanks are single and none stands at the ends or beside a line break; blanks at the edge of a
    styled span carry no style, so that marks can hug the words; unsafe links are dropped.
    """
    pieces: list[Inline] = []
    run: list[Span] = []
    for inline in inlines:
        if isinstance(inline, Span):
            run.append(inline)
            continue
        _add_run(pieces, run)
        pieces.append(inline)
        run = []
    _add_run(pieces, run)
    while pieces and _is_blank(pieces[-1]):
        pieces.pop()
    pieces = [_unlink_edge(pieces, index) for index in range(len(pieces))]
    return tuple(part for index in range(len(pieces)) for part in _without_stop(pieces, index))


def without_bold(content: Content) -> Content:
    """Return text that is bold throughout as plain; where only parts are bold, they say something.

    For headings and header cells, which are set bold anyway.
    """
    words = [part for part in content if isinstance(part, Span) and part.text != " "]
    if not all(part.bold or part.math for part in words):
        return content
    return tuple(replace(part, bold=False) if isinstance(part, Span) else part for part in content)


def plain_text(content: Content, line_end: str = "\n") -> str:
    """Return the content's characters without style."""
    parts = []
    for inline in content:
        if isinstance(inline, Span):
            parts.append(inline.text)
        else:
            parts.append(inline.marker if isinstance(inline, FootnoteRef) else line_end)
    return "".join(parts)


def _prepared(spans: Iterable[Span]) -> list[Span]:
    prepared = []
    for span in spans:
        text = clean_text(span.text)
        if span.math:
            text = " ".join(text.split())
        elif not span.code:
            text = _BLANKS.sub(" ", text)
        prepared.append(replace(span, text=text, link=safe_link(span.link)))
    return prepared


def _without_idle_style(span: Span) -> tuple[Span, ...]:
    """Weight and slope say something about letters and digits; on signs alone they are noise.

    So are they on the comma that a styled piece begins with.
    """
    if not (span.bold or span.italic) or span.math:
        return (span,)
    if not any(character.isalnum() for character in span.text):
        return (replace(span, bold=False, italic=False),)
    core = span.text.lstrip(_STOPS + " ")
    lead = span.text[: len(span.text) - len(core)]
    if not lead.strip():
        return (span,)
    return replace(span, text=lead, bold=False, italic=False), replace(span, text=core)


def _add_run(pieces: list[Inline], spans: list[Span]) -> None:
    styled = merge_spans(_prepared(spans))
    for span in merge_spans(part for each in styled for part in _without_idle_style(each)):
        for index, line in enumerate(span.text.split("\n")):
            if index:
                _end_line(pieces)
            _add(pieces, replace(span, text=line))


def _end_line(pieces: list[Inline]) -> None:
    while pieces and _is_blank(pieces[-1]) and not isinstance(pieces[-1], LineBreak):
        pieces.pop()
    if pieces and not isinstance(pieces[-1], LineBreak):
        pieces.append(LineBreak())


def _add(pieces: list[Inline], span: Span) -> None:
    if not span.text:
        return
    bare = replace(span, bold=False, italic=False, code=False, script=Script.NORMAL)
    core = span.text.strip(" ")
    if not core:
        _add_blank(pieces, bare)
        return
    if span.text[0] == " ":
        _add_blank(pieces, bare)
    pieces.append(replace(span, text=core))
    if span.text[-1] == " ":
        _add_blank(pieces, bare)


def _unlink_edge(pieces: list[Inline], index: int) -> Inline:
    """A blank is part of a link only between two parts of it."""
    piece = pieces[index]
    if not isinstance(piece, Span) or piece.link is None or piece.text != " ":
        return piece
    sides = [*pieces[max(0, index - 1) : index], *pieces[index + 1 : index + 2]]
    inside = [isinstance(side, Span) and side.link == piece.link for side in sides]
    return piece if inside == [True, True] else replace(piece, link=None)


def _without_stop(pieces: list[Inline], index: int) -> tuple[Inline, ...]:
    """A stop at the end of a link's words belongs to the sentence: pages link whole words."""
    piece = pieces[index]
    if not isinstance(piece, Span) or piece.link is None:
        return (piece,)
    after = pieces[index + 1] if index + 1 < len(pieces) else None
    core = piece.text.rstrip(_STOPS)
    inside = isinstance(after, Span) and after.link == piece.link
    if inside or not core or core == piece.text or piece.link.endswith(piece.text[-1]):
        return (piece,)
    return replace(piece, text=core), replace(piece, text=piece.text[len(core) :], link=None)


def _add_blank(pieces: list[Inline], style: Span) -> None:
    if pieces and not _is_blank(pieces[-1]):
        pieces.append(replace(style, text=" ", math=False))


def _is_blank(piece: Inline) -> bool:
    return isinstance(piece, LineBreak) or (isinstance(piece, Span) and piece.text == " ")
