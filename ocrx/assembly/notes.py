"""Footnotes at the foot of a page that the layout took for text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrx.assembly.type_sizes import body_size
from ocrx.document import Block, BlockKind, PageResult, Script
from ocrx.typesetting.markers import drop_characters, footnote_marker

_FOOT = 0.5  # a note stands in the lower half of its page
_SMALLER = 0.95  # than the body
_SIGNS = "*\u2020\u2021\u00a7\u00b6"


def tie_notes(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page with small text at its foot named footnote.

    Only when it opens with a raised mark or a sign to which a raised mark above refers: that is
    what ties a note to its place.
    """
    body = body_size(pages)
    return tuple(tuple(_tied(page.blocks, body)) for page in pages)


def _tied(blocks: Sequence[Block], body: float | None) -> list[Block]:
    raised: set[str] = set()
    tied: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.PARAGRAPH and _is_note(block, body):
            found = footnote_marker(block.spans)
            if found and found.text in raised and (found.family == "super" or not found.values):
                spans = drop_characters(block.spans, found.length)
                block = replace(block, kind=BlockKind.FOOTNOTE, spans=spans, marker=found.text)
        raised.update(_raised(block))
        tied.append(block)
    return tied


def _is_note(block: Block, body: float | None) -> bool:
    smaller = bool(body and block.size_pt and block.size_pt < _SMALLER * body)
    return smaller and block.bbox is not None and block.bbox.top > _FOOT


def _raised(block: Block) -> set[str]:
    found: set[str] = set()
    for index, span in enumerate(block.spans):
        if span.script is Script.SUPER and index:
            found.update(part.strip() for part in span.text.split(","))
        found.update(sign for sign in _SIGNS if sign in span.text)
    return found
