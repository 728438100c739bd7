"""Cells set right after the grid was found: columns, rows, levels of headers, spans."""

from __future__ import annotations

import random

from ocrx.engines.embedded.layout_regions import Cell
from ocrx.engines.embedded.lines import TextLine, Word
from ocrx.engines.embedded.table_cells import cells_of
from ocrx.engines.embedded.table_columns import whole_columns
from ocrx.engines.embedded.table_grids import Grid, Slot
from ocrx.engines.embedded.table_levels import with_levels
from ocrx.engines.embedded.table_rows import whole_rows
from ocrx.engines.embedded.table_spans import with_row_spans

SIZE, LETTER, PITCH, COLUMN = 10.0, 5.0, 12.0, 100.0
Text = dict[tuple[int, int], tuple[str, int, int]]


def line(text: str, left: float, top: float) -> TextLine:
    words = []
    x = left
    for number, part in enumerate(text.split()):
        right = x + LETTER * len(part)
        words.append(Word(part, (x, top, right, top + SIZE), number > 0, SIZE))
        x = right + 2.5
    return TextLine((left, top, words[-1].box[2], top + SIZE), tuple(words), SIZE)


def row(number: int, *texts: str, top: float | None = None, head: bool = False) -> list[Cell]:
    """Make a row; lines of an entry are divided by ``/``."""
    start = 3 * PITCH * number if top is None else top
    cells = []
    for column, text in enumerate(texts):
        parts = [part for part in text.split("/") if part]
        lines = tuple(
            line(part, COLUMN * column, start + i * PITCH) for i, part in enumerate(parts)
        )
        cells.append(Cell(number, column, 1, 1, head, lines))
    return cells


def read(cells: list[Cell]) -> Text:
    return {
        (c.row, c.column): ("/".join(x.text for x in c.lines), c.row_span, c.column_span)
        for c in cells
    }


def words(cells: list[Cell] | tuple[Cell, ...]) -> list[str]:
    return sorted(w.text for c in cells for x in c.lines for w in x.words)


def test_a_river_in_running_text_is_no_gutter() -> None:
    cells = row(0, "Item", "", "Cost", head=True)
    for number in range(1, 5):
        top = 3 * PITCH * number
        left, right = line("wool and", 100, top), line("salt", 140.0, top)
        cells += [
            Cell(number, 0, 1, 1, False, (line("A", 0, top),)),
            Cell(number, 1, 1, 1, False, (left,)),
            Cell(number, 2, 1, 1, False, (right,)),
        ]
    assert read(whole_columns(cells))[2, 1] == ("wool and salt", 1, 1)


def test_narrow_columns_of_numbers_stay_apart() -> None:
    cells = []
    for number in range(4):
        top = PITCH * number
        cells += [
            Cell(number, 0, 1, 1, False, (line("2.5", 0, top),)),
            Cell(number, 1, 1, 1, False, (line("7.5", 18, top),)),
        ]
    assert read(whole_columns(cells)) == read(cells)


def test_columns_that_take_turns_under_one_label_are_one() -> None:
    cells = [*row(0, "Port", head=True), Cell(0, 1, 1, 2, True, (line("Ships", 100, 0),))]
    cells += row(1, "North", "n/a", "") + row(2, "South", "", "12") + row(3, "East", "", "7")
    found = read(whole_columns(cells))
    assert [found[number, 1][0] for number in range(4)] == ["Ships", "n/a", "12", "7"]


def test_two_rows_taken_as_one_are_parted_by_their_numbers() -> None:
    cells = row(0, "Item", "Text", "Cost", head=True)
    merged = row(1, "Wool/Salt", "/", "120/340")
    cells += [c for c in merged if c.column != 1]
    lines = tuple(line(t, 100, 36 + y) for t, y in (("fine", 0), ("grey", 12)))
    cells.append(Cell(1, 1, 1, 1, False, lines))
    cells += row(2, "Iron", "bars", "500") + row(3, "Sand", "wet", "80")
    found = read(whole_rows(cells))
    assert found[1, 2][0] == "120" and found[2, 2][0] == "340"
    assert found[2, 1][0] == "grey" and found[3, 0][0] == "Iron"


def test_an_entry_of_several_lines_goes_to_the_number_beside_it() -> None:
    """The finder cut the last entry in two; its number stands in the middle of its lines."""
    cells = row(0, "Item", "Text", "Cost", head=True)
    for number in (1, 2, 3):
        cells += row(number, f"Kind {number}", "short", f"{number}00", top=40.0 * number)
    cells += [Cell(4, 1, 1, 1, False, (line("a longer", 100, 154),))]
    cells += [Cell(4, column, 1, 1, False, ()) for column in (0, 2)]
    cells += row(5, "Kind 4", "", "400", top=160.0)
    cells = [c for c in cells if (c.row, c.column) != (5, 1)]
    cells += [Cell(5, 1, 1, 1, False, (line("entry", 100, 166),))]
    found = read(whole_rows(cells))
    assert found[4, 1][0] == "a longer/entry" and found[4, 2][0] == "400"
    assert max(place[0] for place in found) == 4


def test_a_header_that_holds_the_first_row_is_parted_from_it() -> None:
    cells = row(0, "Item/Wool", "Cost/120", head=True)
    cells += row(1, "Salt", "340") + row(2, "Iron", "500") + row(3, "Sand", "80")
    fresh = whole_rows(cells)
    assert read(fresh)[1, 0][0] == "Wool" and read(fresh)[1, 1][0] == "120"
    assert {c.row for c in fresh if c.header} == {0}


