"""Tags, labels and boxes of the grounding dialect."""

import pytest

from ocrx.document import BlockKind, BoundingBox
from ocrx.parsing.grounding_dialect import read_boxes
from tests.unit.grounded_text import BOX, blocks_of, box, notes_of, shown, tagged


@pytest.mark.parametrize(
    ("label", "text", "kind"),
    [
        ("title", "# Words", "title"),
        ("title", "## Words", "heading"),
        ("title", "Words", "title"),
        ("sub_title", "Words", "heading"),
        ("text", "Words", "paragraph"),
        ("table_caption", "<center>Words</center>", "caption"),
        ("image_caption", "Words", "caption"),
        ("figure_title", "Words", "caption"),
        ("table_footnote", "Words", "paragraph"),
        ("footnote", "Words", "footnote"),
        ("header", "Words", "page_header"),
        ("page_header", "12", "page_number"),
        ("page_footer", "Words", "page_footer"),
        ("page_number", "- 12 -", "page_number"),
        ("abandon", "Words", "page_header"),
        ("code", "Words", "code"),
        ("reference", "[1] Words", "list_item"),
        ("no_such_label", "Words", "paragraph"),
    ],
)
def test_the_label_says_the_kind(label: str, text: str, kind: str) -> None:
    (block,) = blocks_of(tagged(label, text))
    assert block.kind.value == kind
    assert block.text in ("Words", "12", "- 12 -")
    assert block.bbox == BOX


def test_hashes_say_the_level() -> None:
    raw = tagged("title", "# T") + tagged("sub_title", "## A") + tagged("sub_title", "#### B")
    assert [(block.kind.value, block.level) for block in blocks_of(raw)] == [
        ("title", 0),
        ("heading", 1),
        ("heading", 3),
    ]


def test_a_heading_may_run_over_lines_and_be_followed_by_text() -> None:
    raw = tagged("title", "# A long\ntitle\n\nBody text.")
    assert shown(raw) == [("title", "A long title"), ("paragraph", "Body text.")]


def test_several_boxes_of_a_text_are_one_box_around_all() -> None:
    (block,) = blocks_of(tagged("text", "Words", "[10, 20, 30, 40], [50, 10, 60, 30]"))
    assert block.bbox == box(10, 10, 60, 40)


def test_every_box_of_an_image_is_a_figure() -> None:
    raw = tagged("image", "", "[10, 20, 30, 40], [50, 10, 60, 30]")
    assert [(block.kind, block.bbox) for block in blocks_of(raw)] == [
        (BlockKind.FIGURE, box(10, 20, 30, 40)),
        (BlockKind.FIGURE, box(50, 10, 60, 30)),
    ]


def test_footnotes_are_told_apart_by_their_marks() -> None:
    raw = tagged("footnote", r"\(^{1}\) One," + "\nstill one.\n" + r"\(^{2}\) Two.")
    assert [(block.marker, block.text) for block in blocks_of(raw)] == [
        ("1", "One,\nstill one."),
        ("2", "Two."),
    ]


def test_abandoned_text_at_the_foot_is_a_footer() -> None:
    (block,) = blocks_of(tagged("abandon", "Draft", "[10, 900, 20, 950]"))
    assert block.kind is BlockKind.PAGE_FOOTER


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[[1, 2, 30, 40]]", [(1, 2, 30, 40)]),
        ("[1,2,30,40]", [(1, 2, 30, 40)]),
        ("[[30, 40, 1, 2]]", [(1, 2, 30, 40)]),
        ("[[0, -5, 1000, 4000]]", [(0, 0, 999, 999)]),
        ("[[1, 2, 30, 40], [5, 6, 7]]", [(1, 2, 30, 40)]),
        ("[[1, 2, 30, 40, 50]]", []),
        ("[[5, 5, 5, 9]]", []),
        ("[[1e400, nan, __import__('os'), 4]]", []),
        ("[" * 5000, []),
    ],
)
def test_boxes_are_read_clamped_and_sorted(
    raw: str, expected: list[tuple[int, int, int, int]]
) -> None:
    assert read_boxes(raw)[0] == [box(*numbers) for numbers in expected]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("<|ref|>text<|/ref|><|det|>[[1, 2, 30, 40", []),
        ("<|ref|>text<|/ref|><|det|>[[1, 2, 30, 40]] Words", ["Words"]),
        ("<|ref|>text<|/ref|>Words", ["Words"]),
        ("<|ref|>text<|det|>[[1, 2, 30, 40]]<|/det|>\nWords", ["Words"]),
        ("<|ref|>text<|ref|>text<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>\nWords", ["Words"]),
        ("Before<|/ref|> <|/det|>Words", ["Before Words"]),
        ("<|det|>[[1, 2, 30, 40]]<|/det|>Words", ["Words"]),
        ("<|ref|>text<|/ref|><|det|>[[a, b]]<|/det|>\nWords", ["a, b]]\nWords"]),
        ("Words <|/de", ["Words"]),
        ("Words<\uff5cend\u2581of\u2581sentence\uff5c>", ["Words"]),
    ],
)
def test_broken_tags_lose_no_text(raw: str, words: list[str]) -> None:
    assert [block.text for block in blocks_of(raw)] == words


