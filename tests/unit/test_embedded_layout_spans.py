"""What a page's text layer becomes: words, styles, lines; and what of it does not count."""

from __future__ import annotations

from typing import Any

import pytest
from embedded_layout_documents import new_page, reopened, write

from ocrx.engines.embedded.lines import TextLine, Word
from ocrx.engines.embedded.spans import layer_text, upright_turn
from ocrx.raster import load_pymupdf


def words(page: Any) -> list[Word]:
    found = layer_text(reopened(page.parent)[0])
    return [word for line in found.lines for word in line.words]


def word(page: Any, text: str) -> Word:
    return next(word for word in words(page) if word.text == text)


def lines(page: Any) -> list[TextLine]:
    return list(layer_text(reopened(page.parent)[0]).lines)


@pytest.fixture
def page() -> Any:
    return new_page()


def test_bold_italic_and_mono_come_from_the_font(page: Any) -> None:
    write(page, (50, 50, 500, 200), "plain <b>strong</b> <i>slanted</i> <code>typed</code>")
    assert not word(page, "plain").bold
    assert word(page, "strong").bold
    assert word(page, "slanted").italic
    assert word(page, "typed").mono


def test_raised_and_lowered_digits_are_scripts_of_the_word_before(page: Any) -> None:
    write(page, (50, 50, 500, 200), "E = mc<sup>2</sup> and H<sub>2</sub>O")
    (line,) = lines(page)
    assert [w.script for w in line.words if w.text == "2"] == [1, -1]
    assert not any(w.blank_before for w in line.words if w.text == "2")
    assert line.text == "E = mc2 and H2O"


def test_only_safe_links_are_kept(page: Any) -> None:
    pymupdf = load_pymupdf()
    page.insert_text((50, 100), "here", fontsize=12)
    page.insert_text((50, 200), "there", fontsize=12)
    for top, uri in ((80, "https://example.org/a"), (180, "javascript:alert(1)")):
        rect = pymupdf.Rect(40, top, 120, top + 30)
        page.insert_link({"kind": pymupdf.LINK_URI, "from": rect, "uri": uri})
    assert word(page, "here").link == "https://example.org/a"
    assert word(page, "there").link is None


def test_invisible_text_is_counted_and_left_out(page: Any) -> None:
    page.insert_text((50, 100), "seen", fontsize=12)
    page.insert_text((50, 200), "unseen", fontsize=12, render_mode=3)
    found = layer_text(reopened(page.parent)[0])
    assert [w.text for line in found.lines for w in line.words] == ["seen"]
    assert (found.visible, found.hidden) == (4, 6)


def test_white_text_counts_only_on_a_dark_ground(page: Any) -> None:
    page.draw_rect((40, 80, 300, 110), fill=(0, 0, 0.4), color=None)
    page.insert_text((50, 100), "banner", fontsize=12, color=(1, 1, 1))
    page.insert_text((50, 200), "ghost", fontsize=12, color=(1, 1, 1))
    assert [w.text for w in words(page)] == ["banner"]


def test_text_outside_the_page_is_left_out(page: Any) -> None:
    page.insert_text((50, 100), "inside", fontsize=12)
    page.insert_text((700, 100), "outside", fontsize=12)
    page.set_cropbox((0, 0, 595, 400))
    page.insert_text((50, 600), "cropped", fontsize=12)
    assert [w.text for w in words(page)] == ["inside"]


def test_a_word_printed_twice_to_look_bold_counts_once(page: Any) -> None:
    page.insert_text((50, 100), "Heavy", fontsize=12)
    page.insert_text((50.3, 100), "Heavy", fontsize=12)
    assert [w.text for w in words(page)] == ["Heavy"]


def test_ligatures_are_letters_and_soft_hyphens_divide_only_at_line_ends(page: Any) -> None:
    write(page, (50, 50, 500, 200), "o\ufb03ce co\u00adoperate")
    assert "".join(w.text for w in words(page)) == "officecooperate"


def test_a_wide_gap_splits_a_line_so_that_columns_can_part(page: Any) -> None:
    page.insert_text((50, 100), "left column", fontsize=10)
    page.insert_text((300, 100), "right column", fontsize=10)
    assert sorted(line.text for line in lines(page)) == ["left column", "right column"]


@pytest.mark.parametrize(("rotate", "turn"), [(90, 90), (180, 180), (270, 270), (0, 0)])
def test_the_turn_that_makes_sideways_text_upright(page: Any, rotate: int, turn: int) -> None:
    page.insert_text((300, 400), "a line of text that runs its own way", rotate=rotate)
    assert upright_turn(layer_text(reopened(page.parent)[0])) == turn


def test_boxes_hug_the_letters(page: Any) -> None:
    page.insert_text((100, 200), "level", fontsize=20)
    (line,) = lines(page)
    assert line.size_pt == pytest.approx(20, abs=0.2)
    assert line.box[0] == pytest.approx(100, abs=2)
    assert 180 < line.box[1] < 190
    assert 200 < line.box[3] < 206


def test_characters_below_one_another_in_a_vertical_font_are_one_line(page: Any) -> None:
    document = page.parent
    page.insert_text((300, 100), "\u7e26\u66f8\u304d", fontname="japan", fontsize=12)
    page.insert_text((270, 100), "\u65e5\u672c\u8a9e", fontname="japan", fontsize=12)
    for xref in range(1, document.xref_length()):
        if document.xref_get_key(xref, "Subtype")[1] == "/Type0":
            encoding = document.xref_get_key(xref, "Encoding")[1]
            document.xref_set_key(xref, "Encoding", encoding.replace("-H", "-V"))
    found = lines(page)
    assert [line.text for line in found] == ["\u7e26\u66f8\u304d", "\u65e5\u672c\u8a9e"]
    assert all(line.vertical for line in found)
    assert upright_turn(layer_text(reopened(document)[0])) == 0


def test_letters_that_all_take_the_same_room_are_mono_under_any_name(page: Any) -> None:
    for index, letter in enumerate("iwmlabcdefgh"):  # Helvetica, each letter set 6 points on
        page.insert_text((50 + 6 * index, 100), letter, fontname="helv", fontsize=10)
    page.insert_text((50, 130), "illimitable mill", fontname="tiro", fontsize=10)
    found = words(page)
    assert all(w.mono for w in found if w.box[1] < 110)
    assert not any(w.mono for w in found if w.box[1] > 110)
