"""What the parser makes of raw texts of the original, beside what its own runners made of them.

Where the runners are right, their text is ours; each of their faults has its own test.
"""

import json
import re
from pathlib import Path

import pytest

from ocrx.document import Block, BlockKind, BoundingBox, Recognition, StopReason
from ocrx.parsing import parse, parse_page
from ocrx.parsing.grounding_dialect import DIALECT

CASES = json.loads((Path(__file__).parent / "golden" / "postprocess.json").read_text())["cases"]
RAW = {name: case["raw"] for name, case in CASES.items() if "raw" in case}
ERASED = {"ocr_words"}  # the runners' output is empty: the words were their labels
WORD = re.compile(r"\w+")
MARKS = re.compile(
    r"!\[\]\([^)]*\)|<[^>]*>|\\\[|\\\]|\\\(|\\\)|<\uff5c.*?\uff5c>"  # pictures, tags, delimiters
)


def recognition(name: str) -> Recognition:
    return Recognition("page", RAW[name], DIALECT, StopReason.END)


def blocks_of(name: str) -> tuple[Block, ...]:
    return parse(recognition(name))


def box(left: int, top: int, right: int, bottom: int) -> BoundingBox:
    return BoundingBox(left / 999, top / 999, right / 999, bottom / 999)


def words(text: str) -> list[str]:
    return WORD.findall(MARKS.sub(" ", text))


def text_of(block: Block) -> str:
    cells = " ".join(cell.text for cell in block.table.cells) if block.table else ""
    return f"{block.text} {block.latex or ''} {cells}"


@pytest.mark.parametrize("name", sorted(set(RAW) - ERASED))
def test_words_and_their_order_are_those_of_the_original(name: str) -> None:
    ours = [word for block in blocks_of(name) for word in words(text_of(block))]
    assert ours == words(CASES[name]["hf_result_mmd"])
    assert ours


def test_labels_say_what_blocks_are() -> None:
    kinds = [(block.kind.value, block.bbox) for block in blocks_of("doc_basic")]
    assert kinds == [
        ("title", box(175, 155, 852, 234)),
        ("paragraph", box(114, 98, 830, 135)),
        ("table", box(114, 140, 664, 196)),
        ("formula", box(431, 675, 920, 720)),
    ]


def test_formulas_come_without_delimiters_and_keep_their_number() -> None:
    formula = blocks_of("doc_basic")[-1]
    assert formula.latex == r"S_n := \sum_{k=0}^{n} \frac{(-1)^{k+1}}{(1+z)^k}. \qquad (58)"
    # the evaluation runner drops "\quad (1)"; the number is printed on the page
    assert blocks_of("many_blank")[-1].latex == r"a = b \quad (1)"
    paragraph = blocks_of("doc_basic")[1]
    assert [span.text for span in paragraph.spans if span.math] == [r"y = a \cdot e^{bx}"]


def test_a_box_that_holds_1000_is_clamped_and_each_image_is_a_figure_of_its_own() -> None:
    first, caption, between, second = blocks_of("images_two")
    assert (first.kind, first.bbox) == (BlockKind.FIGURE, box(100, 100, 500, 400))
    assert (caption.kind, caption.text) == (BlockKind.CAPTION, "Figure 1: a caption")
    assert between.text == "Between."
    assert (second.kind, second.bbox) == (BlockKind.FIGURE, box(510, 100, 999, 999))


def test_equal_image_tags_are_two_figures() -> None:
    # the runners link both to the crop of the first
    first, second, end = blocks_of("image_same_box_twice")
    assert first.kind is second.kind is BlockKind.FIGURE
    assert first.bbox == second.bbox == box(0, 0, 100, 100)
    assert (end.kind, end.text) == (BlockKind.PARAGRAPH, "end")


def test_every_box_of_an_image_tag_is_a_figure() -> None:
    # the runners cut two crops and link one, so that later links are shifted
    first, second, text = blocks_of("image_multi_box")
    assert [first.bbox, second.bbox] == [box(0, 0, 100, 100), box(200, 200, 300, 300)]
    assert text.text == "text"


def test_boxes_that_cannot_be_read_leave_figure_and_text_and_are_told() -> None:
    # the runners link to a crop that was never cut
    figure, text = blocks_of("bad_box")
    assert (figure.kind, figure.bbox, figure.suspect) == (BlockKind.FIGURE, None, True)
    assert (text.text, text.bbox) == ("broken", None)
    assert parse_page(recognition("bad_box")).repairs == ("boxes that cannot be used (2)",)


def test_a_page_without_an_end_keeps_its_text() -> None:
    # the PDF runner drops such a page and numbers later pictures wrongly
    assert [block.text for block in blocks_of("no_eos_loop")] == ["abc abc abc abc"]


def test_free_text_keeps_its_lines() -> None:
    assert [block.text for block in blocks_of("free_ocr")] == [
        "Plain text line one\nline two",
        "line five",
    ]


def test_words_given_as_labels_are_the_text() -> None:
    # the runners erase all of it
    assert [(block.text, block.bbox) for block in blocks_of("ocr_words")] == [
        ("Hello", box(549, 653, 616, 679)),
        ("World", box(547, 703, 604, 730)),
    ]


@pytest.mark.parametrize("name", RAW)
def test_no_mark_of_the_model_is_left(name: str) -> None:
    shown = " ".join(text_of(block) for block in blocks_of(name))
    assert not re.search(r"<\||\|>|\uff5c|\[\[", shown)
