"""Reading pictures: text and boxes of pages as they come from scanners, cameras and screens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from embedded_scan_pages import CHINESE, ENGLISH, noisy, page, recogniser
from PIL import Image, ImageDraw, ImageOps
from rapidfuzz.distance import Levenshtein

from ocrx.engines.embedded.recogniser import Recogniser
from ocrx.engines.embedded.scan import PictureReading, read_picture
from ocrx.errors import MissingRequirementError
from ocrx.raster import load_pymupdf


def text_of(reading: PictureReading) -> str:
    return " ".join(line.text for line in reading.lines)


def errors(reading: PictureReading, truth: str) -> float:
    return Levenshtein.normalized_distance(text_of(reading), truth)


def test_a_clean_page_is_read_without_an_error() -> None:
    reading = read_picture(page(ENGLISH), recogniser())
    assert text_of(reading) == ENGLISH
    assert reading.confidence is not None and reading.confidence > 0.97
    assert (reading.turned_degrees, reading.skew_degrees) == (0, 0.0)
    assert reading.uncovered_script is None


def test_a_noisy_page_is_read_with_few_errors() -> None:
    assert errors(read_picture(noisy(page(ENGLISH)), recogniser()), ENGLISH) < 0.02


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_put_upright(turn: int) -> None:
    upright = page(ENGLISH)
    reading = read_picture(upright.rotate(turn, expand=True), recogniser())  # counterclockwise
    assert reading.turned_degrees == turn
    assert reading.image.size == upright.size
    assert errors(reading, ENGLISH) < 0.02


@pytest.mark.parametrize("lean", [-4.0, 1.5])
def test_a_leaning_page_is_levelled(lean: float) -> None:
    leaning = page(ENGLISH).rotate(-lean, expand=True, fillcolor="white", resample=3)
    reading = read_picture(leaning, recogniser())
    assert reading.skew_degrees == pytest.approx(lean, abs=0.25)
    assert errors(reading, ENGLISH) < 0.02
    lefts = [line.box[0] for line in reading.lines]
    assert max(lefts) - min(lefts) < 4  # the margin is straight again


def test_light_print_on_a_dark_ground_is_read_and_the_picture_kept_dark() -> None:
    reading = read_picture(ImageOps.invert(page(ENGLISH)), recogniser())
    assert errors(reading, ENGLISH) < 0.02
    assert np.asarray(reading.image).mean() < 100


def test_pale_print_is_read() -> None:
    assert errors(read_picture(page(ENGLISH, ink="#d0d0d0"), recogniser()), ENGLISH) < 0.02


def test_a_blank_page_has_no_lines_and_asks_no_model() -> None:
    class NoModel:
        def detect(self, rgb: object) -> None:
            raise AssertionError("a blank page needs no detector")

    blank = Image.new("RGB", (1000, 1400), (250, 248, 240))
    reading = read_picture(blank, NoModel())  # type: ignore[arg-type]
    assert (reading.lines, reading.confidence) == ((), None)


def test_specks_and_paper_grain_are_blank() -> None:
    pixels = np.full((1400, 1000, 3), 245, np.uint8)
    grain = np.random.default_rng(1)
    pixels[grain.integers(0, 1400, 60), grain.integers(0, 1000, 60)] = 60
    assert read_picture(Image.fromarray(pixels), recogniser()).lines == ()


def test_a_tiny_crop_is_enlarged_and_read() -> None:
    whole = page("Total amount 1,234.56", dpi=90)
    box = ImageOps.invert(whole.convert("L")).getbbox()
    assert box is not None
    crop = whole.crop(box)  # print that touches the edges
    assert crop.height < 20
    assert text_of(read_picture(crop, recogniser())) == "Total amount 1,234.56"


def test_chinese_lines_have_no_blanks() -> None:
    reading = read_picture(page(CHINESE, size_pt=13), recogniser())
    assert "".join(line.text for line in reading.lines) == CHINESE


def test_columns_that_run_down_the_page_are_upright_and_read() -> None:
    columns = [
        "吾輩は猫である名前はまだ無い",
        "見当がつかぬ何でも薄暗い所で",
        "始めて人間というものを見た所",
    ]
    document = load_pymupdf().open()
    sheet = document.new_page(width=300, height=360)
    for index, column in enumerate(columns):
        for row, character in enumerate(column):
            place = (220 - 50 * index, 50 + 20 * row)
            sheet.insert_text(place, character, fontname="japan", fontsize=18)
    pixels = sheet.get_pixmap(dpi=140)
    document.close()
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    reading = read_picture(image, recogniser())
    assert reading.turned_degrees == 0
    assert all(line.vertical for line in reading.lines)
    rightmost_first = sorted(reading.lines, key=lambda line: -line.box[0])
    assert [line.text for line in rightmost_first] == columns


def test_words_stand_where_they_are_printed() -> None:
    document = load_pymupdf().open()
    sheet = document.new_page(width=612, height=792)
    printed = "The quick brown fox jumps over the lazy dog"
    sheet.insert_text((72, 300), printed, fontsize=14)
    truth = [word[:4] for word in sheet.get_text("words")]
    pixels = sheet.get_pixmap(dpi=140)
    document.close()
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    (line,) = read_picture(image, recogniser()).lines
    assert [word.text for word in line.words] == printed.split()
    assert [word.blank_before for word in line.words] == [False] + [True] * 8
    for word, box in zip(line.words, truth, strict=True):  # 792 points high: the same points
        assert word.box[0] == pytest.approx(box[0], abs=2)
        assert word.box[2] == pytest.approx(box[2], abs=2)
        assert box[1] <= word.box[1] < word.box[3] <= box[3]
    assert line.size_pt == pytest.approx(14, rel=0.15)


def test_narrow_columns_are_read_apart() -> None:
    document = load_pymupdf().open()
    sheet = document.new_page(width=420, height=300)
    left = ["The wolves came down", "from the hills in the", "cold of the morning and", "drank"]
    right = ["A letter was brought", "by a boy who had run", "all the way from the", "station"]
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        y = 60 + 13 * row
        sheet.insert_text((40, y), one, fontsize=11)
        sheet.insert_text((164, y), other, fontsize=11)
    pixels = sheet.get_pixmap(dpi=150)
    document.close()
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    lines = read_picture(image, recogniser()).lines
    middle = 160 * 792 / 420
    assert [line.text for line in lines if line.box[2] < middle] == left
    assert [line.text for line in lines if line.box[0] > middle] == right


def test_a_picture_without_text_has_no_confident_lines() -> None:
    picture = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(picture).ellipse((80, 80, 320, 320), fill="red")
    assert read_picture(picture, recogniser()).lines == ()


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingRequirementError, match=r"PP-OCRv6_det_small\.onnx"):
        Recogniser(tmp_path)


def test_the_charset_says_what_can_be_read() -> None:
    charset = recogniser().charset()
    assert set("aZ9 é中あα") <= charset
    assert not set("Ж한ب") & charset


def test_loading_and_reading_print_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    read_picture(page("Nothing else"), Recogniser())
    assert capfd.readouterr().out == ""
