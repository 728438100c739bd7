"""Ruled tables of pictures that the layout model did not see."""

from __future__ import annotations

from embedded_layout_documents import new_page

from ocrx.engines.embedded.layout import Group
from ocrx.engines.embedded.lines import Rect, TextLine, Word
from ocrx.engines.embedded.ruled_tables import with_ruled_tables
from ocrx.engines.embedded.table_grids import Segment
from ocrx.parsing.region_dialect import RegionClass

LEVEL: list[Segment] = [(100.0, 100.0 + 20 * n, 400.0, 100.0 + 20 * n) for n in range(5)]
UPRIGHT: list[Segment] = [(x, 100.0, x, 180.0) for x in (100.0, 250.0, 400.0)]


def inside(segments: list[Segment], box: Rect) -> list[Segment]:
    return [s for s in segments if box[0] <= s[0] and s[2] <= box[2] and box[1] <= s[1] <= box[3]]


def found(
    segments: list[Segment], groups: tuple[Group, ...] = (), lines: tuple[TextLine, ...] = ()
) -> list[Rect]:
    page = new_page()
    done = with_ruled_tables(page, groups, lines, lambda box: inside(segments, box))
    return [group.box for group in done if group.region_class is RegionClass.TABLE]


def line(text: str, left: float, top: float) -> TextLine:
    words = tuple(
        Word(part, (left + 30 * i, top, left + 30 * i + 25, top + 10), i > 0, 10.0)
        for i, part in enumerate(text.split())
    )
    return TextLine((left, top, words[-1].box[2], top + 10), words, 10.0)


def test_a_frame_with_columns_is_a_table() -> None:
    assert found(LEVEL + UPRIGHT) == [(97.0, 97.0, 403.0, 183.0)]


def test_rules_between_paragraphs_are_no_table() -> None:
    text = tuple(line("the ships that lay here at anchor", 100, 104 + 20 * n) for n in range(4))
    assert found(LEVEL, lines=text) == []


def test_rules_around_short_entries_side_by_side_are_a_table() -> None:
    entries = tuple(line("wool", x, 104 + 20 * n) for n in range(4) for x in (110, 200, 300))
    assert len(found(LEVEL, lines=entries)) == 1


def test_a_table_that_was_seen_is_not_found_again() -> None:
    seen = Group(RegionClass.TABLE, (95.0, 95.0, 410.0, 190.0), (), 0)
    assert found(LEVEL + UPRIGHT, (seen,)) == [seen.box]


def test_a_table_taken_for_a_picture_is_a_table() -> None:
    picture = Group(RegionClass.PICTURE, (95.0, 95.0, 410.0, 190.0), (), 0)
    entries = tuple(line("wool", x, 104 + 20 * n) for n in range(4) for x in (110, 300))
    assert len(found(LEVEL + UPRIGHT, (picture,), entries)) == 1
    assert found(LEVEL + UPRIGHT, (picture,)) == [], "the gridlines of a chart frame no entries"
