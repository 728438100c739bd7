"""What counts as missing, and as standing in the output but not on the page."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.document import (
    Agreement,
    Block,
    BlockKind,
    BoundingBox,
    Cell,
    Recognition,
    Route,
    Script,
    Span,
    StopReason,
    Table,
    VerdictStatus,
)
from ocrx.verification import SECOND_READING, TEXT_LAYER, compare, judge

PROSE = (
    "The harbour master wrote down the height of every tide for forty years and kept the books"
    " in a cupboard beside the window where sunlight slowly bleached their covers"
)
MIDDLE = BoundingBox(0.1, 0.4, 0.9, 0.6)


def text(line: str, kind: BlockKind = BlockKind.PARAGRAPH, **fields: object) -> Block:
    return Block(kind, (Span(line),), **fields)  # type: ignore[arg-type]


def both(output: str, page: str, reference: str = TEXT_LAYER) -> Agreement:
    return compare([text(output)], [text(page)], reference)


def agrees(agreement: Agreement) -> bool:
    return agreement.coverage == 1.0 and agreement.invented_words == 0


@pytest.mark.parametrize(
    ("output", "page"),
    [
        ("The Office", "THE O\ufb03CE"),
        ("caf\u00e9 na\u00efve", "cafe\u0301 nai\u0308ve"),
        ("an example here", "an exam-\nple here"),
        ("a well-known fact", "a well known fact"),
        ("the captain's log", "the captain\u2019s log"),
        ("it costs 1,234.50 euros", "it costs 1234.50 euros"),
        ("the quick brown fox", "thequick brownfox"),
        ("thequick brownfox", "the quick brown fox"),
        ("second then first", "first then second"),
        ("\u6f6e\u6c50\u662f\u6d77\u6c34", "\u6d77\u6c34 \u6f6e\u6c50 \u662f"),
        ("", ""),
        ("", "* * *"),
    ],
)
def test_words_agree_whatever_their_form(output: str, page: str) -> None:
    assert agrees(both(output, page))


def test_lost_words_are_missing_even_when_others_are_like_them() -> None:
    half = " ".join(PROSE.split()[:14])
    agreement = both(half, PROSE)
    assert agreement.reference_words == len(PROSE.split()) - 1  # "a" is no word
    assert agreement.coverage == 0.5
    assert agreement.invented_words == 0
    assert both("tide", "tide tide tide tide").coverage == 0.25


def test_words_that_are_not_on_the_page_are_told() -> None:
    agreement = both(f"{PROSE} zeppelins vanished quietly zeppelins", PROSE)
    assert agreement.coverage == 1.0
    assert agreement.invented_words == 4
    assert agreement.examples == ("zeppelins", "vanished", "quietly")


def test_a_text_that_repeats_the_page_invents_nothing() -> None:
    assert agrees(both(f"{PROSE} {PROSE}", PROSE))


def test_a_few_letters_may_differ_from_a_reading_of_pixels_but_not_from_the_text_layer() -> None:
    misread = PROSE.replace("harbour", "harbonr").replace("cupboard", "cuphoard")
    assert agrees(both(PROSE, misread, SECOND_READING))
    exact = both(misread, PROSE, TEXT_LAYER)
    assert exact.invented_words == 2 and exact.coverage < 1.0


def test_another_number_is_never_near() -> None:
    assert both("it weighs 4821 grams", "it weighs 4827 grams", SECOND_READING).examples == (
        "4821",
    )


@pytest.mark.parametrize(
    "left_out",
    [
        text("Tides and Harbours", BlockKind.PAGE_HEADER),
        text("142", BlockKind.PAGE_NUMBER),
        text("Journal of Tides, vol. 12", bbox=BoundingBox(0.1, 0.02, 0.9, 0.05)),
        text("page 142 of 190", bbox=BoundingBox(0.4, 0.95, 0.6, 0.98)),
        text("depth in metres 10 20 30", BlockKind.FIGURE),
        text("depth in metres", bbox=BoundingBox(0.2, 0.45, 0.4, 0.47)),
        text("vc = da + xb", BlockKind.FORMULA),
    ],
)
def test_heads_numbers_and_letters_of_figures_may_be_left_out(left_out: Block) -> None:
    output = [text("three words here"), Block(BlockKind.FIGURE, bbox=MIDDLE)]
    assert agrees(compare(output, [left_out, text("three words here")], TEXT_LAYER))
    assert agrees(compare([left_out, *output], [left_out, text("three words here")], TEXT_LAYER))


def test_what_was_read_as_a_formula_needs_no_words() -> None:
    output = [Block(BlockKind.FORMULA, latex=r"\frac{a}{b}", bbox=MIDDLE)]
    misread = text("mv en gu 8ge oo ll ii zz vv nn", bbox=BoundingBox(0.2, 0.45, 0.8, 0.55))
    assert agrees(compare(output, [misread], SECOND_READING))


def test_prose_inside_a_figure_is_not_to_be_lost() -> None:
    output = [Block(BlockKind.FIGURE, bbox=BoundingBox(0, 0, 1, 1))]
    agreement = compare(output, [text(PROSE, bbox=MIDDLE)], TEXT_LAYER)
    assert agreement.coverage == 0.0


def test_a_text_layer_says_nothing_of_the_letters_in_a_picture() -> None:
    output = [text(PROSE), text("words in a photograph", bbox=MIDDLE)]
    page = [text(PROSE), Block(BlockKind.FIGURE, bbox=MIDDLE)]
    assert compare(output, page, TEXT_LAYER).invented_words == 0
    assert compare(output, page, SECOND_READING).invented_words > 0


def test_cells_marks_and_formulas_are_words_but_commands_are_not() -> None:
    cells = (Cell(0, 0, (Span("North"),)), Cell(0, 1, (Span("4.1"),)))
    formula = Span(r"\frac{speed}{\mathrm{time}}", math=True)
    output = [
        Block(BlockKind.TABLE, table=Table(1, 2, cells)),
        Block(BlockKind.PARAGRAPH, (Span("Newton"), Span("12", script=Script.SUPER), formula)),
        text("item", BlockKind.LIST_ITEM, marker="(iv)"),
        Block(BlockKind.FORMULA, latex=r"\begin{array}{lcr} \alpha \\ \beta \end{array}"),
    ]
    page = "North 4.1 Newton 12 speed time (iv) item"
    assert agrees(compare(output, [text(page)], TEXT_LAYER))


def verdict(agreement: Agreement) -> tuple[VerdictStatus, tuple[str, ...]]:
    recognition = Recognition("p", "words", "grounding/1", StopReason.END, route=Route.MODEL)
    found = judge(replace(recognition, agreement=agreement), [text("words")])
    return found.status, found.reasons


@pytest.mark.parametrize(
    ("reference", "coverage", "status"),
    [
        (TEXT_LAYER, 0.96, VerdictStatus.OK),
        (TEXT_LAYER, 0.93, VerdictStatus.SUSPECT),
        (SECOND_READING, 0.93, VerdictStatus.OK),
        (SECOND_READING, 0.88, VerdictStatus.SUSPECT),
    ],
)
def test_missing_words_make_a_page_suspect(
    reference: str, coverage: float, status: VerdictStatus
) -> None:
    assert verdict(Agreement(reference, 400, coverage, 0))[0] is status


def test_reasons_say_how_much_is_missing_and_what_was_invented() -> None:
    found = Agreement(TEXT_LAYER, 100, 0.88, 7, ("zeppelins", "vanished"))
    assert verdict(found) == (
        VerdictStatus.SUSPECT,
        (
            "12% of the page's words are missing (text layer)",
            "7 words stand in the output but not on the page: zeppelins, vanished",
        ),
    )


@pytest.mark.parametrize(
    "agreement",
    [
        Agreement(TEXT_LAYER, 4, 0.5, 2, ("one", "two")),
        Agreement(SECOND_READING, 2, 0.0, 0),
        Agreement(TEXT_LAYER, 0, 1.0, 2, ("one", "two")),
        Agreement(TEXT_LAYER, 500, 0.99, 12, ("one",)),
    ],
)
def test_a_word_or_two_are_no_alarm(agreement: Agreement) -> None:
    assert verdict(agreement)[0] is VerdictStatus.OK


def test_a_page_whose_only_word_is_lost_is_suspect() -> None:
    assert verdict(Agreement(TEXT_LAYER, 1, 0.0, 0))[0] is VerdictStatus.SUSPECT


def blocks_of(lines: Iterable[str]) -> list[Block]:
    return [text(line) for line in lines]


@given(st.lists(st.text(max_size=30), max_size=5), st.sampled_from([TEXT_LAYER, SECOND_READING]))
def test_every_page_agrees_with_itself(lines: list[str], reference: str) -> None:
    assert agrees(compare(blocks_of(lines), blocks_of(lines), reference))


@given(
    st.lists(st.text("ab1 -.\n\u00e9\u4e2d", max_size=30), max_size=4),
    st.lists(st.text("ab1 -.\n\u00e9\u4e2d", max_size=30), max_size=4),
    st.sampled_from([TEXT_LAYER, SECOND_READING]),
)
def test_coverage_is_a_share(output: list[str], page: list[str], reference: str) -> None:
    agreement = compare(blocks_of(output), blocks_of(page), reference)
    assert 0.0 <= agreement.coverage <= 1.0
    assert len(agreement.examples) <= min(10, agreement.invented_words)
