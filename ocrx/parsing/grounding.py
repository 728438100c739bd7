"""The pieces of the grounding dialect to blocks: labels to kinds, boxes to places, words to text.

What the text of a piece means is left to ``model_markdown.py``. Every character of text ends in
some block; what had to be repaired or could not be used is told in notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ocrx.document import Block, BlockKind, BoundingBox, Span
from ocrx.parsing.grounding_dialect import Piece, pieces_of
from ocrx.parsing.grounding_labels import LABELS, TABLE_LABEL, Reading
from ocrx.parsing.markdown_segments import Part, segments_of
from ocrx.parsing.model_inline import spans_of
from ocrx.parsing.model_markdown import ModelText, heading_block, read_markdown
from ocrx.parsing.model_math import looks_like_mathematics, tidy
from ocrx.typesetting.markers import drop_characters, footnote_marker
from ocrx.typesetting.page_numbers import is_page_number

MAX_BLOCKS = 20_000  # of a page, as kept JSON has; what is more becomes one paragraph

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
_HASHES = re.compile(r"\s*(#{1,6})(?=\s)")
_NEW_HEADING = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*#)")
_EQUATION_NUMBER = re.compile(r"\(\s*[\w.\-]{1,12}\s*\)\Z")


@dataclass(frozen=True, slots=True)
class GroundedPage:
    """The blocks of a page in reading order, and what was repaired, one phrase each."""

    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


def read_page(raw: str) -> GroundedPage:
    """Return the page that a raw text in the grounding dialect describes.

    A tag whose label is the text itself, with nothing after it (tasks ocr and locate), gives a
    paragraph for every box.
    """
    pieces = pieces_of(raw, frozenset(LABELS))
    words = _are_words(pieces)
    page = _Page()
    for piece in pieces:
        page.add(piece, words)
    return page.finished()


def _are_words(pieces: Sequence[Piece]) -> bool:
    """Whether labels are mostly the text itself, so that ``title`` may be a word of the page."""
    empty = [piece.label for piece in pieces if piece.label and not piece.text.strip()]
    names = sum(piece.label in LABELS and bool(piece.text.strip()) for piece in pieces)
    figures = sum(_reading(label) is Reading.FIGURE for label in empty)
    unknown = sum(label not in LABELS for label in empty)
    if unknown:
        return unknown > names + figures
    boxed = all(piece.label and piece.boxes for piece in pieces)
    return boxed and not names and not figures


def _reading(label: str) -> Reading | None:
    return LABELS[label][0] if label in LABELS else None


@dataclass(slots=True)
class _Page:
    """Collects the blocks and notes of one page."""

    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: int = 0
    lost_boxes: int = 0
    awaited: tuple[BoundingBox, ...] = ()  # of a table tag without text: a caption's tag holds it

    def add(self, piece: Piece, words: bool) -> None:
        label = piece.label
        self.lost_boxes += piece.lost_boxes
        if label == TABLE_LABEL and not (words or piece.text.strip()):
            self._await_table(piece.boxes)
            return
        if label is None:
            self._place(read_markdown(piece.text), piece.boxes)
        elif label in LABELS and not (words and not piece.text.strip()):
            reading, kind = LABELS[label]
            self._read(piece, reading, kind)
        elif piece.starts_line and piece.text.strip() and _NAME.match(label):
            self.notes.append(f"the unknown label {label!r} was read as text")
            self._place(read_markdown(piece.text), piece.boxes)
        else:
            block = Block(BlockKind.PARAGRAPH, spans_of(label))
            self.blocks += [replace(block, bbox=box) for box in piece.boxes] or [block]
            self._place(read_markdown(piece.text), ())

    def finished(self) -> GroundedPage:
        self._await_table(())
        blocks = [block for block in self.blocks if _says_anything(block)]
        if len(blocks) > MAX_BLOCKS:
            kept, rest_blocks = blocks[: MAX_BLOCKS - 1], blocks[MAX_BLOCKS - 1 :]
            rest = "\n".join(map(_printed, rest_blocks))
            last = Block(BlockKind.PARAGRAPH, (Span(rest),), suspect=True)
            blocks = [*kept, last]
            self.notes.append(f"only the first {len(kept):,} blocks are told apart")
        if self.lost_boxes:
            self.notes.append(f"boxes that cannot be used ({self.lost_boxes})")
        return GroundedPage(tuple(blocks), tuple(dict.fromkeys(self.notes)))

    def _await_table(self, boxes: tuple[BoundingBox, ...]) -> None:
        """Models often write a table's tag, the caption's tag, the caption, and then the table."""
        if self.awaited:
            self.notes.append("a table without its cells")
        self.awaited = boxes

    def _read(self, piece: Piece, reading: Reading, kind: BlockKind) -> None:
        text, boxes = piece.text, piece.boxes
        if reading is Reading.FIGURE:
            figures = [Block(kind, bbox=box) for box in boxes]
            self.blocks += figures or [Block(kind, suspect=True)]
            inside = BlockKind.CAPTION if "<center>" in text else None
            self._place(read_markdown(text, passage=inside), ())
        elif reading is Reading.HEADING:
            self._place(_headings(text, kind), boxes)
        elif reading is Reading.PASSAGE:
            self._place(read_markdown(text, passage=kind), boxes)
        elif reading is Reading.MARGIN:
            self._place(read_markdown(text, passage=_margin(kind, text, boxes)), boxes)
        elif reading is Reading.NOTE:
            self._place(ModelText(tuple(_notes(text)), {}), boxes)
        elif reading is Reading.CODE:
            self._place(_code(text), boxes)
        elif reading is Reading.FORMULA:
            self._place(_formulas(text), boxes)
        else:
            self._place(read_markdown(text, listed=reading is Reading.LIST), boxes)

    def _place(self, read: ModelText, boxes: Sequence[BoundingBox]) -> None:
        """Add blocks with their boxes: one each where they can be told apart, else all of them."""
        apart = all(block.kind in (BlockKind.TABLE, BlockKind.FORMULA) for block in read.blocks)
        whole = [_union(boxes)] * len(read.blocks) if boxes else [None] * len(read.blocks)
        places = boxes if apart and len(boxes) == len(read.blocks) else whole
        for index, (block, box) in enumerate(zip(read.blocks, places, strict=True)):
            if block.kind is BlockKind.TABLE:
                self.tables += 1
                if self.awaited:
                    box, self.awaited = _union(self.awaited), ()
            if index in read.repairs:
                self.notes.append(f"table {self.tables}: {', '.join(read.repairs[index])}")
            elif block.suspect and block.kind is BlockKind.FORMULA:
                self.notes.append("a formula without its end")
            self.blocks.append(replace(block, bbox=box))


def _union(boxes: Sequence[BoundingBox]) -> BoundingBox:
    return BoundingBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _headings(text: str, kind: BlockKind) -> ModelText:
    """A heading may run over lines; what follows it after an empty line is text again."""
    if any(segment.part is not Part.TEXT for segment in segments_of(text)):
        return read_markdown(text, passage=kind)
    first, *more = _NEW_HEADING.split(text.strip(), maxsplit=1)
    hashes = _HASHES.match(first)
    words = " ".join(first[hashes.end() :].split() if hashes else first.split())
    if hashes:
        heading = heading_block(len(hashes[1]), words)
    else:
        heading = Block(kind, spans_of(words), level=int(kind is BlockKind.HEADING))
    rest = read_markdown(more[0]) if more else ModelText((), {})
    return ModelText((heading, *rest.blocks), {at + 1: what for at, what in rest.repairs.items()})


def _margin(kind: BlockKind, text: str, boxes: Sequence[BoundingBox]) -> BlockKind:
    """``abandon`` says only that it is none of the text: the place says head or foot."""
    if is_page_number(text):
        return BlockKind.PAGE_NUMBER
    if kind is not BlockKind.PAGE_NUMBER:
        return kind
    low = bool(boxes) and _union(boxes).top > 0.5
    return BlockKind.PAGE_FOOTER if low else BlockKind.PAGE_HEADER


def _notes(text: str) -> Iterator[Block]:
    """Yield footnotes; a raised mark, a sign or the next number at a line's start opens one."""
    latest: int | None = None
    held: Block | None = None
    for line in text.strip().split("\n"):
        spans = spans_of(line)
        marker = footnote_marker(spans)
        number = marker.values[0] if marker and marker.values else None
        opens = marker is not None and (number is None or latest is None or number == latest + 1)
        if marker and opens:
            latest = latest if number is None else number
            spans = drop_characters(spans, marker.length)
        if held is None or opens:
            if held is not None:
                yield held
            held = Block(BlockKind.FOOTNOTE, spans, marker=marker.text if marker else None)
        elif spans:
            held = replace(held, spans=(*held.spans, Span("\n"), *spans))
    if held is not None:
        yield held


