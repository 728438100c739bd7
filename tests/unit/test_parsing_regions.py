"""Regions of lines become the blocks that a reader sees."""

import pytest
from printed_regions import FULL, blocks, line, region, set_lines, texts

from ocrx.document import BlockKind, Recognition, Script, StopReason
from ocrx.errors import RawTextError
from ocrx.parsing import parse
from ocrx.parsing.region_dialect import (
    DIALECT,
    RawCell,
    RawSpan,
    RegionClass,
)


def test_lines_of_a_paragraph_are_joined_and_its_hyphens_removed() -> None:
    rows = set_lines("the first line of the text holds a word of know-", "ledge and goes on")
    assert texts(region(RegionClass.TEXT, *rows)) == [
        "the first line of the text holds a word of knowledge and goes on"
    ]


def test_a_vertical_gap_starts_a_paragraph() -> None:
    rows = [line(FULL, top) for top in (100, 112, 124, 148, 160, 172)]
    assert [len(text) for text in texts(region(RegionClass.TEXT, *rows))] == [149, 149]


def test_an_indent_starts_a_paragraph() -> None:
    rows = set_lines(FULL, FULL, "the end of a sentence.", FULL, FULL, FULL)
    rows[3] = line("It starts " + FULL[:36], 136, left=115)
    assert len(texts(region(RegionClass.TEXT, *rows))) == 2


def test_a_short_last_line_ends_a_paragraph() -> None:
    rows = set_lines(FULL, FULL, "the end of it.", "A" + FULL[1:], FULL, FULL)
    assert len(texts(region(RegionClass.TEXT, *rows))) == 2


def test_ragged_running_text_stays_one_paragraph() -> None:
    rows = set_lines(
        "ragged lines end where the next word",
        "would not have fitted any more, which",
        "is what tells them from lines",
        "extraordinarily short by intention",
    )
    assert len(texts(region(RegionClass.TEXT, *rows))) == 1
    assert "\n" not in texts(region(RegionClass.TEXT, *rows))[0]


def test_verse_keeps_its_line_breaks() -> None:
    rows = set_lines(
        "Tyger Tyger, burning bright,",
        "In the forests of the night;",
        "What immortal hand or eye,",
        "Could frame thy fearful symmetry? And more of it",
    )
    assert texts(region(RegionClass.TEXT, *rows))[0].count("\n") == 3


def test_a_stanza_of_nearly_even_lines_is_verse_and_prose_with_names_is_not() -> None:
    stanza = set_lines(
        "Tyger Tyger, burning bright,",
        "In the forests of the night;",
        "What immortal hand or eye,",
        "Could frame thy fearful symmetry?",
    )
    prose = set_lines(
        "Tyger Tyger, burning bright, he",
        "In the forests of the night saw",
        "what immortal hand or eye there",
    )
    assert texts(region(RegionClass.TEXT, *stanza))[0].count("\n") == 3
    assert "\n" not in texts(region(RegionClass.TEXT, *prose))[0]


def test_a_centred_line_among_full_ones_stands_alone() -> None:
    rows = set_lines(FULL, FULL[:30] + " ends.", "", FULL, FULL)
    rows[2] = line("SCAPIN.", 124, left=205)
    found = texts(region(RegionClass.TEXT, *rows))
    assert found[1] == "SCAPIN." and len(found) == 3


def test_entries_with_a_hanging_indent_are_paragraphs() -> None:
    rows = [
        line("Adams, J. A long title of a book that fills the l", 100, 100),
        line("and goes on to another line of some length that", 112, 120),
        line("and ends here. 1999.", 124, 120),
        line("Brown, K. Another long title of a book that fills", 136, 100),
        line("and goes on to another line of some length that", 148, 120),
        line("and ends here. 2001.", 160, 120),
    ]
    found = texts(region(RegionClass.TEXT, *rows))
    assert [text[:5] for text in found] == ["Adams", "Brown"]