def test_tables_without_numbers_keep_their_rows() -> None:
    cells = row(0, "Term", "Meaning", head=True) + row(1, "Quay", "a wall/for ships")
    cells += row(2, "Silt", "fine sand")
    assert whole_rows(cells) == cells


def header_and_body(head: list[Cell]) -> list[Cell]:
    body = [cell for n in (4, 5, 6) for cell in row(n, f"P{n}", "1", "2", "3", "4", top=40.0 * n)]
    return [*head, *(Cell(c.row - 2, *_rest(c)) for c in body)]


def _rest(cell: Cell) -> tuple[int, int, int, bool, tuple[TextLine, ...]]:
    return cell.column, cell.row_span, cell.column_span, cell.header, cell.lines


def test_a_label_takes_the_columns_that_the_rule_below_it_covers() -> None:
    head = [Cell(0, c, 1, 1, True, ()) for c in (0, 2, 3, 4)]
    head.append(Cell(0, 1, 1, 1, True, (line("Male", 140, 100),)))
    head += row(1, "Port", "n", "%", "n", "%", top=120.0, head=True)
    found = read(with_levels(header_and_body(head), [(98, 113, 210, 113)]))
    assert found[0, 1] == ("Male", 1, 2)


def test_a_label_takes_the_columns_it_stands_in_the_middle_of() -> None:
    head = [Cell(0, c, 1, 1, True, ()) for c in (0, 2, 3, 4)]
    head.append(Cell(0, 1, 1, 1, True, (line("All ships", 230, 100),)))
    head += row(1, "Port", "n", "%", "n", "%", top=120.0, head=True)
    assert read(with_levels(header_and_body(head), []))[0, 1] == ("All ships", 1, 4)


def test_a_label_does_not_take_the_column_of_the_rows_names() -> None:
    head = [Cell(0, 0, 1, 1, True, ())]
    head += [Cell(0, c, 1, 1, True, (line(f"{1990 + c}", 100 * c - 50, 0),)) for c in (1, 2, 3, 4)]
    head += row(1, "Lowest share", "least", "least", "least", "least", top=20.0, head=True)
    assert read(with_levels(header_and_body(head), []))[0, 1] == ("1991", 1, 1)


def test_a_rule_that_stops_short_of_the_stub_shows_its_spans() -> None:
    cells = row(0, "Coast", "Port", "Ships", top=0, head=True)
    for number, stub in enumerate(("North", "", "", "South", ""), start=1):
        cells += row(number, stub, f"Port {number}", f"{number}0", top=20.0 * number)
    rules = [(100.0, 20.0 * n - 5, 300.0, 20.0 * n - 5) for n in (2, 3, 5)]
    rules += [(0.0, y, 300.0, y) for y in (15.0, 75.0)]
    found = read(with_row_spans(cells, rules))
    assert found[1, 0] == ("North", 3, 1) and found[4, 0] == ("South", 2, 1)


def test_empty_cells_of_the_body_stay_apart() -> None:
    cells = row(0, "Port", "Wool", "Salt", top=0, head=True)
    for number in range(1, 6):
        cells += row(number, f"Port {number}", "", f"{number}0", top=20.0 * number)
    rules = [(200.0, 20.0 * n - 5, 300.0, 20.0 * n - 5) for n in (2, 3, 4)]
    assert not [c for c in with_row_spans(cells, rules) if c.row_span > 1]


def test_a_single_rule_above_a_sum_spans_nothing() -> None:
    cells = [c for n in range(4) for c in row(n, f"Item {n}" if n < 3 else "", "5", top=20.0 * n)]
    assert with_row_spans(cells, [(100.0, 55.0, 200.0, 55.0)]) == cells


def test_labels_in_the_middle_of_their_rows_span_them() -> None:
    cells = row(0, "Coast", "Port", "Ships", top=0, head=True)
    for number, stub in enumerate(("", "North", "", "", "South", ""), start=1):
        cells += row(number, stub, f"Port {number}", f"{number}0", top=20.0 * number)
    found = read(with_row_spans(cells, []))
    assert found[1, 0] == ("North", 3, 1) and found[4, 0] == ("South", 3, 1)


def test_every_word_of_a_table_stands_in_one_cell() -> None:
    """Whatever the grid: lines over edges, between columns, in empty rows, and any rules."""
    for seed in range(60):
        rng = random.Random(seed)
        height, width = rng.randint(2, 6), rng.randint(2, 5)
        slots = tuple(
            Slot(r, c, 1, 1, r == 0, (60.0 * c, 20.0 * r, 60.0 * c + 60, 20.0 * r + 20))
            for r in range(height)
            for c in range(width)
        )
        box = (0.0, 0.0, 60.0 * width, 20.0 * height)
        rules = tuple(
            (x := rng.uniform(0, box[2]), y := rng.uniform(0, box[3]), x + rng.uniform(9, 200), y)
            for _ in range(rng.randint(0, 5))
        )
        grid = Grid(box, slots, height, width, frozenset(), rng.random() < 0.2, rules)
        lines = [
            line(
                " ".join(rng.choice(("12", "3.5", "wool", "grey sand")) for _ in range(3)),
                rng.uniform(0, box[2] - 30),
                rng.uniform(0, box[3] - 10),
            )
            for _ in range(rng.randint(3, 20))
        ]
        wanted = sorted(w.text for x in lines for w in x.words)
        cells = cells_of(grid, lines)
        assert words(cells) == wanted
        places = [
            (c.row + i, c.column + j)
            for c in cells
            for i in range(c.row_span)
            for j in range(c.column_span)
        ]
        assert len(places) == len(set(places)), f"cells of seed {seed} overlap"
