"""Printed rows: the raw lines of a region, cleaned, in points, pieces of one row put together.

Everything behind this module sees only clean text (no control characters, no lone surrogates)
and sound numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from ocrx.document import BoundingBox, Script, Span
from ocrx.parsing.letter_widths import is_square, is_stretched, size_by_width
from ocrx.parsing.region_dialect import Box, RawLine, RawPage, RawSpan
from ocrx.typesetting.joining import merge_spans

LETTER_PT = (612.0, 792.0)
BOX_PLACES = 5  # of a box's edges: a hundredth of a point on a page 1,000 points wide
_PARTED_EM = 2.0
_MAX_PT = 1e6
_MAX_LINK = 4_096
# Control characters, zero-width blanks, overrides of direction, byte order marks, non-characters.
_DROPPED = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\ufffe\uffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[\s\x85\u2028\u2029]+")
_TRANSLATED = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
        "\uf0b7": "\u2022",  # Symbol and Wingdings bullets of word processors
        "\uf0a7": "\u25aa",
        "\uf0d8": "\u27a2",
        "\uf0fc": "\u2713",
        "\uf02d": "-",
    }
)
_SAFE_LINK = re.compile(r"(?:https?|ftp|mailto|tel|doi):|#|www\.", re.I)


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row of a region. Coordinates and ``size`` (of the type) are in points.

    ``parted`` says that it is of several pieces with room for a column's edge between them.
    """

    left: float
    top: float
    right: float
    bottom: float
    spans: tuple[Span, ...]
    size: float
    confidence: float | None
    text: str
    parted: bool = False

    @property
    def middle(self) -> float:
        """Height on the page of the middle of the row."""
        return (self.top + self.bottom) / 2

    @property
    def is_vertical(self) -> bool:
        """Whether the characters run top to bottom."""
        return self.bottom - self.top > 3 * (self.right - self.left) and len(self.text) > 2


def page_size(page: RawPage) -> tuple[float, float]:
    """Return the page's width and height in points, of a Letter page where they make no sense."""
    sizes = (page.width, page.height)
    if all(math.isfinite(size) and 0 < size < _MAX_PT for size in sizes):
        return sizes
    return LETTER_PT


def rows_of(
    lines: Iterable[RawLine], size_pt: tuple[float, float], keep_blanks: bool = False
) -> list[Row]:
    """Return the rows of a region in order; lines without a character are left out.

    ``size_pt`` is the page's width and height. With ``keep_blanks`` the blanks inside a line stay
    as they are (code), else each run of them is one blank.
    """
    rows: list[Row] = []
    pieces: list[Row] = []
    for line in lines:
        row = _row(line, size_pt, keep_blanks)
        if row is None:
            continue
        if pieces and _beside(pieces[-1], row):
            pieces.append(row)
            continue
        if pieces:
            rows.append(_merged(pieces, keep_blanks))
        pieces = [row]
    if pieces:
        rows.append(_merged(pieces, keep_blanks))
    return rows


def box_around(rows: Iterable[Row], size_pt: tuple[float, float]) -> BoundingBox:
    """Return the box around rows, relative to the page."""
    held = list(rows)
    width, height = size_pt
    edges = (
        min(row.left for row in held) / width,
        min(row.top for row in held) / height,
        max(row.right for row in held) / width,
        max(row.bottom for row in held) / height,
    )
    return box_of(edges)


def box_of(edges: Box) -> BoundingBox:
    """Return the box without the noise of its floating-point numbers."""
    left, top, right, bottom = (round(edge, BOX_PLACES) for edge in edges)
    return BoundingBox(left, top, right, bottom)


def type_size(rows: Iterable[Row]) -> float:
    """Return the median size of the type, in points."""
    return round(median(row.size for row in rows), 2)


def mean_confidence(rows: Iterable[Row]) -> float | None:
    """Return the mean confidence, weighted by characters; None where there is none."""
    weighted = [(len(row.text), row.confidence) for row in rows if row.confidence is not None]
    total = sum(weight for weight, _ in weighted)
    if not total:
        return None
    return round(sum(weight * value for weight, value in weighted) / total, 4)


def clean_spans(spans: Iterable[RawSpan], keep_blanks: bool = False) -> tuple[Span, ...]:
    """Return the spans as the document holds them, without blanks at the ends."""
    cleaned: list[Span] = []
    blank = not keep_blanks
    for raw in spans:
        text = _clean(raw.text, keep_blanks)
        if blank and text.startswith(" "):
            text = text[1:]
        if not text:
            continue
        blank = not keep_blanks and text.endswith(" ")
        cleaned.append(_span(raw, text))
    return _without_soft_hyphens(_stripped(cleaned))