def test_list_items_nest_by_indent_and_lose_their_marks() -> None:
    rows = [
        line("• first", 100),
        line("◦ below", 112, 120),
        line("◦ beside", 124, 120),
        line("• second", 136),
    ]
    found = blocks(region(RegionClass.LIST_ITEM, *rows))
    assert [(b.marker, b.text, b.level) for b in found] == [
        ("•", "first", 0),
        ("◦", "below", 1),
        ("◦", "beside", 1),
        ("•", "second", 0),
    ]


def test_lettered_items_below_a_number_nest_at_the_same_edge() -> None:
    rows = set_lines("1. one", "(a) below", "(b) beside", "2. two")
    found = blocks(*(region(RegionClass.LIST_ITEM, row) for row in rows))
    assert [(b.marker, b.level) for b in found] == [("1.", 0), ("(a)", 1), ("(b)", 1), ("2.", 0)]


def test_a_number_at_a_line_start_within_an_item_opens_none() -> None:
    rows = [line("1. as was shown in the year of our lord of chapter", 100)]
    rows.append(line("17. and then goes on", 112, 115))
    assert len(blocks(region(RegionClass.LIST_ITEM, *rows))) == 1


def test_a_list_within_a_text_region_is_found() -> None:
    rows = set_lines("What is needed:", "• bread", "• butter")
    kinds = [block.kind for block in blocks(region(RegionClass.TEXT, *rows))]
    assert kinds == [BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.LIST_ITEM]


def test_a_year_that_opens_a_paragraph_is_no_list() -> None:
    rows = set_lines("1984. " + FULL, FULL)
    assert [b.kind for b in blocks(region(RegionClass.TEXT, *rows))] == [BlockKind.PARAGRAPH]


def test_code_keeps_its_lines_and_indents() -> None:
    rows = [
        line("def f(x):", 100),
        line("if x:", 112, 120),
        line("return 1", 124, 140),
        line("return 2", 148, 120),
    ]
    assert texts(region(RegionClass.CODE, *rows)) == [
        "def f(x):\n    if x:\n        return 1\n\n    return 2"
    ]


def test_monospaced_text_is_code_unless_the_page_is_typewritten() -> None:
    mono = line((RawSpan("make test", mono=True),), 300)
    prose = region(RegionClass.TEXT, *set_lines(FULL, FULL))
    code = region(RegionClass.TEXT, mono)
    assert [b.kind for b in blocks(prose, code)] == [BlockKind.PARAGRAPH, BlockKind.CODE]
    assert [b.kind for b in blocks(code)] == [BlockKind.PARAGRAPH]


def test_code_that_the_layout_cut_is_one_block() -> None:
    prose = region(RegionClass.TEXT, *set_lines(FULL, FULL))
    above = region(RegionClass.CODE, line("one", 300))
    below = region(RegionClass.CODE, line("two", 312))
    assert texts(prose, above, below)[1:] == ["one\ntwo"]


def test_a_footnotes_mark_stands_apart() -> None:
    raised = (RawSpan("1", script=1), RawSpan(" See above."))
    found = blocks(region(RegionClass.FOOTNOTE, line(raised, 700), line("2 And below.", 712)))
    assert [(b.marker, b.text) for b in found] == [("1", "See above."), ("2", "And below.")]


def test_page_numbers_stand_apart_from_their_header() -> None:
    header = region(RegionClass.PAGE_HEADER, line("Annals", 20), line("- 17 -", 20, 400))
    assert [b.kind for b in blocks(header)] == [BlockKind.PAGE_HEADER, BlockKind.PAGE_NUMBER]


def test_styles_scripts_and_links_are_kept_and_unsafe_links_are_not() -> None:
    spans = (
        RawSpan("H"),
        RawSpan("2", script=-1),
        RawSpan("O is "),
        RawSpan("wet", bold=True, italic=True),
        RawSpan(" here", link="https://example.org"),
        RawSpan(" there", link="javascript:alert(1)"),
    )
    found = blocks(region(RegionClass.TEXT, line(spans, 100)))[0].spans
    assert found[1].script is Script.SUB
    assert found[3].bold and found[3].italic
    assert [span.link for span in found[4:]] == ["https://example.org", None]


