"""Dialect ``regions/1`` to blocks: each region of lines becomes the blocks that it holds.

Paragraphs, lists, code, tables and headers each have their own module; this one decides which
is asked. What only shows over several pages (levels, running heads, what goes on) is left to the
assembly. No character of a page is lost; labels inside a picture are the figure's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ocrx.document import Block, BlockKind, Span
from ocrx.parsing.code import MONO_PAGE_SHARE, all_text, code_text, is_mono, mono_share
from ocrx.parsing.furniture import header_blocks
from ocrx.parsing.grids import table_of
from ocrx.parsing.letter_widths import is_square
from ocrx.parsing.lists import Item, Nesting, list_start, split_items
from ocrx.parsing.notes import split_notes
from ocrx.parsing.numbered_regions import with_lists
from ocrx.parsing.paragraphs import running_text, split_paragraphs
from ocrx.parsing.pictures import is_text_heavy, keeps_picture, labels_of
from ocrx.parsing.region_dialect import RawLine, RawPage, RawRegion, RegionClass
from ocrx.parsing.rows import (
    Row,
    box_around,
    box_of,
    mean_confidence,
    page_size,
    rows_of,
    type_size,
)
from ocrx.typesetting.joining import Vocabulary, join_spans
from ocrx.typesetting.markers import drop_characters

SUSPECT_CONFIDENCE = 0.7  # a block read with less is marked suspect
_MAX_HEADING_ROWS = 6
_MAX_HEADING_CHARACTERS = 400
_SIZE_STEP = 1.25  # rows of one heading whose sizes differ by more are two headings


@dataclass(frozen=True, slots=True)
class _Context:
    """What every region of a page shares. ``nesting`` moves along with the lists of the page."""

    size_pt: tuple[float, float]
    vocabulary: Vocabulary
    reads_code: bool
    nesting: Nesting = field(default_factory=Nesting)


def blocks_of(page: RawPage, vocabulary: Vocabulary | None = None) -> tuple[Block, ...]:
    """Return the blocks of a page, in reading order."""
    lines = [line for region in page.regions for line in _all_lines(region)]
    context = _Context(
        page_size(page),
        vocabulary or Vocabulary.from_lines(line.text for line in lines),
        reads_code=mono_share(lines) < MONO_PAGE_SHARE,
    )
    blocks: list[Block] = []
    for region in _joined_code(with_lists(page.regions, context.size_pt), context):
        blocks += _READERS[region.region_class](region, context)
    return tuple(blocks)


def _all_lines(region: RawRegion) -> Iterator[RawLine]:
    yield from region.lines
    for cell in region.cells:
        yield from cell.lines


def _block(kind: BlockKind, rows: Sequence[Row], spans: tuple[Span, ...], ctx: _Context) -> Block:
    confidence = mean_confidence(rows)
    return Block(
        kind,
        spans,
        bbox=box_around(rows, ctx.size_pt),
        size_pt=type_size(rows),
        confidence=confidence,
        suspect=confidence is not None and confidence < SUSPECT_CONFIDENCE,
    )


def _joined_code(regions: Sequence[RawRegion], ctx: _Context) -> Iterator[RawRegion]:
    """Name code what is set in monospaced type, and put neighbouring pieces of it together."""
    held: list[RawRegion] = []
    for region in regions:
        if region.region_class is RegionClass.CODE and is_square(all_text(region.lines)):
            region = replace(region, region_class=RegionClass.TEXT)
        code = region.region_class is RegionClass.CODE or (
            ctx.reads_code and region.region_class is RegionClass.TEXT and is_mono(region.lines)
        )
        if held and not (code and _right_below(held[-1], region, ctx)):
            yield _one_region(held)
            held = []
        if code:
            held.append(region)
        else:
            yield region
    if held:
        yield _one_region(held)


def _one_region(held: Sequence[RawRegion]) -> RawRegion:
    left, top, right, bottom = zip(*(region.box for region in held), strict=True)
    lines = tuple(line for region in held for line in region.lines)
    cells = tuple(cell for region in held for cell in region.cells)
    box = (min(left), min(top), max(right), max(bottom))
    return RawRegion(RegionClass.CODE, box, lines, cells, held[0].confidence)


def _right_below(above: RawRegion, region: RawRegion, ctx: _Context) -> bool:
    if not above.lines or not region.lines:
        return False
    height = max(region.lines[0].size_pt, 6.0) / ctx.size_pt[1]
    gap = region.box[1] - above.box[3]
    overlap = min(above.box[2], region.box[2]) - max(above.box[0], region.box[0])
    return -height < gap < 2.5 * height and overlap > 0


def _text(region: RawRegion, ctx: _Context) -> list[Block]:
    rows = rows_of(region.lines, ctx.size_pt)
    start = list_start(rows)
    if start is None:
        return _paragraphs(rows, ctx)
    return _paragraphs(rows[:start], ctx) + _items(rows[start:], ctx)


def _paragraphs(rows: Sequence[Row], ctx: _Context) -> list[Block]:
    return [
        _block(BlockKind.PARAGRAPH, part, running_text(part, ctx.vocabulary), ctx)
        for part in split_paragraphs(rows)
    ]


def _list(region: RawRegion, ctx: _Context) -> list[Block]:
    return _items(rows_of(region.lines, ctx.size_pt), ctx)


def _items(rows: Sequence[Row], ctx: _Context) -> list[Block]:
    blocks: list[Block] = []
    for item in split_items(rows):
        blocks.append(_item(item, ctx))
        blocks += _paragraphs(item.after, ctx)
    return blocks


def _item(item: Item, ctx: _Context) -> Block:
    spans = join_spans([row.spans for row in item.rows], ctx.vocabulary)
    marker = item.marker
    if marker:
        spans = drop_characters(spans, marker.length)
    block = _block(BlockKind.LIST_ITEM, item.rows, spans, ctx)
    if ctx.nesting.goes_on(item):
        return replace(block, level=ctx.nesting.depth, continues=True)
    level = ctx.nesting.place(item)
    return replace(block, level=level, marker=marker.text if marker else None)


def _heading(region: RawRegion, ctx: _Context) -> list[Block]:
    ctx.nesting.reset()
    rows = rows_of(region.lines, ctx.size_pt)
    characters = sum(len(row.text) for row in rows)
    if len(rows) > _MAX_HEADING_ROWS or characters > _MAX_HEADING_CHARACTERS:
        return _paragraphs(rows, ctx)
    title = region.region_class is RegionClass.TITLE
    kind, level = (BlockKind.TITLE, 0) if title else (BlockKind.HEADING, 1)
    blocks: list[Block] = []
    for part in _by_size(rows):
        spans = join_spans([row.spans for row in part], ctx.vocabulary)
        blocks.append(replace(_block(kind, part, spans, ctx), level=level))
    return blocks


def _by_size(rows: Sequence[Row]) -> list[list[Row]]:
    parts: list[list[Row]] = []
    for row in rows:
        last = parts[-1][-1].size if parts else 0.0
        if parts and max(last, row.size) <= _SIZE_STEP * min(last, row.size):
            parts[-1].append(row)
        else:
            parts.append([row])
    return parts


def _caption(region: RawRegion, ctx: _Context) -> list[Block]:
    rows = rows_of(region.lines, ctx.size_pt)
    if not rows:
        return []
    spans = join_spans([row.spans for row in rows], ctx.vocabulary)
    return [_block(BlockKind.CAPTION, rows, spans, ctx)]


def _notes(region: RawRegion, ctx: _Context) -> list[Block]:
    blocks: list[Block] = []
    for item in split_notes(rows_of(region.lines, ctx.size_pt)):
        spans = join_spans([row.spans for row in item.rows], ctx.vocabulary)
        if item.marker:
            spans = drop_characters(spans, item.marker.length)
        block = _block(BlockKind.FOOTNOTE, item.rows, spans, ctx)
        blocks.append(replace(block, marker=item.marker.text if item.marker else None))
    return blocks


def _code(region: RawRegion, ctx: _Context) -> list[Block]:
    rows = rows_of(region.lines, ctx.size_pt, keep_blanks=True)
    if not rows:
        return []
    return [_block(BlockKind.CODE, rows, (Span(code_text(rows)),), ctx)]


def _formula(region: RawRegion, ctx: _Context) -> list[Block]:
    rows = rows_of(region.lines, ctx.size_pt)
    spans: tuple[Span, ...] = ()
    for row in rows:  # a minus at a line end is no hyphen: blanks only
        spans += ((Span(" "),) if spans else ()) + row.spans
    if not rows:
        return [Block(BlockKind.FORMULA, bbox=box_of(region.box))]
    return [replace(_block(BlockKind.FORMULA, rows, spans, ctx), bbox=box_of(region.box))]


def _picture(region: RawRegion, ctx: _Context) -> list[Block]:
    rows = rows_of(region.lines, ctx.size_pt)
    figure = Block(BlockKind.FIGURE, bbox=box_of(region.box), confidence=region.confidence)
    if not is_text_heavy(rows, region.box, ctx.size_pt):
        return [replace(figure, spans=labels_of(rows))]
    head = [figure] if keeps_picture(rows, region.box, ctx.size_pt) else []
    return head + _paragraphs(rows, ctx)


def _table(region: RawRegion, ctx: _Context) -> list[Block]:
    blocks: list[Block] = []
    table = table_of(region.cells, ctx.size_pt, ctx.vocabulary)
    lines = [line for cell in region.cells for line in cell.lines]
    if table and lines:
        rows = [row for line in lines for row in rows_of([line], ctx.size_pt)]
        base = _block(BlockKind.TABLE, rows, (), ctx) if rows else Block(BlockKind.TABLE)
        blocks.append(replace(base, bbox=box_of(region.box), table=table))
        lines = []
    rows = rows_of([*region.lines, *lines], ctx.size_pt)
    return blocks + [_block(BlockKind.PARAGRAPH, [row], row.spans, ctx) for row in rows]


def _header(region: RawRegion, ctx: _Context) -> list[Block]:
    header = region.region_class is RegionClass.PAGE_HEADER
    kind = BlockKind.PAGE_HEADER if header else BlockKind.PAGE_FOOTER
    pieces = [row for line in region.lines for row in rows_of([line], ctx.size_pt)]
    return [
        _block(kind_of_piece, rows, join_spans([row.spans for row in rows], ctx.vocabulary), ctx)
        for kind_of_piece, rows in header_blocks(pieces, kind)
    ]


_READERS: dict[RegionClass, Callable[[RawRegion, _Context], list[Block]]] = {
    RegionClass.TITLE: _heading,
    RegionClass.SECTION_HEADER: _heading,
    RegionClass.TEXT: _text,
    RegionClass.LIST_ITEM: _list,
    RegionClass.TABLE: _table,
    RegionClass.PICTURE: _picture,
    RegionClass.FORMULA: _formula,
    RegionClass.CAPTION: _caption,
    RegionClass.FOOTNOTE: _notes,
    RegionClass.CODE: _code,
    RegionClass.PAGE_HEADER: _header,
    RegionClass.PAGE_FOOTER: _header,
}