def _clean(text: str, keep_blanks: bool) -> str:
    if text.isascii() and text.isprintable() and "  " not in text:
        return text
    text = _DROPPED.sub("", _SURROGATES.sub("\ufffd", text)).translate(_TRANSLATED)
    if keep_blanks:
        return _BLANKS.sub(lambda run: run.group().expandtabs(4).replace("\n", " "), text)
    return _BLANKS.sub(" ", text)


def _span(raw: RawSpan, text: str) -> Span:
    script = {1: Script.SUPER, -1: Script.SUB}.get(raw.script, Script.NORMAL)
    link = _clean(raw.link, False).strip()[:_MAX_LINK] if raw.link else None
    if link and not _SAFE_LINK.match(link):
        link = None  # javascript:, file: and the like are never handed on
    mono = raw.mono and not is_square(text)
    return Span(text, raw.bold, raw.italic, mono, script=script, link=link or None)


def _stripped(spans: list[Span]) -> tuple[Span, ...]:
    while spans and not spans[-1].text.strip():
        spans.pop()
    if spans:
        spans[-1] = replace(spans[-1], text=spans[-1].text.rstrip())
    while spans and not spans[0].text.strip():
        spans.pop(0)
    if spans:
        spans[0] = replace(spans[0], text=spans[0].text.lstrip())
    return tuple(span for span in spans if span.text)


def _without_soft_hyphens(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """A soft hyphen is printed only at a line end; elsewhere it is a leftover."""
    if not any("\u00ad" in span.text for span in spans):
        return spans
    last = len(spans) - 1
    return tuple(
        replace(span, text=text)
        for index, span in enumerate(spans)
        if (text := _drop_soft(span.text, index == last))
    )


def _drop_soft(text: str, at_end: bool) -> str:
    ending = "\u00ad" if at_end and text.endswith("\u00ad") else ""
    return text.replace("\u00ad", "") + ending


def _row(line: RawLine, size_pt: tuple[float, float], keep_blanks: bool) -> Row | None:
    spans = clean_spans(line.spans, keep_blanks)
    if not spans:
        return None
    width, height = size_pt
    left, right = sorted((line.box[0] * width, line.box[2] * width))
    top, bottom = sorted((line.box[1] * height, line.box[3] * height))
    size = line.size_pt
    if not (math.isfinite(size) and 0 < size < _MAX_PT):
        size = max(1.0, 0.8 * min(bottom - top, right - left))
    confidence = line.confidence
    if confidence is not None and not 0 <= confidence <= 1:
        confidence = None
    text = "".join(span.text for span in spans)
    row = Row(left, top, right, bottom, spans, size, confidence, text)
    if confidence is None or row.is_vertical:
        return row
    better = size_by_width(text, right - left, size)
    return replace(row, size=better, parted=is_stretched(text, right - left, size))


def _beside(piece: Row, row: Row) -> bool:
    """Whether a line goes on the row of the piece before it, to its right."""
    if piece.is_vertical or row.is_vertical:
        return False
    overlap = min(piece.bottom, row.bottom) - max(piece.top, row.top)
    lower = min(piece.bottom - piece.top, row.bottom - row.top)
    return lower > 0 and overlap > 0.6 * lower and row.left >= piece.right - 0.4 * row.size


def _merged(pieces: list[Row], keep_blanks: bool) -> Row:
    if len(pieces) == 1:
        return pieces[0]
    spans: list[Span] = []
    for index, piece in enumerate(pieces):
        if index:
            spans.append(Span(_gap(pieces[index - 1], piece) if keep_blanks else " "))
        spans.extend(piece.spans)
    merged = merge_spans(spans)
    return Row(
        min(piece.left for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
        merged,
        median(piece.size for piece in pieces),
        mean_confidence(pieces),
        "".join(span.text for span in merged),
        parted=any(b.left - a.right > _PARTED_EM * a.size for a, b in pairwise(pieces)),
    )


def _gap(before: Row, after: Row) -> str:
    """Blanks as wide as the gap, measured in characters of the piece before it."""
    width = (before.right - before.left) / max(1, len(before.text)) or before.size / 2
    return " " * max(1, min(120, round((after.left - before.right) / width)))
