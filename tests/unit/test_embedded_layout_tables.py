"""Tables: the grid, the spans, and every word in a cell."""

from __future__ import annotations

from typing import Any

import pytest
from embedded_layout_documents import new_page, prose, reopened, write

from ocrx.engines.embedded.layout_regions import Cell
from ocrx.engines.embedded.lines import Rect, TextLine, Word
from ocrx.engines.embedded.spans import layer_text
from ocrx.engines.embedded.structure import structured
from ocrx.engines.embedded.table_grids import without_strokes
from ocrx.engines.embedded.table_headers import whole_headers, whole_labels
from ocrx.parsing.region_dialect import RawPage, RawRegion, RegionClass

COLUMNS = (70, 170, 270, 370, 470)
TOP, HEIGHT = 200, 22


def laid_out(page: Any) -> RawPage:
    page = reopened(page.parent)[0]
    return structured(page, layer_text(page).lines)


def tables(raw: RawPage) -> list[RawRegion]:
    return [region for region in raw.regions if region.region_class is RegionClass.TABLE]


def grid(region: RawRegion) -> dict[tuple[int, int], tuple[str, int, int]]:
    return {
        (c.row, c.column): (" ".join(line.text for line in c.lines), c.row_span, c.column_span)
        for c in region.cells
    }


def all_words(raw: RawPage) -> list[str]:
    lines = [line for region in raw.regions for line in region.lines]
    lines += [line for region in raw.regions for cell in region.cells for line in cell.lines]
    return sorted(word for line in lines for word in line.text.split())


def ruled_page() -> Any:
    """A ruled table of 6 rows: the first cell spans two rows, the second two columns."""
    page = new_page()
    write(page, (60, 60, 535, 180), f"{prose(0, 40)}\n{prose(9, 30)}")
    for row in range(7):
        y = TOP + HEIGHT * row
        page.draw_line((COLUMNS[1] if row == 1 else COLUMNS[0], y), (COLUMNS[-1], y))
    bottom = TOP + 6 * HEIGHT
    for column, x in enumerate(COLUMNS):
        page.draw_line((x, TOP + HEIGHT if column == 2 else TOP), (x, bottom))
    texts = {(0, 0): "Harbour", (0, 1): "Goods landed", (0, 3): "Ships"}
    texts |= {(1, 1): "Wool", (1, 2): "Salt", (1, 3): "Count"}
    for row in range(2, 6):
        texts |= {(row, 0): f"Port {row}"}
        texts |= {(row, column): str(100 * row + column) for column in range(1, 4)}
    for (row, column), text in texts.items():
        page.insert_text((COLUMNS[column] + 6, TOP + HEIGHT * row + 15), text, fontsize=10)
    write(page, (60, 380, 535, 700), "\n".join(prose(i * 7, 40) for i in range(4)))
    return page


@pytest.fixture(scope="module")
def raw() -> RawPage:
    return laid_out(ruled_page())


def test_merged_cells_of_a_ruled_table_keep_their_spans(raw: RawPage) -> None:
    (table,) = tables(raw)
    cells = grid(table)
    assert cells[0, 0] == ("Harbour", 2, 1)
    assert cells[0, 1] == ("Goods landed", 1, 2)
    assert cells[1, 2] == ("Salt", 1, 1)
    assert cells[5, 3] == ("503", 1, 1)


def test_every_slot_of_a_table_is_covered_once(raw: RawPage) -> None:
    (table,) = tables(raw)
    slots = [
        (cell.row + i, cell.column + j)
        for cell in table.cells
        for i in range(cell.row_span)
        for j in range(cell.column_span)
    ]
    assert sorted(slots) == [(row, column) for row in range(6) for column in range(4)]


def test_the_rows_of_labels_are_headers(raw: RawPage) -> None:
    (table,) = tables(raw)
    assert {cell.row for cell in table.cells if cell.header} == {0, 1}


def test_the_text_around_a_table_stands_before_and_after_it(raw: RawPage) -> None:
    classes = [region.region_class for region in raw.regions]
    at = classes.index(RegionClass.TABLE)
    assert 0 < at < len(classes) - 1


