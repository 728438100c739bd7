"""Which footnote belongs to which raised mark in the text of its page."""

from __future__ import annotations

import re

from ocrx.document import BlockKind, Script, Span
from ocrx.writers.entries import Entry, PageEntries
from ocrx.writers.inline import content_of, one_line
from ocrx.writers.items import Content, FootnoteRef, LineBreak

_TEXT_KINDS = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.HEADING, BlockKind.TITLE)
_MARK_EDGES = " ()[].:"
_PLAIN_KEY = re.compile(r"[A-Za-z0-9]{1,12}\Z")


def match_footnotes(page: PageEntries, page_number: int, keys: set[str]) -> None:
    """Set ``key`` on each footnote whose mark stands raised in the page's text, once.

    What begins on the page is asked first, then what goes on there from earlier pages. The place
    of the mark is kept in ``refs`` of its entry, by span index. ``keys`` are those taken so far in
    the document; new ones are added.
    """
    places = [
        (entry, index, text)
        for entry in [*page.own, *page.continued]
        if entry.kind in _TEXT_KINDS
        for index, text in _mark_places(entry.spans)
    ]
    for note in page.own:
        if note.kind is not BlockKind.FOOTNOTE or not (marker := mark_of(note)):
            continue
        for entry, index, text in places:
            if index not in entry.refs and _bare(text) == marker:
                entry.refs[index] = note
                note.key = _new_key(marker, page_number, keys)
                break


def content_with_refs(entry: Entry) -> Content:
    """Return the entry's content with its footnote marks as references."""
    if not entry.refs:
        return content_of(entry.spans)
    inlines: list[Span | FootnoteRef] = []
    for index, span in enumerate(entry.spans):
        note = entry.refs.get(index)
        if note is None or note.key is None:
            inlines.append(span)
        else:
            inlines.append(Span(" " * span.text[:1].isspace()))
            inlines.append(FootnoteRef(note.key, mark_of(note), plain_content(note)))
            inlines.append(Span(" " * span.text[-1:].isspace()))
    return content_of(inlines)


def plain_content(note: Entry) -> tuple[Span | LineBreak, ...]:
    """Return a footnote's own text."""
    return tuple(part for part in content_of(note.spans) if not isinstance(part, FootnoteRef))


def mark_of(note: Entry) -> str:
    """Return a footnote's mark as a reference would show it."""
    return _bare(note.block.marker or "")


def _bare(text: str) -> str:
    return one_line(text).strip(_MARK_EDGES)


def _mark_places(spans: tuple[Span, ...]) -> list[tuple[int, str]]:
    """Return the raised spans that follow a word or a stop.

    After a lone letter or a digit such a span is rather an exponent.
    """
    places: list[tuple[int, str]] = []
    before = ""
    for index, span in enumerate(spans):
        if span.script is Script.SUPER and before and not before[-1].isdigit():
            lone = before[-1].isalpha() and not before[-2:-1].isalpha()
            if not lone:
                places.append((index, span.text))
        before = (before + span.text[-2:])[-2:]
    return places


def _new_key(marker: str, page_number: int, keys: set[str]) -> str:
    base = marker if _PLAIN_KEY.match(marker) else f"p{page_number}"
    key = base if base not in keys else f"{base}-p{page_number}"
    count = 1
    while key in keys:
        count += 1
        key = f"{base}-p{page_number}-{count}"
    keys.add(key)
    return key