def _code(text: str) -> ModelText:
    """Fences are marks; without any the whole is code, with its indents."""
    parts = [segment for segment in segments_of(text) if segment.part is Part.CODE]
    if parts:
        return read_markdown(text)
    return ModelText((Block(BlockKind.CODE, (Span(text.strip("\n").rstrip()),)),), {})


def _formulas(text: str) -> ModelText:
    """A formula may come without delimiters, its number after them, or as a picture only."""
    if not text.strip():
        return ModelText((Block(BlockKind.FORMULA),), {})
    bare = text.strip().strip("$")
    parts = list(segments_of(text))
    if all(segment.part is Part.TEXT for segment in parts) and looks_like_mathematics(bare):
        return ModelText((Block(BlockKind.FORMULA, latex=tidy(bare)),), {})
    read = read_markdown(text)
    if [block.kind for block in read.blocks] == [BlockKind.FORMULA, BlockKind.PARAGRAPH]:
        formula, number = read.blocks
        if _EQUATION_NUMBER.match(number.text):
            latex = f"{formula.latex} \\qquad {number.text}"
            return ModelText((replace(formula, latex=latex),), {})
    return read


def _says_anything(block: Block) -> bool:
    if block.kind in (BlockKind.FIGURE, BlockKind.TABLE):
        return True
    if block.kind is BlockKind.FORMULA:
        return bool(block.latex) or block.bbox is not None
    return bool(block.text.strip()) or bool(block.marker)


def _printed(block: Block) -> str:
    cells = block.table.cells if block.table else ()
    pieces = (block.marker, block.text, block.latex, *(cell.text for cell in cells))
    return " ".join(piece for piece in pieces if piece)