def test_no_word_of_the_page_is_lost_or_doubled(raw: RawPage) -> None:
    page = reopened(ruled_page().parent)[0]
    printed = sorted(word[4].replace("\ufb01", "fi") for word in page.get_text("words"))
    assert all_words(raw) == printed


def test_two_columns_of_running_text_in_a_frame_are_no_table() -> None:
    page = new_page()
    page.draw_rect((50, 50, 545, 600))
    page.draw_line((297, 50), (297, 600))
    for left in (60, 305):
        text = "\n".join(prose(left + 7 * i, 45) for i in range(6))
        write(page, (left, 60, left + 228, 590), text)
    assert tables(laid_out(page)) == []


def text_line(text: str, left: float, top: float, size: float = 10) -> TextLine:
    words: list[Word] = []
    for index, part in enumerate(text.split()):
        box: Rect = (left, top, left + 5.0 * len(part), top + size)
        words.append(Word(part, box, index > 0, size))
        left = box[2] + 2.5
    return TextLine((words[0].box[0], top, words[-1].box[2], top + size), tuple(words), size)


def cell(row: int, column: int, *lines: TextLine, header: bool = False) -> Cell:
    return Cell(row, column, 1, 1, header, lines)


def shown(cells: tuple[Cell, ...]) -> list[tuple[int, int, int, int, str]]:
    return [
        (c.row, c.column, c.row_span, c.column_span, " ".join(x.text for x in c.lines))
        for c in cells
        if c.lines
    ]


def test_a_label_cut_by_a_column_line_becomes_one_cell() -> None:
    cells = [
        cell(0, 0, header=True),
        cell(0, 1, text_line("Postnatal", 100, 0), header=True),
        cell(0, 2, text_line("day", 147, 0), header=True),
        cell(1, 0, text_line("dose", 0, 12)),
        cell(1, 1, text_line("5.8", 100, 12)),
        cell(1, 2, text_line("9.1", 150, 12)),
    ]
    assert shown(whole_headers(cells))[0] == (0, 1, 1, 2, "Postnatal day")


def test_labels_of_two_lines_become_one_row_above_numbers() -> None:
    cells = [
        cell(0, 0, text_line("Weight", 0, 0), header=True),
        cell(0, 1, text_line("Change", 100, 0), header=True),
        cell(1, 0, text_line("(kg)", 0, 12)),
        cell(1, 1, text_line("(%)", 100, 12)),
        cell(2, 0, text_line("61", 0, 24)),
        cell(2, 1, text_line("3.5", 100, 24)),
        cell(3, 0, text_line("72", 0, 36)),
        cell(3, 1, text_line("4.1", 100, 36)),
    ]
    done = whole_headers(cells)
    assert shown(done)[:3] == [
        (0, 0, 1, 1, "Weight (kg)"),
        (0, 1, 1, 1, "Change (%)"),
        (1, 0, 1, 1, "61"),
    ]
    assert max(c.row for c in done) == 2


def test_rows_of_words_under_a_header_stay_rows() -> None:
    cells = [
        cell(row, column, text_line(f"{name} {row}", 100 * column, 12 * row), header=row == 0)
        for row in range(3)
        for column, name in enumerate(("session", "material"))
    ]
    assert len(shown(whole_headers(cells))) == 6


def test_a_lone_label_in_the_middle_takes_its_row() -> None:
    cells = [cell(0, 0), cell(0, 1, text_line("Resistance", 125, 0)), cell(0, 2)]
    cells += [cell(1, i, text_line("word", 100 * i, 12)) for i in range(3)]
    assert shown(whole_labels(cells, (0, 0, 300, 30)))[0] == (0, 0, 1, 3, "Resistance")


def test_strokes_through_text_are_no_ruling_lines() -> None:
    line = text_line("letters that look like a rule", 100, 100)
    through, below = (100, 105, 230, 105), (90, 115, 400, 115)
    stem, side = (150, 98, 150, 112), (80, 50, 80, 300)
    assert without_strokes([through, below, stem, side], [line]) == [below, side]
