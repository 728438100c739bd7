"""Captions that the layout took for text: they say so themselves and stand at what they name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocrx.document import Block, BlockKind, PageResult

_WORDS = (
    "table tableau tabelle tabella tabla tabela tabel taulukko tab figure figura abbildung abb "
    "fig figuur figur kuva image bild exhibit chart scheme plate listing algorithm \u0442\u0430"
    "\u0431\u043b\u0438\u0446\u0430 \u0440\u0438\u0441\u0443\u043d\u043e\u043a \u0440\u0438\u0441"
)
_NUMBER = r"(?:[A-Z]{0,3}[\s-]?\d{1,3}(?:[.-]\d{1,3})*[a-z]?|[IVXL]{1,5})"
_SEPARATOR = r"\s*(?:[.:|\u2013\u2014\uff1a]|\s-\s)(?=\s|\Z)"
_LABEL = re.compile(rf"(?:{'|'.join(_WORDS.split())})\.?\s*{_NUMBER}(?:{_SEPARATOR}|\s*\Z)", re.I)
_HAN_LABEL = re.compile(r"[\u8868\u56fe\u5716\u56f3]\s*\d{1,3}(?:[.-]\d{1,3})*(?=[\s:\uff1a.]|\Z)")
_CAPTIONED = frozenset({BlockKind.TABLE, BlockKind.FIGURE})
_SKIPPED = frozenset(
    {BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.PAGE_NUMBER, BlockKind.FOOTNOTE}
)
_MAX_CHARACTERS = 800
_NEAR = 0.06  # of the page's height


def name_captions(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page, text that labels the table or figure beside it a caption.

    ``Table 1: Modes`` is a label, ``Table 1 lists the modes`` is not. It stands right before or
    after the table or figure, or so near on the page that nothing can stand between.
    """
    return tuple(_named(page.blocks) for page in pages)


def _named(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    if not any(block.kind in _CAPTIONED for block in blocks):
        return blocks
    return tuple(
        replace(block, kind=BlockKind.CAPTION, level=0, continues=False)
        if _is_label(block) and _stands_at_display(blocks, index)
        else block
        for index, block in enumerate(blocks)
    )


def _is_label(block: Block) -> bool:
    if block.kind not in (BlockKind.PARAGRAPH, BlockKind.HEADING):
        return False
    text = block.text.strip()
    return len(text) <= _MAX_CHARACTERS and bool(_LABEL.match(text) or _HAN_LABEL.match(text))


def _stands_at_display(blocks: Sequence[Block], index: int) -> bool:
    block = blocks[index]
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(blocks) and blocks[at].kind in _SKIPPED:
            at += step
        if 0 <= at < len(blocks) and blocks[at].kind in _CAPTIONED:
            return True
    return any(other.kind in _CAPTIONED and _near(block, other) for other in blocks)


def _near(block: Block, other: Block) -> bool:
    one, two = block.bbox, other.bbox
    if one is None or two is None:
        return False
    beside = min(one.right, two.right) > max(one.left, two.left)
    gap = max(one.top - two.bottom, two.top - one.bottom)
    return beside and gap < _NEAR
