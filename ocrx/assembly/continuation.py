"""Paragraphs, list items and footnotes that go on in another column or on another page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocrx.assembly.type_sizes import same_size
from ocrx.document import Block, BlockKind, PageResult, VerdictStatus
from ocrx.typesetting.hyphenation import HYPHENS
from ocrx.typesetting.markers import list_marker

_SKIPPED = frozenset(
    {
        BlockKind.PAGE_HEADER,
        BlockKind.PAGE_FOOTER,
        BlockKind.PAGE_NUMBER,
        BlockKind.FIGURE,
        BlockKind.TABLE,
        BlockKind.CAPTION,
        BlockKind.FOOTNOTE,
    }
)
_MIN_OPEN_CHARACTERS = 25  # shorter is a label rather than an unfinished paragraph
_ENDED = re.compile(r"[.!?:;\u2026\u3002\uff01\uff1f\uff1a\uff1b][\"'\u2019\u201d\u00bb)\]]*$")
_ADDRESS = re.compile(r"(?:https?://|www\.|doi\.org/|\bdoi:)\S+$", re.I)  # ends a reference
_HAN_OR_KANA = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
# Words that end no sentence, so that even a capital may follow in the next column.
_HANGING_WORDS = (
    "the a an of and or in to for with by from at on that which der die das den dem des ein eine "
    "einer und oder von zu mit auf le la les un une du de et ou dans pour el los las y o en con "
    "por il lo gli e di da che"
)
_HANGING = frozenset(_HANGING_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Open:
    """The latest block that another may go on from, and the index of its page."""

    page: int
    block: Block


def mark_continued_text(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page, the rest of an earlier one marked ``continues``."""
    marked: list[tuple[Block, ...]] = []
    text: _Open | None = None
    note: _Open | None = None
    for number, page in enumerate(pages):
        if page.verdict.status is VerdictStatus.FAILED:
            text = note = None  # what the lost page held stands between
        blocks: list[Block] = []
        notes_here = 0
        for block in page.blocks:
            if block.kind is BlockKind.FOOTNOTE:
                block = _note(block, note, number, notes_here)
                note = _Open(number, block)
                notes_here += 1
            elif block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
                block = _text(block, text)
                text = _Open(number, block)
            elif block.kind not in _SKIPPED:
                text = None
            blocks.append(block)
        marked.append(tuple(blocks))
    return tuple(marked)


def _text(block: Block, earlier: _Open | None) -> Block:
    if earlier is None or block.marker is not None or not _goes_on(earlier.block, block):
        return block
    before = earlier.block
    beside = BlockKind.LIST_ITEM in (before.kind, block.kind) and _below(before, block)
    if beside and before.text.rstrip()[-1] not in HYPHENS:
        return block  # an item of its own, whose mark is a drawing or none
    if _set_off(before, block):
        return block
    if before.kind is block.kind:
        level = before.level if block.kind is BlockKind.LIST_ITEM else block.level
        return replace(block, continues=True, level=level)
    if before.kind is BlockKind.LIST_ITEM and not beside:
        return replace(block, kind=BlockKind.LIST_ITEM, level=before.level, continues=True)
    return block


def _note(block: Block, earlier: _Open | None, number: int, notes_here: int) -> Block:
    """The first note of a page without a mark is the rest of the last one before."""
    if earlier is None or block.marker is not None or notes_here:
        return block
    near = number - earlier.page == 1
    return replace(block, continues=True) if near and _unfinished(earlier.block.text) else block


def _goes_on(before: Block, block: Block) -> bool:
    head, tail = before.text.rstrip(), block.text.lstrip()
    if not head or not tail or "\n" in head or "\n" in tail or not same_size(before, block):
        return False
    if head[-1] in HYPHENS and len(head) > 1 and head[-2].isalpha():
        return tail[0].isalpha()
    if len(head) < _MIN_OPEN_CHARACTERS or not _unfinished(head):
        return False
    if tail[0].islower():
        return list_marker(tail) is None
    if _HAN_OR_KANA.match(head[-1]) and _HAN_OR_KANA.match(tail[0]):
        return not _below(before, block)
    hanging = head[-1] == "," or head.rsplit(maxsplit=1)[-1].lower() in _HANGING
    return (
        hanging
        and (tail[0].isalnum() or tail[0] in "(\"'\u201c\u2018[")
        and not _below(before, block)
    )


def _unfinished(text: str) -> bool:
    return not _ENDED.search(text.rstrip()) and not _ADDRESS.search(text[-200:])


def _set_off(before: Block, block: Block) -> bool:
    """Whether it stands right below but to the right: a catchword, a name, a date."""
    if before.bbox is None or block.bbox is None or not _below(before, block):
        return False
    return block.bbox.left > (before.bbox.left + before.bbox.right) / 2


def _below(before: Block, block: Block) -> bool:
    """Whether the block stands right below the other, in its column: no break parts them."""
    one, other = before.bbox, block.bbox
    if one is None or other is None:
        return False
    overlap = min(one.right, other.right) - max(one.left, other.left)
    return overlap > 0 and -0.005 <= other.top - one.bottom < 0.1