def test_labels_in_a_drawing_are_its_text_and_passages_are_paragraphs() -> None:
    labels = region(RegionClass.PICTURE, line("x", 100), line("y", 400, 500))
    passage = region(RegionClass.PICTURE, *set_lines(*[FULL] * 8))
    assert [(b.kind, b.text) for b in blocks(labels)] == [(BlockKind.FIGURE, "x\ny")]
    found = blocks(passage)
    assert FULL in "".join(block.text for block in found)


def test_a_formula_keeps_its_characters_and_its_minus_at_a_line_end() -> None:
    rows = set_lines("a = b -", "c (3)")
    assert texts(region(RegionClass.FORMULA, *rows)) == ["a = b - c (3)"]


def cell(row: int, column: int, *words: str, row_span: int = 1, column_span: int = 1) -> RawCell:
    rows = tuple(set_lines(*words, top=100 + 30 * row, left=100 + 100 * column))
    return RawCell(row, column, row_span, column_span, row == 0, rows)


def test_a_table_is_a_sound_grid() -> None:
    cells = (cell(0, 0, "head", column_span=9), cell(1, 0, "a"), cell(1, 2, "b", "c"))
    table = blocks(region(RegionClass.TABLE, cells=cells))[0].table
    assert table is not None
    assert (table.rows, table.columns) == (2, 2)
    assert [(c.text, c.column_span, c.header) for c in table.cells] == [
        ("head", 2, True),
        ("a", 1, False),
        ("b c", 1, False),
    ]


def test_figures_below_each_other_in_a_cell_keep_their_lines() -> None:
    table = blocks(region(RegionClass.TABLE, cells=(cell(0, 0, "1.5", "2.5"),)))[0].table
    assert table is not None and table.cells[0].text == "1.5\n2.5"


def test_cells_that_claim_one_slot_share_it() -> None:
    cells = (cell(0, 0, "one"), cell(0, 0, "two"))
    table = blocks(region(RegionClass.TABLE, cells=cells))[0].table
    assert table is not None and [c.text for c in table.cells] == ["one two"]


def test_a_table_over_the_cap_becomes_text() -> None:
    cells = tuple(cell(n, n, str(n)) for n in range(500))
    found = blocks(region(RegionClass.TABLE, cells=cells))
    assert len(found) == 500 and {b.kind for b in found} == {BlockKind.PARAGRAPH}


def test_control_characters_and_lone_surrogates_never_pass() -> None:
    found = texts(region(RegionClass.TEXT, line("a\x00\x1b[31mb\ud800\u202ec", 100)))
    assert found == ["a[31mb\ufffdc"]


@pytest.mark.parametrize("raw", ["{", "[]", '{"dialect":"other"}', "null", '"regions/1"'])
def test_raw_text_that_is_not_the_dialect_is_refused(raw: str) -> None:
    with pytest.raises(RawTextError):
        parse(Recognition("p", raw, DIALECT, StopReason.END))


def test_an_unknown_dialect_is_refused_by_name() -> None:
    with pytest.raises(RawTextError, match="grounding/9"):
        parse(Recognition("p", "text", "grounding/9", StopReason.END))


def test_an_empty_answer_has_no_blocks() -> None:
    assert parse(Recognition("p", "", DIALECT, StopReason.END)) == ()


def test_a_bullet_at_the_edge_of_the_numbers_after_a_nested_list_is_beside_them() -> None:
    rows = [line("1. one", 100), line("◦ below", 112, 120), line("• two", 124)]
    assert [b.level for b in blocks(region(RegionClass.LIST_ITEM, *rows))] == [0, 1, 0]


def test_the_rest_of_an_item_that_the_layout_cut_off_goes_on() -> None:
    first = region(RegionClass.LIST_ITEM, line("• what must they know to help?", 100))
    rest = region(RegionClass.LIST_ITEM, line("How can it be made simple?", 112, 110))
    after = region(RegionClass.LIST_ITEM, line("an item without a mark", 124, 100))
    assert [b.continues for b in blocks(first, rest, after)] == [False, True, False]
