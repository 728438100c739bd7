"""What only shows over several blocks, columns or pages."""

from dataclasses import replace

from ocrx.assembly import assemble
from ocrx.document import (
    Block,
    BlockKind,
    BoundingBox,
    Cell,
    PageResult,
    Provenance,
    Route,
    Script,
    Span,
    StopReason,
    Table,
    Verdict,
    VerdictStatus,
)

PROVENANCE = Provenance(
    "fake", "none", "auto", Route.TEXT_LAYER, 0, 0, 0, None, 0.0, StopReason.END, None
)
BODY = "A sentence of the body that is long enough to count as running text here."


def block(
    kind: BlockKind,
    text: str,
    top: float = 0.5,
    size: float = 10.0,
    left: float = 0.1,
    bold: bool = False,
    marker: str | None = None,
    level: int = 0,
) -> Block:
    box = BoundingBox(left, top, left + 0.35, top + 0.02)
    spans = (Span(text, bold=bold),)
    return Block(kind, spans, box, size_pt=size, marker=marker, level=level)


def paragraph(text: str = BODY, top: float = 0.5, **more: float) -> Block:
    return block(BlockKind.PARAGRAPH, text, top, **more)


def heading(text: str, size: float = 10.0, bold: bool = False, top: float = 0.4) -> Block:
    return block(BlockKind.HEADING, text, top, size, bold=bold, level=1)


def page(*blocks: Block, status: VerdictStatus = VerdictStatus.OK) -> PageResult:
    return PageResult(1, 600, 800, blocks, Verdict(status), PROVENANCE)


def outline(*pages: PageResult) -> list[tuple[str, int]]:
    return [
        (found.text, found.level)
        for assembled in assemble(pages)
        for found in assembled.blocks
        if found.kind in (BlockKind.TITLE, BlockKind.HEADING)
    ]


def kinds(*pages: PageResult) -> list[list[BlockKind]]:
    return [[found.kind for found in assembled.blocks] for assembled in assemble(pages)]


def continued(*pages: PageResult) -> list[str]:
    return [b.text for assembled in assemble(pages) for b in assembled.blocks if b.continues]


def test_levels_follow_size_then_weight_over_the_whole_document() -> None:
    first = page(heading("Large", 18), heading("Bold", 12, bold=True), paragraph())
    second = page(heading("Plain", 12.3), heading("Large again", 17.6), paragraph())
    assert outline(first, second) == [
        ("Large", 1),
        ("Bold", 2),
        ("Plain", 3),
        ("Large again", 1),
    ]


def test_the_largest_title_on_the_first_page_is_the_only_one() -> None:
    title = replace(heading("The Work", 20), kind=BlockKind.TITLE)
    also = replace(heading("A Part", 14), kind=BlockKind.TITLE)
    found = assemble([page(title, also, heading("B Part", 14), paragraph())])[0].blocks
    assert [b.kind for b in found[:3]] == [BlockKind.TITLE, BlockKind.HEADING, BlockKind.HEADING]
    assert [b.level for b in found[:3]] == [0, 1, 1]


def test_a_first_heading_larger_than_all_others_is_the_title() -> None:
    found = kinds(page(heading("The Work", 20), heading("One", 12), paragraph()))
    assert found[0][:2] == [BlockKind.TITLE, BlockKind.HEADING]


def test_numbers_tell_the_level_where_sizes_do_not() -> None:
    held = page(
        heading("1 Introduction"), heading("1.1 Aim"), heading("1.1.1 Scope"), heading("2 Method")
    )
    assert [level for _, level in outline(held)] == [1, 2, 3, 1]


def test_a_numbered_bold_line_is_a_heading() -> None:
    line = block(BlockKind.PARAGRAPH, "2.1 The aim of it", bold=True)
    assert kinds(page(line, paragraph()))[0][0] is BlockKind.HEADING


def test_a_line_that_comes_back_on_every_page_is_a_running_head() -> None:
    pages = [
        page(paragraph("Annals of Things", 0.04), paragraph(), paragraph(f"{n}", 0.95))
        for n in (7, 8, 9)
    ]
    expected = [BlockKind.PAGE_HEADER, BlockKind.PARAGRAPH, BlockKind.PAGE_NUMBER]
    assert kinds(*pages) == [expected] * 3


def test_pages_that_hold_nothing_but_one_line_keep_it() -> None:
    labels = [page(paragraph("To: the keeper of the lighthouse", top=0.05)) for _ in range(3)]
    heads = [page(block(BlockKind.PAGE_HEADER, "Admit one person", top=0.05)) for _ in range(3)]
    for pages in (labels, heads):
        for assembled in assemble(pages):
            assert [found.kind for found in assembled.blocks] == [BlockKind.PARAGRAPH]


def test_heads_of_left_and_right_pages_alternate_and_their_numbers_change() -> None:
    pages = [
        page(paragraph(f"{n} THE BOOK" if n % 2 else f"THE CHAPTER {n}", 0.04), paragraph())
        for n in range(10, 16)
    ]
    assert {held[0] for held in kinds(*pages)} == {BlockKind.PAGE_HEADER}


def test_numbered_headings_at_the_top_of_pages_are_no_running_heads() -> None:
    pages = [page(heading(f"Question {n}", 14, top=0.04), paragraph()) for n in range(1, 5)]
    assert {held[0] for held in kinds(*pages)} == {BlockKind.HEADING}


def test_a_line_below_the_body_of_a_page_is_no_running_head() -> None:
    words = ("apples and pears", "rivers run far", "twelve old ships", "no more of this")
    pages = [page(paragraph(w * 3, 0.03), paragraph("Yours truly", 0.1)) for w in words]
    assert {held[1] for held in kinds(*pages)} == {BlockKind.PARAGRAPH}


