"""HTML tables of models: sound grids, repairs told, nothing lost."""

import pytest

from ocrx.document import Block, BlockKind, BoundingBox
from ocrx.parsing.grounding import read_page
from tests.unit.grounded_text import BOX, blocks_of, notes_of, tagged


def table(html: str) -> Block:
    (block,) = blocks_of(tagged("table", html))
    return block


def rows(block: Block) -> list[list[str]]:
    assert block.table is not None
    texts = {(cell.row, cell.column): cell.text for cell in block.table.cells}
    return [
        [texts.get((row, column), "^") for column in range(block.table.columns)]
        for row in range(block.table.rows)
    ]


def test_spans_and_heads_are_kept() -> None:
    block = table(
        "<table><thead><tr><th rowspan='2'>A</th><td colspan=2>B</td></tr>"
        "<tr><td>c</td><td>d</td></tr></thead><tr><td>1</td><td>2</td><td>3</td></tr></table>"
    )
    assert rows(block) == [["A", "B", "^"], ["^", "c", "d"], ["1", "2", "3"]]
    assert block.table is not None
    spans = {cell.text: (cell.row_span, cell.column_span) for cell in block.table.cells}
    assert (spans["A"], spans["B"], spans["1"]) == ((2, 1), (1, 2), (1, 1))
    assert [cell.text for cell in block.table.cells if cell.header] == ["A", "B", "c", "d"]
    assert (block.suspect, block.bbox) == (False, BOX)


def test_cells_hold_formulas_styles_and_lines() -> None:
    block = table(
        r"<table><tr><td>\(x < 1\)</td><td>a<br><b>b</b>&gt;1<sup>2</sup></td></tr></table>"
    )
    assert rows(block) == [["x < 1", "a\nb>12"]]
    assert block.table is not None
    assert block.table.cells[0].spans[0].math
    assert block.table.cells[1].spans[1].bold


@pytest.mark.parametrize(
    ("html", "expected", "note"),
    [
        (
            "<tr><td>a<td>b</tr><tr><td>c</td><td>d</td></tr>",
            [["a", "b"], ["c", "d"]],
            "unclosed cells (2)",
        ),
        ("<tr><td>a</td><tr><td>b</td></tr>", [["a"], ["b"]], "unclosed rows (1)"),
        ("<td>a</td><td>b</td></tr>", [["a", "b"]], "cells outside a row (1)"),
        (
            "<tr><td>a</td></tr><tr><td>b</td><td>c</td></tr>",
            [["a", ""], ["b", "c"]],
            "ragged rows (1)",
        ),
        ("<tr><td>a &amp;gt; b</td></tr>", [["a > b"]], "twice escaped characters (1)"),
        (
            "<tr><td colspan=999999>a</td></tr><tr><td>b</td><td>c</td></tr>",
            [["a", "^"], ["b", "c"]],
            "merged cells wider than the table (1)",
        ),
        (
            "<tr><td rowspan=999999>a</td><td>b</td></tr><tr><td>c</td></tr>",
            [["a", "b"], ["^", "c"]],
            "merged cells longer than the table (1)",
        ),
        (
            "<tr><td>a</td><td rowspan=2>b</td></tr><tr><td colspan=2>c</td></tr>",
            [["a", "b"], ["c", "^"]],
            "merged cells wider than the table (1)",
        ),
        ("<tr><td>a</td>stray<td>b</td></tr>", [["a stray", "b"]], "texts between cells (1)"),
        (
            "<tr><td>a <table><tr><td>x</td><td>y</td></tr></table> b</td><td>c</td></tr>",
            [["a  x y\n b", "c"]],
            "nested tables (1)",
        ),
    ],
)
def test_unsound_tables_are_repaired_and_noted(
    html: str, expected: list[list[str]], note: str
) -> None:
    raw = tagged("table", f"<table>{html}</table>")
    assert rows(table(f"<table>{html}</table>")) == expected
    assert blocks_of(raw)[0].suspect
    assert notes_of(raw) == (f"table 1: {note}",)


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td",
        '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td rowspan="',
    ],
)
def test_a_table_cut_at_the_end_keeps_its_cells(html: str) -> None:
    block = table(html)
    assert rows(block)[0] == ["a", "b"]
    assert rows(block)[1][0] == "c"
    assert block.suspect
    assert "missing end" in notes_of(tagged("table", html))[0]


def test_text_after_a_table_without_end_is_text() -> None:
    raw = "<table><tr><td>a</td></tr>\n\nWords after."
    assert [(b.kind, b.text) for b in blocks_of(raw)] == [
        (BlockKind.TABLE, ""),
        (BlockKind.PARAGRAPH, "Words after."),
    ]


def test_captions_and_text_before_the_first_cell_are_kept() -> None:
    caption, block = blocks_of("<table><caption>Ports</caption><tr><td>a</td></tr></table>")
    assert (caption.kind, caption.text) == (BlockKind.CAPTION, "Ports")
    assert rows(block) == [["a"]]


def test_notes_name_the_table_of_the_page() -> None:
    sound = "<table><tr><td>a</td></tr></table>"
    ragged = "<table><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></table>"
    raw = tagged("table", sound) + tagged("table", ragged)
    assert notes_of(raw) == ("table 2: ragged rows (1)",)


def test_a_pipe_table_loses_no_cell() -> None:
    raw = "| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| x \\| y |"
    (block,) = blocks_of(raw)
    assert rows(block) == [["a", "b", ""], ["1", "2", "3"], ["x | y", "", ""]]
    assert notes_of(raw) == ("table 1: ragged rows (2)",)


def test_a_table_too_large_for_a_grid_is_text() -> None:
    row = "<tr><td rowspan=1000 colspan=1000>word</td></tr>"
    (block,) = blocks_of(f"<table>{row * 1000}</table>")
    assert block.kind is BlockKind.PARAGRAPH
    assert block.suspect
    assert block.text.split() == ["word"] * 1000


def test_an_empty_table_is_nothing() -> None:
    assert blocks_of(tagged("table", "<table></table>")) == ()


def test_a_table_written_after_its_captions_tag_keeps_its_own_box() -> None:
    raw = (
        "<|ref|>table<|/ref|><|det|>[[100, 400, 800, 500]]<|/det|>\n"
        "<|ref|>table_caption<|/ref|><|det|>[[100, 300, 800, 350]]<|/det|>\n"
        "Table 1. Costs.   \n\n<table><tr><td>a</td><td>b</td></tr></table>"
    )
    caption, table = read_page(raw).blocks
    assert (caption.kind, caption.text) == (BlockKind.CAPTION, "Table 1. Costs.")
    assert caption.bbox == BoundingBox(100 / 999, 300 / 999, 800 / 999, 350 / 999)
    assert table.kind is BlockKind.TABLE
    assert table.bbox == BoundingBox(100 / 999, 400 / 999, 800 / 999, 500 / 999)


def test_a_table_tag_that_no_table_follows_is_noted() -> None:
    raw = (
        "<|ref|>table<|/ref|><|det|>[[100, 400, 800, 500]]<|/det|>\n"
        "<|ref|>text<|/ref|><|det|>[[100, 600, 800, 700]]<|/det|>\nWords."
    )
    page = read_page(raw)
    assert [block.text for block in page.blocks] == ["Words."]
    assert page.notes == ("a table without its cells",)
