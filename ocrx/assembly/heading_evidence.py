"""What is a heading and what is text, as far as more than one block tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ocrx.assembly.numbering import numbering_depth
from ocrx.assembly.type_sizes import body_size, in_capitals, is_bold
from ocrx.document import Block, BlockKind, PageResult, Route

_HEADINGS = frozenset({BlockKind.TITLE, BlockKind.HEADING})
_FURNITURE = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.PAGE_NUMBER})
_DISPLAYS = frozenset({BlockKind.TABLE, BlockKind.FIGURE, BlockKind.FORMULA, BlockKind.CODE})
_PIXELS = frozenset({Route.PIXELS, Route.TESSERACT})
_MAX_PROMOTED_CHARACTERS = 90
_MAX_HEADING_CHARACTERS = 250
_SENTENCE_ENDS = ".!?:;,\u3002\uff0c\uff1b"
_GOES_ON = ",;\uff0c\uff1b\u3001"
_LARGER = 1.15  # times the body's size
_FAR_LARGER, _LOGO = 1.6, 4.0
_MAX_LARGE_CHARACTERS = 60
_PIXELS_LARGER = 1.08  # sizes of lines read from pixels are means over their letters
_INTRODUCED_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class _Place:
    """A block, what follows it in the document, and whether it was read from pixels."""

    block: Block
    following: Sequence[Block]
    from_pixels: bool


def name_headings(pages: Sequence[PageResult]) -> tuple[tuple[Block, ...], ...]:
    """Return the blocks of each page with headings and text told apart, as far as one can.

    A numbered bold line that was taken for text becomes a heading, as does a short line in far
    larger type. A passage becomes text, and so
    does, on pages read from pixels, where neither weight nor exact sizes are known, a line of the
    body's size that introduces nothing, such as a signature, or that ends in a comma.
    """
    body = body_size(pages)
    flow = list(chain.from_iterable(page.blocks for page in pages))
    named: list[tuple[Block, ...]] = []
    offset = 0
    for page in pages:
        from_pixels = page.provenance.route in _PIXELS
        blocks = [
            _named(_Place(block, flow[offset + index + 1 : offset + index + 40], from_pixels), body)
            if block.kind is BlockKind.PARAGRAPH or block.kind in _HEADINGS
            else block
            for index, block in enumerate(page.blocks)
        ]
        offset += len(blocks)
        named.append(tuple(blocks))
    return tuple(named)


def _named(place: _Place, body: float | None) -> Block:
    block = place.block
    if block.kind is BlockKind.PARAGRAPH and (
        _is_heading_line(block, body) or _is_set_large(place, body)
    ):
        return replace(block, kind=BlockKind.HEADING, level=1)
    doubtful = place.from_pixels and _is_doubtful(place, body)
    if block.kind in _HEADINGS and (doubtful or _is_text(block, body)):
        return replace(block, kind=BlockKind.PARAGRAPH, level=0)
    return block


def _is_heading_line(block: Block, body: float | None) -> bool:
    text = block.text.strip()
    if not text or len(text) > _MAX_PROMOTED_CHARACTERS or "\n" in text or block.continues:
        return False
    weighty = _is_larger(block, body, _LARGER) or (
        all(span.bold for span in block.spans) and is_bold(block)
    )
    return weighty and numbering_depth(text) is not None and text[-1] not in _SENTENCE_ENDS


def _is_set_large(place: _Place, body: float | None) -> bool:
    """Whether it is a short line in far larger type than the passage that it introduces."""
    block, text = place.block, place.block.text.strip()
    letters = sum(character.isalpha() for character in text)
    short = len(text) <= _MAX_LARGE_CHARACTERS and 2 * letters > len(text) and letters > 2
    if not short or "\n" in text or text[-1] in _SENTENCE_ENDS or block.continues:
        return False
    large = _is_larger(block, body, _FAR_LARGER) and not _is_larger(block, body, _LOGO)
    return large and _introduces(place.following)


def _is_text(block: Block, body: float | None) -> bool:
    text = block.text.strip()
    if not text:
        return True
    larger = _is_larger(block, body, _LARGER)
    return len(text) > _MAX_HEADING_CHARACTERS and not larger and not is_bold(block)


def _is_doubtful(place: _Place, body: float | None) -> bool:
    block, text = place.block, place.block.text.strip()
    if text[-1:] in _GOES_ON:
        return not place.following or place.following[0].kind not in _HEADINGS
    if is_bold(block) or in_capitals(text) or numbering_depth(text) is not None:
        return False
    return not _is_larger(block, body, _PIXELS_LARGER) and not _introduces(place.following)


def _is_larger(block: Block, body: float | None, factor: float) -> bool:
    return bool(body and block.size_pt and block.size_pt > factor * body)


def _introduces(following: Sequence[Block]) -> bool:
    """Whether a passage, or something displayed, stands below before the next heading."""
    characters = 0
    for block in following:
        if block.kind in _HEADINGS:
            return False
        if block.kind in _DISPLAYS:
            return True
        if block.kind not in _FURNITURE:
            characters += len(block.text)
        if characters >= _INTRODUCED_CHARACTERS:
            return True
    return False
