"""The parts around reading: slopes, gutters, ruling lines, words laid over their picture."""

from __future__ import annotations

import numpy as np
import pytest
from embedded_scan_pages import CHINESE
from PIL import Image, ImageDraw

from ocrx.engines.embedded.deskew import levelled_quads, skew_degrees
from ocrx.engines.embedded.gutters import LineBox, line_boxes
from ocrx.engines.embedded.lines import TextLine, Word
from ocrx.engines.embedded.overlay import overlay_page
from ocrx.engines.embedded.picture import PictureReading
from ocrx.engines.embedded.ruling import Ruling, rulings
from ocrx.engines.embedded.scripts import Tally, uncovered
from ocrx.engines.embedded.word_boxes import type_size


def quad(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def leaning(boxes: list[np.ndarray], degrees: float) -> np.ndarray:
    """Return the corners as they stand on a picture that leans clockwise."""
    return levelled_quads(np.stack(boxes), 1000, 1400, -degrees)


@pytest.mark.parametrize("degrees", [-7.0, -0.5, 0.0, 2.0])
def test_skew_is_the_slope_of_the_lines(degrees: float) -> None:
    boxes = [quad(100, y, 900, y + 30) for y in range(100, 1300, 60)]
    assert skew_degrees(leaning(boxes, degrees)) == pytest.approx(degrees, abs=0.05)


def test_a_few_slanted_words_do_not_outvote_level_lines() -> None:
    level = [quad(100, y, 900, y + 30) for y in range(100, 700, 60)]
    stamp = list(leaning([quad(100, y, 300, y + 30) for y in range(800, 1300, 60)], 20.0))
    assert skew_degrees(np.stack([*level, *stamp])) == pytest.approx(0.0, abs=0.01)


def test_two_short_boxes_say_nothing_of_the_slope() -> None:
    boxes = [quad(100, 100, 130, 130), quad(100, 200, 130, 230)]
    assert skew_degrees(leaning(boxes, 5.0)) == 0.0


def printed(rows: list[list[tuple[int, int]]], height: int = 30) -> np.ndarray:
    """Return ink of rows of words, each word (left, right), rows 50 px apart."""
    ink = np.zeros((50 * len(rows) + 50, 1000), np.bool_)
    for index, row in enumerate(rows):
        for left, right in row:
            ink[50 * index + 20 : 50 * index + 20 + height, left:right] = True
    return ink


def row_quad(index: int, left: int, right: int) -> np.ndarray:
    return quad(left, 50 * index + 15, right, 50 * index + 55)


def spans(boxes: list[LineBox], index: int) -> list[tuple[int, int]]:
    """Return the (left, right) of the boxes in one row."""
    return sorted((b.left, b.right) for b in boxes if 50 * index <= b.top < 50 * index + 50)


def test_lines_are_cut_at_a_narrow_gutter_that_all_rows_share() -> None:
    rows = [[(50, 200), (210, 480), (500, 700), (710, 950)] for _ in range(6)]
    boxes = line_boxes(np.stack([row_quad(i, 45, 955) for i in range(6)]), printed(rows))
    assert all(spans(boxes, i) == [(50, 480), (500, 950)] for i in range(6))


def test_a_line_is_not_cut_where_only_it_has_a_gap() -> None:
    rows = [[(50, 480 + 40 * i), (500 + 40 * i, 950)] for i in range(6)]
    boxes = line_boxes(np.stack([row_quad(i, 45, 955) for i in range(6)]), printed(rows))
    assert all(spans(boxes, i) == [(50, 950)] for i in range(6))


def test_a_line_is_cut_at_a_gap_no_blank_could_be() -> None:
    boxes = line_boxes(np.stack([row_quad(0, 45, 955)]), printed([[(50, 400), (480, 950)]]))
    assert spans(boxes, 0) == [(50, 400), (480, 950)]


def test_a_bullet_stays_with_its_line() -> None:
    rows = [[(50, 60), (100, 950)] for _ in range(5)]
    boxes = line_boxes(np.stack([row_quad(i, 45, 955) for i in range(5)]), printed(rows))
    assert all(spans(boxes, i) == [(50, 950)] for i in range(5))


def test_a_line_that_was_broken_between_words_is_mended() -> None:
    quads = np.stack([row_quad(0, 45, 405), row_quad(0, 408, 955)])
    boxes = line_boxes(quads, printed([[(50, 400), (412, 950)]]))
    assert spans(boxes, 0) == [(50, 950)]


def test_a_box_inside_another_is_dropped_and_one_without_ink_too() -> None:
    quads = np.stack([row_quad(0, 45, 955), row_quad(0, 300, 500), quad(10, 5, 40, 12)])
    boxes = line_boxes(quads, printed([[(50, 950)]]))
    assert [(b.left, b.right) for b in boxes] == [(50, 950)]


def ruled_table() -> Image.Image:
    """Return a grid of 3 x 2 cells at (100, 200) to (700, 500), with a word in each."""
    image = Image.new("RGB", (800, 1056), "white")
    draw = ImageDraw.Draw(image)
    for y in (200, 300, 400, 500):
        draw.line((100, y, 700, y), fill="black", width=2)
    for x in (100, 400, 700):
        draw.line((x, 200, x, 500), fill="black", width=2)
    for x in (150, 450):
        for y in (235, 335, 435):
            draw.text((x, y), "INTERNATIONAL", fill="black", font_size=30)
    return image


def test_ruling_lines_of_a_table_are_found_in_points() -> None:
    scale = 0.75
    found = rulings(ruled_table(), scale, (60, 130, 540, 400))
    across = [line for line in found if line.is_horizontal]
    down = [line for line in found if not line.is_horizontal]
    assert [line.top for line in across] == pytest.approx([150, 225, 300, 375], abs=1.5)
    assert sorted(line.left for line in down) == pytest.approx([75, 300, 525], abs=1.5)
    assert all(line.right - line.left == pytest.approx(450, abs=4) for line in across)


def test_rulings_outside_the_box_are_left_out() -> None:
    found = rulings(ruled_table(), 0.75, (60, 210, 540, 240))
    assert [line.top for line in found if line.is_horizontal] == pytest.approx([225], abs=1.5)
    assert rulings(ruled_table(), 0.75, (560, 500, 590, 700)) == ()


def reading_of(words: list[Word]) -> PictureReading:
    lines = tuple(TextLine(word.box, (word,), word.size_pt, 0.9) for word in words)
    return PictureReading(Image.new("RGB", (850, 1100), "white"), lines)


def test_every_word_lies_invisible_in_its_place() -> None:
    words = [
        Word("Hello", (72, 100, 110, 110), size_pt=12),
        Word("žluťoučký", (200, 100, 300, 112), size_pt=12),
        Word("(αβ)\\", (320, 100, 350, 112), size_pt=12),
        Word(CHINESE[:9], (72, 200, 250, 214), size_pt=14),
    ]
    document = overlay_page(reading_of(words))
    page = document[0]
    assert (page.rect.width, page.rect.height) == pytest.approx((612, 792), abs=0.1)
    shown = page.get_text("words")
    assert [word[4] for word in shown] == ["Hello", "zlutoucky", "(oo)\\", CHINESE[:9]]
    for word, box in zip(words, shown, strict=True):
        assert box[0] == pytest.approx(word.box[0], abs=0.1)
        assert box[2] == pytest.approx(word.box[2], abs=0.1)
        assert box[1] < (word.box[1] + word.box[3]) / 2 < box[3]
    assert min(page.get_pixmap().samples) == 255  # the picture alone is seen, and it is white
    document.close()


def test_given_ruling_lines_are_drawn() -> None:
    rules = [Ruling(100, 100, 500, 100), Ruling(100, 100, 100, 300)]
    document = overlay_page(reading_of([]), rules)
    drawn = [tuple(path["rect"]) for path in document[0].get_drawings()]
    document.close()
    assert drawn == [(100, 100, 500, 100), (100, 100, 100, 300)]


@pytest.mark.parametrize(
    ("text", "share"), [("axe", 0.48), ("Head", 0.70), ("Height", 0.92), ("国文", 0.92)]
)
def test_type_size_allows_for_the_letters_of_the_line(text: str, share: float) -> None:
    assert type_size(text, 12 * share) == pytest.approx(12)


def test_little_print_is_never_called_an_unknown_script() -> None:
    assert uncovered(Tally(5.0, 0.0), (), None) is None
    assert uncovered(Tally(50.0, 1.0), (), 0.95) is not None
    assert uncovered(Tally(50.0, 80.0), (), 0.95) is None
