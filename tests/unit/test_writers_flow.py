"""What the writers share: merging, captions, lists, footnotes, escaping where it matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrx.document import Block, BlockKind, BoundingBox, Script, Span
from ocrx.writers import (
    FigureStyle,
    OutputFormat,
    TableStyle,
    WriteOptions,
    iter_document,
    write_document,
)
from tests.golden.writer_sample import MERGED, block, document, page, table

K = BlockKind


def md(*blocks: Block, **options: object) -> str:
    how = WriteOptions(**options)  # type: ignore[arg-type]
    return write_document(document(page(1, *blocks)), OutputFormat.MD, how)


def test_a_paragraph_over_pages_stands_whole_past_a_figure() -> None:
    first = page(1, block(K.PARAGRAPH, "It begins"), block(K.FIGURE), block(K.CAPTION, "Map"))
    second = page(2, block(K.PARAGRAPH, "and ends.", continues=True))
    text = write_document(document(first, second), OutputFormat.TXT)
    assert text == "It begins and ends.\n\nMap\n"


def test_what_continues_nothing_stands_alone() -> None:
    assert md(block(K.PARAGRAPH, "an end", continues=True)) == "an end\n"


def test_running_heads_are_left_out_unless_kept() -> None:
    blocks = (block(K.PAGE_HEADER, "Head"), block(K.PARAGRAPH, "x"), block(K.PAGE_NUMBER, "7"))
    assert md(*blocks) == "x\n"
    assert md(*blocks, keep_headers=True) == "Head\n\nx\n\n7\n"


def test_continued_tables_join_only_when_asked_and_lose_the_repeated_header() -> None:
    pages = (
        page(
            1,
            block(K.CAPTION, "Table 1: Ports"),
            block(K.TABLE, table=table(("a", "b"), ("1", "2"))),
        ),
        page(
            2,
            block(K.CAPTION, "Table 1 (continued)"),
            block(K.TABLE, table=table(("a", "b"), ("3", "4")), continues=True),
        ),
    )
    apart = write_document(document(*pages), OutputFormat.MD)
    joined = write_document(document(*pages), OutputFormat.MD, WriteOptions(join_tables=True))
    assert apart.count("| a | b |") == 2
    assert joined == "Table 1: Ports\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n"


def test_tables_with_other_columns_are_never_joined() -> None:
    pages = (
        page(1, block(K.TABLE, table=table(("a", "b"), ("1", "2")))),
        page(2, block(K.TABLE, table=table(("a",), ("3",)), continues=True)),
    )
    text = write_document(document(*pages), OutputFormat.MD, WriteOptions(join_tables=True))
    assert text.count("---") == 3


def test_a_caption_goes_to_what_it_names() -> None:
    text = md(
        block(K.FIGURE, asset="f.png"),
        block(K.CAPTION, "Table 2: Depths"),
        block(K.TABLE, table=table(("a",), ("1",))),
        block(K.CAPTION, "Figure 9: A map"),
        figures=FigureStyle.FILES,
        figures_directory="x_files",
    )
    assert "![Figure on page 1](x_files/f.png)\n\nTable 2: Depths\n\n| a |" in text


def test_an_unnamed_caption_goes_to_the_nearer_neighbour() -> None:
    text = write_document(
        document(
            page(
                1,
                block(K.FIGURE, asset="far.png", bbox=BoundingBox(0, 0.0, 1, 0.2)),
                block(K.CAPTION, "A quiet bay", bbox=BoundingBox(0, 0.5, 1, 0.52)),
                block(K.FIGURE, asset="near.png", bbox=BoundingBox(0, 0.53, 1, 0.9)),
            )
        ),
        OutputFormat.HTML,
        WriteOptions(figures=FigureStyle.FILES),
    )
    assert 'src="near.png" alt="A quiet bay"' in text


def test_headings_under_a_title_are_one_level_deeper() -> None:
    heading = block(K.HEADING, "Part", level=1)
    assert md(heading) == "# Part\n"
    assert md(block(K.TITLE, "Book"), heading) == "# Book\n\n## Part\n"


def test_lists_keep_their_numbers() -> None:
    text = md(*(block(K.LIST_ITEM, n, marker=f"{n}.") for n in ("3", "4", "9")))
    assert text == "3. 3\n4. 4\n\n9) 9\n"


def test_a_list_runs_on_over_pages() -> None:
    pages = [page(n, block(K.LIST_ITEM, f"item {n}", marker=f"{n}.")) for n in (1, 2)]
    assert write_document(document(*pages), OutputFormat.MD) == "1. item 1\n2. item 2\n"


def test_lettered_marks_stay_as_printed() -> None:
    assert md(block(K.LIST_ITEM, "x", marker="(iv)")) == "- (iv) x\n"


@pytest.mark.parametrize(("before", "linked"), [("word", True), ("x", False), ("10", False)])
def test_a_footnote_is_linked_where_its_mark_is_no_exponent(before: str, linked: bool) -> None:
    text = md(
        block(K.PARAGRAPH, before, Span("2", script=Script.SUPER), " more"),
        block(K.FOOTNOTE, "A note.", marker="2"),
    )
    assert ("[^2]: A note." in text) is linked
    assert ("<sup>2</sup> A note." in text) is not linked
    assert (f"{before}[^2] more" in text) is linked


def test_equal_marks_on_two_pages_get_their_own_keys() -> None:
    blocks = (
        block(K.PARAGRAPH, "word", Span("1", script=Script.SUPER)),
        block(K.FOOTNOTE, "note", marker="1"),
    )
    text = write_document(document(page(1, *blocks), page(2, *blocks)), OutputFormat.MD)
    assert "[^1]: note" in text
    assert "[^1-p2]: note" in text


def test_footnotes_stand_at_the_end_and_part_no_list() -> None:
    pages = (
        page(
            1,
            block(K.LIST_ITEM, "one", Span("1", script=Script.SUPER), marker="1."),
            block(K.FOOTNOTE, "note", marker="1"),
        ),
        page(2, block(K.LIST_ITEM, "two", marker="2.")),
    )
    text = write_document(document(*pages), OutputFormat.MD)
    assert text == "1. one[^1]\n2. two\n\n[^1]: note\n"
    marked = write_document(document(*pages), OutputFormat.MD, WriteOptions(page_breaks=True))
    assert marked.index("[^1]: note") < marked.index("<!-- page 2 -->")


def test_a_mark_in_the_rest_of_a_paragraph_leads_to_the_note_of_its_page() -> None:
    pages = (
        page(1, block(K.PARAGRAPH, "It begins")),
        page(
            2,
            block(K.PARAGRAPH, "and ends.", Span("1", script=Script.SUPER), continues=True),
            block(K.FOOTNOTE, "note", marker="1"),
        ),
    )
    assert write_document(document(*pages), OutputFormat.MD).startswith("It begins and ends.[^1]")


def test_a_caption_read_at_another_time_goes_to_what_it_touches() -> None:
    text = md(
        block(K.FIGURE, asset="f.png", bbox=BoundingBox(0.1, 0.1, 0.5, 0.3)),
        block(K.PARAGRAPH, "Text of the other column."),
        block(K.CAPTION, "Figure 1: A map", bbox=BoundingBox(0.1, 0.31, 0.5, 0.33)),
        figures=FigureStyle.FILES,
    )
    assert text == "![Figure 1](f.png)\n\nFigure 1: A map\n\nText of the other column.\n"


def test_tables_with_merged_cells_are_html_unless_pipes_are_asked_for() -> None:
    assert 'rowspan="2"' in md(block(K.TABLE, table=MERGED))
    pipes = md(block(K.TABLE, table=MERGED), tables=TableStyle.MD)
    assert pipes.splitlines()[:2] == ["| Station | Height in m |  |", "| --- | --- | --- |"]
    spans = (Span("a|b *c* "), Span("d", bold=True))
    cells = (*MERGED.cells[:-1], replace(MERGED.cells[-1], spans=spans))
    barred = block(K.TABLE, table=replace(MERGED, cells=cells))
    assert md(barred, tables=TableStyle.MD).endswith("|  | a\\|b \\*c\\* **d** |  |\n")
    assert "<table>" in md(block(K.TABLE, table=table(("a",), ("1",))), tables=TableStyle.HTML)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_b and 5 * 3 - 2 # 1", "a_b and 5 * 3 - 2 # 1"),
        ("costs $5 [1] (see x) a < b & c", "costs $5 [1] (see x) a < b & c"),
        ("1. not a list", "1\\. not a list"),
        ("# not a heading", "\\# not a heading"),
        ("*a* _b_ `c` <b> &amp; [l](u)", "\\*a\\* \\_b\\_ \\`c\\` \\<b> \\&amp; [l\\](u)"),
        ("$a$", "\\$a\\$"),
        ("one\ntwo", "one  \ntwo"),
        ("a | b\n--|--", "a | b  \n\\--|--"),
        ("a\n===", "a  \n\\==="),
        ("_ _ _", "\\_ _ _"),
    ],
)
def test_markdown_escapes_what_it_must_and_no_more(text: str, written: str) -> None:
    assert md(block(K.PARAGRAPH, text)) == written + "\n"


def test_marks_inside_words_fall_back_to_tags() -> None:
    spans = (Span("a"), Span("(b)", bold=True), Span("c"))
    assert md(block(K.PARAGRAPH, *spans)) == "a<strong>(b)</strong>c\n"
    assert md(block(K.PARAGRAPH, "a ", Span("(b)", bold=True))) == "a **(b)**\n"


def test_emphasis_on_signs_alone_says_nothing() -> None:
    dot = Span("\u00b7", italic=True)
    assert md(block(K.PARAGRAPH, "7", dot, "64 + 2", dot, "256")) == "7\u00b764 + 2\u00b7256\n"
    assert md(block(K.PARAGRAPH, Span(":", bold=True))) == ":\n"
    listed = block(K.PARAGRAPH, Span("1", script=Script.SUPER), Span(", and Ada", bold=True))
    assert md(listed) == "<sup>1</sup>, **and Ada**\n"


def test_emphasis_takes_stars_beside_tags_and_runs_through_raised_marks() -> None:
    index = Span("true", script=Script.SUB)
    name = Span("n", italic=True)
    assert md(block(K.PARAGRAPH, "max(", name, index, ")")) == "max(*n*<sub>true</sub>)\n"
    raised = Span("1", bold=True, script=Script.SUPER)
    title = block(K.PARAGRAPH, Span("in meat", bold=True), raised, Span(" at retail", bold=True))
    assert md(title) == "**in meat<sup>1</sup>** **at retail**\n"
    two = block(K.PARAGRAPH, Span("bold", bold=True), Span("slope", italic=True))
    assert md(two) == "**bold**<em>slope</em>\n"


def test_headings_and_header_cells_are_not_marked_bold_again() -> None:
    bold = Span("Part", bold=True)
    assert md(block(K.HEADING, bold, level=1)) == "# Part\n"
    assert md(block(K.HEADING, bold, " one", level=1)) == "# **Part** one\n"


def test_blanks_beside_marks_and_links_are_kept_outside() -> None:
    text = md(
        block(K.PARAGRAPH, "word", Span("1 ", script=Script.SUPER), "next ",
              Span("here ", link="https://a.org/"), "on"),
        block(K.FOOTNOTE, "note", marker="1"),
    )  # fmt: skip
    assert text.startswith("word[^1] next [here](https://a.org/) on\n")


def test_a_large_document_comes_in_pieces() -> None:
    pages = [page(n, block(K.PARAGRAPH, "word " * 50)) for n in range(1, 200)]
    for output_format in OutputFormat:
        pieces = list(iter_document(document(*pages), output_format))
        assert len(pieces) >= 199
        assert max(map(len, pieces)) < 8_000


def test_a_formulas_characters_describe_its_picture() -> None:
    formula = block(K.FORMULA, "f(x]) = [a", asset="f.png")
    shown = md(formula, figures=FigureStyle.FILES)
    assert shown == "![f(x\\]) = \\[a](f.png)\n"
    assert md(formula) == "f(x]) = [a\n"


def test_a_stop_after_a_linked_word_is_no_part_of_the_link() -> None:
    linked = Span("(CC BY 4.0).", link="https://a.org/by/4.0/")
    assert (
        md(block(K.PARAGRAPH, "under ", linked)) == "under [(CC BY 4.0)](https://a.org/by/4.0/).\n"
    )
    whole = Span("https://a.org/b.", link="https://a.org/b.")
    assert md(block(K.PARAGRAPH, whole)) == "<https://a.org/b.>\n"


def test_an_address_that_stands_apart_is_written_as_it_is() -> None:
    def link(address: str) -> Span:
        return Span(address, link=address)

    doi = link("https://doi.org/10.1007/978-94-015_3445-1")
    assert md(block(K.PARAGRAPH, "See ", doi, ". And")) == f"See {doi.text}. And\n"
    assert md(block(K.PARAGRAPH, "(", doi, ")")) == f"({doi.text})\n"
    assert md(block(K.PARAGRAPH, doi, "x")) == f"<{doi.text}>x\n"
    assert md(block(K.PARAGRAPH, doi, ".x")) == f"<{doi.text}>.x\n"
    assert md(block(K.PARAGRAPH, "a", doi)) == f"a<{doi.text}>\n"
    odd = link("https://a.org/*b*")
    assert md(block(K.PARAGRAPH, odd)) == f"<{odd.text}>\n"
