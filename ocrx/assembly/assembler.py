"""The passes over a document, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ocrx.assembly.captions import name_captions
from ocrx.assembly.continuation import mark_continued_text
from ocrx.assembly.heading_evidence import name_headings
from ocrx.assembly.headings import level_headings
from ocrx.assembly.lists import level_continued_lists
from ocrx.assembly.notes import tie_notes
from ocrx.assembly.running import name_running_heads
from ocrx.assembly.running_pictures import name_running_pictures
from ocrx.assembly.tables import mark_continued_tables
from ocrx.document import Block, PageResult

Pages = tuple[tuple[Block, ...], ...]
_PASSES: tuple[Callable[[Sequence[PageResult]], Pages], ...] = (
    name_running_heads,
    name_running_pictures,
    name_captions,
    name_headings,
    tie_notes,
    level_headings,
    level_continued_lists,
    mark_continued_text,
    mark_continued_tables,
)


def assemble(pages: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """Return the pages of one document with what their neighbours tell about their blocks.

    Kinds, levels and ``continues`` change; no block is merged, moved or dropped and no character
    changes. What one pass finds may be evidence for an earlier one, so they run until nothing
    changes; should they ever go round in circles, one state of the circle is the answer wherever
    it was entered. So assembling twice gives the same as once.
    """
    states = [tuple(pages)]
    while True:
        result = _round(states[-1])
        if result == states[-1]:
            return result
        if result in states:  # blocks have few kinds and levels: sooner or later one comes back
            return min(states[states.index(result) :], key=repr)
        states.append(result)


def _round(pages: tuple[PageResult, ...]) -> tuple[PageResult, ...]:
    for improve in _PASSES:
        pages = tuple(
            page if page.blocks == blocks else replace(page, blocks=blocks)
            for page, blocks in zip(pages, improve(pages), strict=True)
        )
    return pages
