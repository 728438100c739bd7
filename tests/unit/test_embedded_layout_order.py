"""In which order regions are read, and what belongs to one printed line."""

from __future__ import annotations

import pytest

from ocrx.engines.embedded.layout_regions import Region, columns, gather, rows
from ocrx.engines.embedded.lines import Rect, TextLine, Word
from ocrx.engines.embedded.reading_order import reading_order
from ocrx.parsing.region_dialect import RegionClass


def line(text: str, box: Rect, size: float = 10, *, vertical: bool = False) -> TextLine:
    return TextLine(box, (Word(text, box, True, size),), size, None, vertical)


def region(
    name: str,
    box: Rect,
    kind: RegionClass = RegionClass.TEXT,
    *,
    size: float = 10,
    rank: float = 0,
    count: int | None = None,
) -> Region:
    """Return a region filled with full lines, 12 points apart; the first says its name."""
    count = max(1, int((box[3] - box[1]) // 12)) if count is None else count
    step = (box[3] - box[1]) / count
    filled = tuple(
        line(
            name if i == 0 else "x" * 40,
            (box[0], box[1] + i * step, box[2], box[1] + i * step + min(step, size)),
            size,
        )
        for i in range(count)
    )
    return Region(kind, box, filled, rank)


def names(regions: list[Region]) -> list[str]:
    return [r.lines[0].text for r in reading_order(regions)]


def test_two_columns_are_read_one_after_the_other() -> None:
    page = [
        region("title", (50, 40, 545, 70), RegionClass.TITLE),
        region("left 1", (50, 90, 290, 300)),
        region("right 1", (305, 90, 545, 250)),
        region("left 2", (50, 320, 290, 700)),
        region("right 2", (305, 262, 545, 700)),
    ]
    assert names(page) == ["title", "left 1", "left 2", "right 1", "right 2"]


def test_aligned_paragraphs_of_two_columns_are_not_interleaved() -> None:
    page = [
        region(f"{side} {row}", (left, 90 + 150 * row, left + 240, 220 + 150 * row), rank=row)
        for row in range(4)
        for side, left in (("left", 50), ("right", 305))
    ]
    assert names(page) == [f"left {i}" for i in range(4)] + [f"right {i}" for i in range(4)]


def test_a_full_width_figure_divides_the_columns_above_from_those_below() -> None:
    page = [
        region("right above", (305, 50, 545, 250)),
        region("left above", (50, 50, 290, 250)),
        region("across", (50, 270, 545, 400), RegionClass.TABLE),
        region("left below", (50, 420, 290, 700)),
        region("right below", (305, 420, 545, 700)),
    ]
    assert names(page) == ["left above", "right above", "across", "left below", "right below"]


def test_a_heading_below_columns_stays_with_the_text_under_it() -> None:
    page = [
        region("left", (50, 50, 290, 300)),
        region("right", (305, 50, 545, 300)),
        region("heading", (50, 320, 180, 334), RegionClass.SECTION_HEADER),
        region("full", (50, 345, 545, 500)),
    ]
    assert names(page) == ["left", "right", "heading", "full"]


def test_heads_come_first_footnotes_after_the_body_and_feet_last() -> None:
    page = [
        region("foot", (50, 800, 545, 812), RegionClass.PAGE_FOOTER),
        region("note", (50, 700, 290, 724), RegionClass.FOOTNOTE),
        region("left", (50, 60, 290, 690)),
        region("right", (305, 60, 545, 690)),
        region("head", (50, 20, 545, 32), RegionClass.PAGE_HEADER),
    ]
    assert names(page) == ["head", "left", "right", "note", "foot"]


def test_small_print_beside_the_text_is_read_after_it() -> None:
    page = [
        region("side", (30, 200, 150, 330), size=7.5),
        region("main 1", (165, 60, 555, 300)),
        region("main 2", (165, 320, 555, 700)),
    ]
    assert names(page) == ["main 1", "main 2", "side"]


def test_labels_and_values_are_read_across() -> None:
    page = [
        region(f"{name} {row}", (left, 100 + 30 * row, left + 100, 110 + 30 * row), count=1)
        for row in range(3)
        for name, left in (("value", 300), ("label", 50))
    ]
    assert names(page) == [f"{name} {i}" for i in range(3) for name in ("label", "value")]


def test_an_address_beside_an_empty_place_is_read_top_down() -> None:
    page = [
        region("sender", (350, 50, 545, 110)),
        region("receiver", (50, 150, 250, 210)),
        region("letter", (50, 260, 545, 600)),
    ]
    assert names(page) == ["sender", "receiver", "letter"]


def test_where_boxes_overlap_the_model_decides() -> None:
    page = [
        region("second", (50, 50, 400, 400), rank=1),
        region("first", (60, 60, 500, 390), rank=0),
    ]
    assert names(page) == ["first", "second"]


def test_vertical_writing_is_read_from_right_to_left() -> None:
    def column(name: str, left: float) -> Region:
        box = (left, 50.0, left + 12, 700.0)
        return Region(RegionClass.TEXT, box, (line(name, box, 12, vertical=True),), 0)

    assert names([column("二", 300), column("一", 400), column("三", 200)]) == ["一", "二", "三"]


def test_every_region_is_read_once() -> None:
    page = [
        region(
            str(i), (50 + 37 * (i % 7), 40 + 53 * (i % 11), 200 + 41 * (i % 7), 90 + 60 * (i % 11))
        )
        for i in range(40)
    ]
    assert sorted(names(page)) == sorted(str(i) for i in range(40))


def test_pieces_of_a_row_become_one_line_and_a_raised_mark_a_superscript() -> None:
    found = rows(
        [
            line("1", (121, 99, 124, 104), 6),
            line("claim", (90, 100, 120, 110)),
            line("The", (50, 100, 80, 110)),
            line("below", (50, 114, 80, 124)),
        ]
    )
    assert [row.text for row in found] == ["The claim1", "below"]
    assert found[0].words[-1].script == 1


def test_lines_of_a_region_over_two_columns_part_at_the_gutter() -> None:
    lines = [
        line("x" * 40, (left, 50.0 + 12 * i, left + 200, 60.0 + 12 * i))
        for i in range(5)
        for left in (50, 270)
    ]
    parts = columns(lines)
    assert [len(part) for part in parts] == [5, 5]
    assert {row.box[0] for row in parts[0]} == {50}


def test_labels_beside_running_text_are_no_column() -> None:
    lines = [line("x" * 40, (100, 50 + 12 * i, 400, 60 + 12 * i)) for i in range(6)]
    lines += [line(f"({i})", (50, 50 + 12 * i, 65, 60 + 12 * i)) for i in range(6)]
    assert len(columns(lines)) == 1


@pytest.mark.parametrize("gap", [4.0, 40.0])
def test_stray_lines_are_gathered_by_their_distance(gap: float) -> None:
    lines = [line("a", (50, 50, 300, 60)), line("b", (50, 60 + gap, 300, 70 + gap))]
    assert len(gather(lines, 0)) == (1 if gap < 10 else 2)


def test_a_newspaper_is_read_stage_by_stage() -> None:
    page = [
        *(
            region(f"{stage} {column}", (left, top, left + 150, top + 14), RegionClass.TITLE)
            for stage, top in (("high", 90), ("low", 400))
            for column, left in enumerate((50, 215, 380))
        ),
        *(
            region(f"{stage} text {column}", (left, top, left + 150, top + 250))
            for stage, top in (("high", 110), ("low", 420))
            for column, left in enumerate((50, 215, 380))
        ),
    ]
    wanted = [
        f"{stage} {text}{column}"
        for stage in ("high", "low")
        for column in range(3)
        for text in ("", "text ")
    ]
    assert names(page) == wanted


def test_the_foot_of_a_column_does_not_run_into_the_next() -> None:
    left = [line("foot", (50, 60 + 12 * i, 200, 70 + 12 * i)) for i in range(2)]
    right = [line("next", (215, 12 * i, 365, 10 + 12 * i)) for i in range(8)]
    assert [len(part) for part in columns([*left, *right])] == [2, 8]
