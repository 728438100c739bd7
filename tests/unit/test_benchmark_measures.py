"""The measures of the benchmarks, against cases worked out by hand."""

from __future__ import annotations

import pytest

from benchmarks.measures import (
    edit_distance,
    reading_order,
    score,
    table_similarity,
    teds,
    tree,
    word_f1,
)
from benchmarks.plain import fold, read_markdown


def test_edit_distance_is_over_the_longer_text() -> None:
    assert edit_distance("kitten", "sitting") == pytest.approx(3 / 7)
    assert edit_distance("", "") == 0.0
    assert edit_distance("abc", "") == 1.0


def test_word_f1_counts_words_as_often_as_they_stand() -> None:
    # 2 of 3 true words are among 4 found ones: 2 * 2 / (3 + 4)
    assert word_f1("a a b", "A b c d") == pytest.approx(4 / 7)
    assert word_f1("白马", "马白") == 1.0
    assert word_f1("", "") == 1.0
    assert word_f1("one", "") == 0.0


def test_reading_order_costs_the_blocks_that_moved() -> None:
    first, second, third = "the first block", "second of these", "third and the last"
    assert reading_order([first, second, third], f"{first} {second} {third}") == 1.0
    # 0 1 2 read as 2 0 1: one deletion and one insertion over three blocks
    assert reading_order([first, second, third], f"{third} {first} {second}") == pytest.approx(
        1 / 3
    )


def test_reading_order_leaves_out_what_cannot_be_found_or_told_apart() -> None:
    first, second, third = "the first block", "second of these", "third and the last"
    assert reading_order([first, second, third], f"{first} {third}") == 1.0
    assert reading_order([first, second], f"{second} {first}") is None
    assert reading_order([first, second, third], "") == 0.0


def table(*rows: str) -> str:
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def test_teds_of_a_table_with_itself_is_one() -> None:
    one = tree(table("<th>a</th><th>b</th>", "<td>1</td><td>2</td>"))
    assert teds(one, one) == 1.0


def test_teds_counts_a_missing_cell_as_one_node() -> None:
    # 1 table + 2 rows + 4 cells = 7 nodes, one deleted
    full = tree(table("<td>a</td><td>b</td>", "<td>1</td><td>2</td>"))
    short = tree(table("<td>a</td><td>b</td>", "<td>1</td>"))
    assert teds(full, short) == pytest.approx(1 - 1 / 7)


def test_teds_counts_wrong_text_by_its_edit_distance() -> None:
    # half of one cell's text is wrong: 0.5 of 3 nodes
    assert teds(tree(table("<td>ab</td>")), tree(table("<td>ax</td>"))) == pytest.approx(
        1 - 0.5 / 3
    )


def test_teds_counts_a_lost_span_as_a_changed_node() -> None:
    spanned = tree(table('<td colspan="2">a</td>', "<td>1</td><td>2</td>"))
    plain = tree(table("<td>a</td>", "<td>1</td><td>2</td>"))
    assert teds(spanned, plain) == pytest.approx(1 - 1 / 6)


def test_an_unpaired_true_table_scores_nothing_and_a_surplus_one_costs_nothing() -> None:
    one, other = table("<td>alpha</td>"), table("<td>omega</td>")
    assert table_similarity([one, other], [one]) == pytest.approx(0.5)
    assert table_similarity([one], [other, one]) == 1.0
    assert table_similarity([], [one]) is None


def test_a_pipe_table_equals_the_same_table_in_html() -> None:
    piped = read_markdown("| a | b |\n|---|---:|\n| 1 | 2\\|3 |\n")
    html = read_markdown(table("<th>a</th><th>b</th>", "<td>1</td><td>2|3</td>"))
    assert table_similarity(html.tables, piped.tables) == 1.0
    assert fold(piped.text) == ""


def test_house_style_costs_nothing() -> None:
    truth = read_markdown("# One\n\nThe “quick”—*brown* fox is $\\rho$.\n\n- a **b**[^1]\n")
    found = read_markdown('## One\n\nThe "quick"-brown\nfox is ρ .\n\n* a __b__<sup>1</sup>\n')
    assert fold(truth.text).replace(" ", "") == fold(found.text).replace(" ", "")


def test_optional_text_may_be_there_or_not() -> None:
    body = "\n\nThe first paragraph.\n\nThe second one.\n\nAnd the third.\n"
    truth = read_markdown("<!-- optional: Running head -->" + body)
    assert score(truth, read_markdown("Running head" + body)).edit_distance == 0.0
    assert score(truth, read_markdown(body)).edit_distance == 0.0
    assert score(truth, read_markdown("Another head" + body)).edit_distance > 0.0


def test_a_perfect_document_scores_perfectly() -> None:
    text = (
        "# Head of it all\n\nSome text here.\n\nMore text there.\n\n| a | b |\n|--|--|\n| 1 | 2 |\n"
    )
    scores = score(read_markdown(text), read_markdown(text))
    assert (scores.edit_distance, scores.word_f1, scores.order, scores.teds) == (0.0, 1.0, 1.0, 1.0)
