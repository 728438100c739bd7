"""Any page of regions becomes sound blocks, and no letter is lost but the labels of pictures."""

import json
import string
import time
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.document import Block, BlockKind, Recognition, Span, StopReason
from ocrx.errors import RawTextError
from ocrx.parsing import parse
from ocrx.parsing.region_dialect import (
    DIALECT,
    RawCell,
    RawLine,
    RawPage,
    RawRegion,
    RawSpan,
    RegionClass,
    dumps,
)
from ocrx.typesetting.joining import join_spans

LETTERS = string.ascii_letters + string.digits + "äßñ中文字한글عربي"
texts = st.text(LETTERS + " .,-•*()\u00ad\x00\x07\u200b\n", max_size=24)
numbers = st.floats(0, 1)
boxes = st.tuples(numbers, numbers, numbers, numbers)
spans = st.builds(
    RawSpan, texts, st.booleans(), st.booleans(), st.booleans(), st.integers(-1, 1), st.none()
)
lines = st.builds(
    RawLine, boxes, st.lists(spans, max_size=3).map(tuple), st.floats(0, 40), st.none() | numbers
)
many_lines = st.lists(lines, max_size=6).map(tuple)
small = st.integers(-3, 6)
cells = st.builds(RawCell, small, small, small, small, st.booleans(), many_lines)
regions = st.builds(
    RawRegion,
    st.sampled_from(RegionClass),
    boxes,
    many_lines,
    st.lists(cells, max_size=5).map(tuple),
)
pages = st.builds(
    RawPage, st.floats(-1, 2000), st.floats(0, 2000), st.lists(regions, max_size=6).map(tuple)
)


def recognition(raw: str, dialect: str = DIALECT) -> Recognition:
    return Recognition("page", raw, dialect, StopReason.END)


def letters(text: str) -> Counter[str]:
    return Counter(character for character in text if character.isalnum())


def printed(block: Block) -> str:
    held = block.text + (block.marker or "")
    if block.table:
        held += "".join(cell.text for cell in block.table.cells)
    return held


@settings(max_examples=100, deadline=None)
@given(pages)
def test_every_letter_outside_pictures_is_in_some_block(page: RawPage) -> None:
    blocks = parse(recognition(dumps(page)))
    expected: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    for region in page.regions:
        picture = region.region_class is RegionClass.PICTURE
        inside = [*region.lines, *(line for cell in region.cells for line in cell.lines)]
        for line in inside:
            (drawn if picture else expected).update(letters(line.text))
    found = letters("".join(printed(block) for block in blocks))
    ignoring_cells_elsewhere = Counter(
        letters(
            "".join(
                line.text
                for region in page.regions
                if region.region_class is not RegionClass.TABLE
                for cell in region.cells
                for line in cell.lines
            )
        )
    )
    assert not expected - found - ignoring_cells_elsewhere
    assert not found - expected - drawn


@settings(max_examples=80, deadline=None)
@given(pages)
def test_every_block_is_sound(page: RawPage) -> None:
    for block in parse(recognition(dumps(page))):
        assert (
            block.spans
            or block.marker
            or block.kind
            in (
                BlockKind.TABLE,
                BlockKind.FIGURE,
                BlockKind.FORMULA,
            )
        )
        assert not any(ord(c) < 32 and c != "\n" for c in printed(block))
        assert printed(block).encode("utf-8") is not None
        if block.table:
            slots = [
                (row, column)
                for cell in block.table.cells
                for row in range(cell.row, cell.row + cell.row_span)
                for column in range(cell.column, cell.column + cell.column_span)
            ]
            assert len(slots) == len(set(slots)) == block.table.rows * block.table.columns
            assert max(slots) == (block.table.rows - 1, block.table.columns - 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=10,
)
nearly_pages = st.fixed_dictionaries(
    {
        "dialect": st.just(DIALECT) | json_values,
        "width": json_values,
        "height": json_values,
        "turned": json_values,
        "regions": st.lists(
            st.fixed_dictionaries(
                {
                    "class": st.sampled_from([c.value for c in RegionClass]) | json_values,
                    "box": st.lists(st.integers() | st.floats(), min_size=3, max_size=4),
                    "lines": json_values,
                }
            )
            | json_values,
            max_size=2,
        ),
    }
)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60) | json_values.map(json.dumps) | nearly_pages.map(json.dumps))
def test_any_other_text_is_refused_with_one_kind_of_error(raw: str) -> None:
    try:
        blocks = parse(recognition(raw))
    except RawTextError as error:
        assert "\n" not in str(error)
    else:
        assert all(isinstance(block, Block) for block in blocks)


words = st.text(string.ascii_lowercase + "- .", min_size=1, max_size=12)


@given(st.lists(words.map(lambda text: (Span(text),)), max_size=6))
def test_joining_in_two_steps_keeps_the_same_letters(pieces: list[tuple[Span, ...]]) -> None:
    at_once = join_spans(pieces)
    half = len(pieces) // 2
    in_steps = join_spans([join_spans(pieces[:half]), join_spans(pieces[half:])])
    assert "".join(span.text for span in at_once) == "".join(span.text for span in in_steps)


def test_time_grows_with_the_lines_of_a_region_and_not_with_their_square() -> None:
    def page(region_class: RegionClass, text: str) -> RawPage:
        rows = tuple(
            RawLine((0.1, i / 5_000, 0.9, (i + 0.8) / 5_000), (RawSpan(f"{text} {i}"),), 10.0)
            for i in range(5_000)
        )
        return RawPage(612, 792, (RawRegion(region_class, (0, 0, 1, 1), rows),))

    started = time.perf_counter()
    for region_class in (RegionClass.TEXT, RegionClass.LIST_ITEM, RegionClass.CODE):
        for text in ("1. word-", "plain words here"):
            assert parse(recognition(dumps(page(region_class, text))))
    assert time.perf_counter() - started < 30
