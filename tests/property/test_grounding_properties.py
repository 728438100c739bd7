"""Whatever a model writes becomes sound blocks, and no letter of its text is lost."""

import re
import string
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.document import Block, BlockKind, Recognition, Span, StopReason, Table
from ocrx.parsing import parse, parse_page
from ocrx.parsing.grounding_dialect import DIALECT
from ocrx.parsing.grounding_labels import LABELS
from ocrx.writers.inline import content_of
from ocrx.writers.markdown_text import TextStyle, markdown_text

LETTERS = "ABCXYZ\u00e4\u00df\u4e2d\u6587\u0639\u0631\u0628"  # in no mark of the dialect
MARKS = r"""
<|ref|> <|/ref|> <|det|> <|/det|> <|ref|>text<|/ref|> [[ ]] [1,2,30,40] <|det|>[[1,2,30,40]]<|/det|>
<table> </table> <tr> </tr> <td> </td> <td/rowspan=3> <td/colspan='2'> <th> <thead> <caption> \( \)
\[ \] $$ $ \begin{align} \end{align} \tag{1} ** * _ ` ``` | &gt; &amp; <br> <sup> </sup> <b>
<center> </center> \ [ ](https:// ) (a) --- # ## - 1.
"""
BLANKS = ["\n", "\n\n", " ", "  ", "\n|-|-|\n", "\u2022", "\x00", "\r\n", "\t", "\n# ", "\n- "]
PIECES = st.sampled_from([mark.replace("td/", "td ") for mark in MARKS.split()] + BLANKS)
words = st.text(LETTERS, min_size=1, max_size=4)
soups = st.lists(PIECES | words, max_size=40).map("".join)
texts = st.text(max_size=200)
labels = st.sampled_from(sorted(LABELS))
numbers = st.integers(-5, 1200)
boxes = st.lists(st.lists(numbers, min_size=3, max_size=5), max_size=3).map(str)
tagged = st.builds("<|ref|>{}<|/ref|><|det|>{}<|/det|>\n{}\n".format, labels | words, boxes, soups)
pages = st.lists(tagged, max_size=4).map("".join)
cut_pages = st.tuples(pages, st.integers(0, 400)).map(lambda page: page[0][: page[1]])
REAL = r"""<|ref|>title<|/ref|><|det|>[[175, 155, 852, 234]]<|/det|>
# TITLE ABC

<|ref|>text<|/ref|><|det|>[[114, 98, 830, 135]]<|/det|>
Body with \(a < b\) **bold**.

<|ref|>table<|/ref|><|det|>[[114, 140, 664, 196]]<|/det|>
<table><tr><td rowspan=2>A</td><td>B</td></tr><tr><td>C</td></tr></table>

<|ref|>equation<|/ref|><|det|>[[4, 6, 9, 7]]<|/det|>
\[ x = y \tag{1} \]

<|ref|>list<|/ref|><|det|>[[1, 1, 9, 9]]<|/det|>
- one
- two
"""
mutations = st.lists(st.tuples(st.integers(0, len(REAL)), st.integers(0, 9), soups), max_size=5)


def recognition(raw: str) -> Recognition:
    return Recognition("page", raw, DIALECT, StopReason.END)


def printed(block: Block) -> str:
    parts = [block.text, block.marker or "", block.latex or ""]
    parts += [cell.text for cell in block.table.cells] if block.table else []
    return "".join(parts)


def assert_sound(blocks: tuple[Block, ...]) -> None:
    for block in blocks:
        if block.bbox:
            assert 0.0 <= block.bbox.left < block.bbox.right <= 1.0
            assert 0.0 <= block.bbox.top < block.bbox.bottom <= 1.0
        if block.table:
            assert_grid(block.table)
        assert block.kind is not BlockKind.TABLE or block.table
        assert all(span.text for span in block.spans)


def assert_grid(table: Table) -> None:
    slots = Counter(
        (row, column)
        for cell in table.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    )
    assert set(slots.values()) == {1}
    assert set(slots) == {(r, c) for r in range(table.rows) for c in range(table.columns)}


def mutated(changes: list[tuple[int, int, str]]) -> str:
    raw = REAL
    for at, length, new in changes:
        raw = raw[:at] + new + raw[at + length :]
    return raw


@settings(max_examples=300, deadline=None)
@given(texts | soups | pages | cut_pages | mutations.map(mutated))
def test_any_text_becomes_sound_blocks(raw: str) -> None:
    blocks = parse(recognition(raw))
    assert_sound(blocks)
    assert parse(recognition(raw)) == blocks
    repairs = parse_page(recognition(raw)).repairs
    assert all(note == note.strip() and "\n" not in note for note in repairs)


@settings(max_examples=400, deadline=None)
@given(soups | pages | cut_pages | st.integers(0, len(REAL)).map(lambda end: REAL[:end]))
def test_no_letter_is_lost(raw: str) -> None:
    blocks = parse(recognition(raw))
    shown = Counter("".join(printed(block) for block in blocks))
    links = Counter("".join(span.link or "" for block in blocks for span in block.spans))
    expected = Counter(character for character in raw if character in LETTERS)
    missing = expected - shown
    assert not any(character.isascii() for character in missing - links)
    assert not missing or any(span.link for span in all_spans(blocks))  # addresses are encoded


def all_spans(blocks: tuple[Block, ...]) -> list[Span]:
    cells = [cell for block in blocks if block.table for cell in block.table.cells]
    return [span for holder in (*blocks, *cells) for span in holder.spans]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(words, min_size=1, max_size=30), st.sampled_from(["text", "table_caption", "title"])
)
def test_words_keep_their_order(held: list[str], label: str) -> None:
    raw = f"<|ref|>{label}<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>\n{' '.join(held)}\n"
    shown = " ".join(block.text for block in parse(recognition(raw)))
    assert shown.split() == held


@settings(max_examples=200, deadline=None)
@given(st.text(string.ascii_letters + string.digits + " *_`#-+.()[]<>&$|~!\u2022", max_size=40))
def test_written_text_is_read_as_it_was(text: str) -> None:
    """What the writers escape is read back: no word changes on the way out and in again."""
    written = markdown_text(content_of([Span(text)]), TextStyle())
    blocks = parse(recognition(written))
    shown = " ".join(printed(block) for block in blocks if block.kind is not BlockKind.FIGURE)
    assert re.findall(r"\w+", shown) == re.findall(r"\w+", text)


UNITS = [
    *("<|ref|>", "<|det|>[[1,", "<|det|>[[1,2,3,4]]<|/det|>", "[", "[1, 2, 3, 4],", "\\[a", "\\("),
    *("$$\n\n", "<table>", "<td>", "<tr><td rowspan=999>", "<", "**a", "`", "&amp;", "- a\n", " "),
    "|a|\n|-|\n",
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear_in_the_text(unit: str) -> None:
    raw = "<|ref|>text<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>\n" + unit * (100_000 // len(unit))
    started = time.perf_counter()
    assert_sound(parse(recognition(raw)))
    assert time.perf_counter() - started < 15  # quadratic time would be minutes