def test_a_header_on_one_page_that_is_set_large_is_a_heading() -> None:
    lone = block(BlockKind.PAGE_HEADER, "A Report on Things", 0.05, 20)
    assert kinds(page(lone, paragraph()))[0][0] in (BlockKind.TITLE, BlockKind.HEADING)


def test_a_small_header_on_one_page_stays_one() -> None:
    lone = block(BlockKind.PAGE_HEADER, "Vol. 3, 1999", 0.05, 8)
    assert kinds(page(lone, paragraph()))[0][0] is BlockKind.PAGE_HEADER


def test_a_paragraph_goes_on_over_columns_pages_figures_and_notes() -> None:
    first = page(
        paragraph("The text runs to the end of its column and", 0.9),
        paragraph("goes on in the next one, where it says of", 0.1, left=0.5),
        block(BlockKind.FOOTNOTE, "A note.", 0.95, marker="1"),
    )
    second = page(block(BlockKind.FIGURE, ""), paragraph("London that it is large.", 0.1))
    assert continued(first, second) == [
        "goes on in the next one, where it says of",
        "London that it is large.",
    ]


def test_a_divided_word_goes_on_over_a_page() -> None:
    assert continued(page(paragraph("Short know-")), page(paragraph("ledge of it."))) == [
        "ledge of it."
    ]


def test_nothing_goes_on_after_a_sentence_a_heading_or_a_lost_page() -> None:
    opened = paragraph("The text runs to the end of its page and")
    rest = paragraph("goes on here in lower case.")
    assert continued(page(paragraph()), page(rest)) == []
    assert continued(page(opened), page(heading("New"), rest)) == []
    assert continued(page(opened), page(status=VerdictStatus.FAILED), page(rest)) == []
    assert continued(page(opened), page(status=VerdictStatus.BLANK), page(rest)) == [rest.text]


def test_the_rest_of_a_list_item_on_the_next_page_belongs_to_it() -> None:
    item = block(BlockKind.LIST_ITEM, "an item that runs over the page and", 0.9, marker="•")
    found = assemble([page(item), page(paragraph("ends on the next one.", 0.1))])[1].blocks[0]
    assert (found.kind, found.continues) == (BlockKind.LIST_ITEM, True)


def test_a_list_goes_on_at_its_depth_over_a_page() -> None:
    def item(marker: str, level: int) -> Block:
        return block(BlockKind.LIST_ITEM, "words.", marker=marker, level=level)

    pages = [page(item("1.", 0), item("a)", 1)), page(item("b)", 0), item("c)", 0))]
    assert [b.level for b in assemble(pages)[1].blocks] == [1, 1]


def table(*rows: tuple[str, ...], header: bool = False) -> Block:
    cells = tuple(
        Cell(r, c, (Span(text),), header=header and r == 0)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    grid = Table(len(rows), len(rows[0]), cells)
    return Block(BlockKind.TABLE, bbox=BoundingBox(0.1, 0.1, 0.9, 0.8), table=grid)


def test_a_table_goes_on_over_a_page_with_its_header_repeated() -> None:
    first = page(paragraph(), table(("Name", "Age"), ("Ann", "7"), header=True))
    second = page(
        block(BlockKind.PAGE_HEADER, "Annals", 0.03),
        block(BlockKind.CAPTION, "Table 1 (continued)", 0.06),
        table(("Name", "Age"), ("Bob", "9")),
    )
    found = assemble([first, second])[1].blocks[2]
    assert found.continues and found.table is not None
    assert [cell.header for cell in found.table.cells] == [True, True, False, False]


def test_tables_with_text_between_or_other_columns_stay_apart() -> None:
    first = page(table(("a", "b")))
    assert continued(first, page(paragraph(), table(("c", "d")))) == []
    assert continued(first, page(table(("c", "d", "e")))) == []


def test_small_text_that_a_raised_mark_refers_to_is_a_footnote() -> None:
    text = Block(BlockKind.PARAGRAPH, (Span(BODY), Span("1", script=Script.SUPER)), size_pt=10.0)
    note = Block(
        BlockKind.PARAGRAPH,
        (Span("1", script=Script.SUPER), Span(" As seen above.")),
        BoundingBox(0.1, 0.9, 0.5, 0.92),
        size_pt=8.0,
    )
    found = assemble([page(text, note)])[0].blocks[1]
    assert (found.kind, found.marker, found.text) == (BlockKind.FOOTNOTE, "1", "As seen above.")


def test_the_pages_themselves_stay_as_they_were() -> None:
    first = page(heading("Large", 18), paragraph())
    assert assemble([first])[0].provenance == first.provenance
    assert first.blocks[0].kind is BlockKind.HEADING


def test_a_subtitle_pushes_no_heading_down() -> None:
    title = replace(heading("The Work", 20), kind=BlockKind.TITLE)
    held = page(title, heading("Its Aim", 16), heading("One", 14), paragraph(), heading("Two", 14))
    assert outline(held) == [("The Work", 0), ("Its Aim", 1), ("One", 1), ("Two", 1)]


def test_sizes_measured_in_pixels_are_told_apart_less_finely() -> None:
    sizes = (14, 14, 13, 11)
    held = page(paragraph(), *(heading("A heading", size) for size in sizes))
    scan = replace(held, provenance=replace(PROVENANCE, route=Route.PIXELS))
    assert [level for _, level in outline(held)] == [1, 1, 2, 3]
    assert [level for _, level in outline(scan)] == [1, 1, 1, 2]


def test_a_logo_above_a_page_is_no_heading() -> None:
    logo = block(BlockKind.PAGE_HEADER, "ACME", 0.02, 65)
    assert kinds(page(logo, paragraph()))[0][0] is BlockKind.PAGE_HEADER
