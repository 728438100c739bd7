"""Headings and captions told from text by what stands around them."""

from dataclasses import replace

from ocrx.assembly import assemble
from ocrx.document import (
    Block,
    BlockKind,
    BoundingBox,
    PageResult,
    Provenance,
    Route,
    Span,
    StopReason,
    Table,
    Verdict,
    VerdictStatus,
)

LAYER = Provenance(
    "fake", "none", "auto", Route.TEXT_LAYER, 0, 0, 0, None, 0.0, StopReason.END, None
)
PIXELS = replace(LAYER, route=Route.PIXELS)
BODY = "A sentence of the body that is long enough to count as running text here."
TABLE = Block(BlockKind.TABLE, bbox=BoundingBox(0.1, 0.3, 0.5, 0.5), table=Table(1, 1, ()))
FIGURE = Block(BlockKind.FIGURE, bbox=BoundingBox(0.1, 0.3, 0.5, 0.5))


def text(words: str, size: float = 10.0, top: float = 0.6, bold: bool = False) -> Block:
    box = BoundingBox(0.1, top, 0.5, top + 0.02)
    return Block(BlockKind.PARAGRAPH, (Span(words, bold=bold),), box, size_pt=size)


def heading(words: str, size: float = 10.0, bold: bool = False) -> Block:
    return replace(text(words, size, bold=bold), kind=BlockKind.HEADING, level=1)


def kinds(*blocks: Block, provenance: Provenance = LAYER) -> list[str]:
    page = PageResult(1, 600, 800, blocks, Verdict(VerdictStatus.OK), provenance)
    return [block.kind.value for block in assemble([page])[0].blocks]


def test_a_letters_salutation_and_signature_are_no_headings() -> None:
    letter = [
        heading("What We Found", 14.0),
        text(BODY),
        heading("Dear Mrs. Lindqvist,", 10.3),
        text(BODY),
        heading("Edmund Hale", 10.5),
        text("Keeper of Prints"),
    ]
    found = kinds(*letter, provenance=PIXELS)
    assert found == ["title", *5 * ["paragraph"]] or found == ["heading", *5 * ["paragraph"]]
    assert kinds(*letter)[4] == "heading"  # a text layer's sizes and weights are exact


def test_a_heading_of_the_bodys_size_that_introduces_text_stays_one() -> None:
    assert kinds(text(BODY), heading("Results"), text(BODY), provenance=PIXELS)[1] == "heading"
    assert kinds(text(BODY), heading("Results"), FIGURE, provenance=PIXELS)[1] == "heading"


def test_numbered_and_capital_headings_stay_headings_at_the_end_of_pictures() -> None:
    for words in ("4.1 Results", "RESULTS"):
        assert kinds(text(BODY), heading(words), provenance=PIXELS)[1] == "heading"


def test_a_short_line_in_far_larger_type_is_a_heading() -> None:
    verse = [text("The Tyger", 20.0, 0.1), text(BODY), text(BODY, top=0.7)]
    assert kinds(*verse)[0] in ("heading", "title")
    assert kinds(text("42 %", 20.0, 0.1), text(BODY), text(BODY))[0] == "paragraph"
    assert kinds(text(BODY), text("The Tyger", 20.0))[1] == "paragraph"


def test_a_label_beside_a_table_or_figure_is_its_caption() -> None:
    for words in (
        "Table 1: What a page costs.",
        "Tabelle 3. Kosten je Seite",
        "Tab. A2 | Costs",
        "Fig. 2.1 \u2014 A line of a letter",
        "Figure 4",
        "\u8868 2 \u516c\u5f0f",
        "\u0422\u0430\u0431\u043b\u0438\u0446\u0430 1. \u0426\u0435\u043d\u044b",
    ):
        assert kinds(text(BODY), TABLE, text(words)) == ["paragraph", "table", "caption"], words
        assert kinds(text(words), FIGURE) == ["caption", "figure"], words


def test_a_sentence_about_a_table_and_a_label_far_from_any_are_no_captions() -> None:
    about = text("Table 1 lists the modes of the published model.")
    assert kinds(TABLE, about) == ["table", "paragraph"]
    far = text("Table 1: What a page costs.", top=0.9)
    assert kinds(TABLE, text(BODY), far) == ["table", "paragraph", "paragraph"]


def test_a_label_near_its_figure_is_a_caption_though_text_was_read_between() -> None:
    near = text("Figure 1: A line", top=0.52)
    assert kinds(FIGURE, text(BODY, top=0.9), near) == ["figure", "paragraph", "caption"]


def test_a_catchword_below_the_right_half_of_a_paragraph_is_no_part_of_it() -> None:
    open_end = text("the page ends in the middle of a sentence, and its", top=0.9)
    catchword = replace(text("next", top=0.925), bbox=BoundingBox(0.45, 0.925, 0.5, 0.945))
    page = PageResult(1, 600, 800, (open_end, catchword), Verdict(VerdictStatus.OK), LAYER)
    assert not assemble([page])[0].blocks[1].continues
    below = replace(catchword, bbox=BoundingBox(0.1, 0.925, 0.15, 0.945))
    assert assemble([replace(page, blocks=(open_end, below))])[0].blocks[1].continues


def test_a_logo_at_one_place_on_every_page_is_furniture_and_other_pictures_are_not() -> None:
    logo = Block(BlockKind.FIGURE, bbox=BoundingBox(0.1, 0.03, 0.3, 0.08))
    moved = replace(logo, bbox=BoundingBox(0.1, 0.3, 0.3, 0.35))
    pages = [
        PageResult(number, 600, 800, (logo, moved, text(BODY)), Verdict(VerdictStatus.OK), LAYER)
        for number in (1, 2, 3)
    ]
    for page in assemble(pages):
        found = [block.kind.value for block in page.blocks]
        assert found == ["page_header", "figure", "paragraph"]
    assert assemble(pages[:1])[0].blocks[0].kind is BlockKind.FIGURE


def test_the_only_heading_of_the_first_level_is_no_second_subtitle() -> None:
    document = [
        replace(heading("Title", 28.0, bold=True), kind=BlockKind.TITLE),
        heading("Subtitle", 18.0),
        heading("Part", 18.0, bold=True),
        text(BODY),
        heading("Chapter", 16.0, bold=True),
        text(BODY),
        heading("Chapter", 16.0, bold=True),
        text(BODY),
    ]
    page = PageResult(1, 600, 800, tuple(document), Verdict(VerdictStatus.OK), LAYER)
    blocks = assemble([page])[0].blocks
    assert [block.level for block in blocks if block.kind is BlockKind.HEADING] == [1, 1, 2, 2]