def test_a_box_cut_in_its_last_number_is_not_trusted() -> None:
    (block,) = blocks_of("<|ref|>image<|/ref|><|det|>[[100, 100, 500, 40")
    assert (block.kind, block.bbox, block.suspect) == (BlockKind.FIGURE, None, True)


def test_lines_with_label_and_box_are_read_like_tags() -> None:
    raw = (
        "image [382, 87, 489, 174]\ntitle [333, 201, 556, 230]R&D QUALITY\nFORM\ntext [1, 2, 3, 4]a"
    )
    assert [(block.kind.value, block.text, block.bbox) for block in blocks_of(raw)] == [
        ("figure", "", box(382, 87, 489, 174)),
        ("title", "R&D QUALITY FORM", box(333, 201, 556, 230)),
        ("paragraph", "a", box(1, 2, 3, 4)),
    ]
    inside_tags = "<PAGE><|det|>title [333, 201, 556, 230]<|/det|>R&D"
    assert shown(inside_tags) == [("title", "R&D")]


def test_a_box_inside_running_text_is_text() -> None:
    raw = "Intervals are closed.\ntext [1, 2, 3, 4] is quoted."
    assert shown(raw) == [("paragraph", raw)]


def test_words_in_labels_are_the_text_one_block_a_box() -> None:
    raw = tagged("The title", "", "[1, 2, 3, 4], [5, 6, 7, 8]") + tagged("title")
    assert [(block.kind.value, block.text, block.bbox) for block in blocks_of(raw)] == [
        ("paragraph", "The title", box(1, 2, 3, 4)),
        ("paragraph", "The title", box(5, 6, 7, 8)),
        ("paragraph", "title", BOX),
    ]
    assert shown(tagged("table")) == [("paragraph", "table")]


def test_an_empty_label_in_a_document_says_nothing_but_a_word_is_kept() -> None:
    document = tagged("title", "# T") + tagged("text", "Words") + tagged("text")
    assert shown(document) == [("title", "T"), ("paragraph", "Words")]
    assert shown(document + tagged("Stamp here"))[-1] == ("paragraph", "Stamp here")


def test_what_cannot_be_used_is_told() -> None:
    assert notes_of(tagged("text", "Words")) == ()
    assert notes_of(tagged("text", "Words", "[1, 2], [3, 3, 3, 3]")) == (
        "boxes that cannot be used (2)",
    )
    assert notes_of(tagged("mystery", "Words")) == ("the unknown label 'mystery' was read as text",)


def test_no_box_leaves_the_page() -> None:
    (block,) = blocks_of(tagged("text", "Words", "[-9, 1000, 99999999999999999999999, 3]"))
    assert block.bbox == BoundingBox(0.0, 3 / 999, 1.0, 1.0)


def test_blocks_beyond_the_cap_are_one_paragraph() -> None:
    raw = "".join(f"word{number}\n\n" for number in range(20_050))
    blocks = blocks_of(raw)
    assert len(blocks) == 20_000
    assert blocks[-1].text.split() == [f"word{number}" for number in range(19_999, 20_050)]
    assert notes_of(raw)
