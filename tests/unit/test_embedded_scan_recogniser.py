"""The models themselves: detection in strips, and reading in 8 bits first."""

from __future__ import annotations

import numpy as np
from embedded_scan_pages import ENGLISH, noisy, page, recogniser
from PIL import Image, ImageDraw, ImageFont

from ocrx.engines.embedded.orientation import crop_of
from ocrx.engines.embedded.recogniser import (
    CAREFUL,
    DOUBTED_LINES,
    Doubts,
    Recogniser,
    bundled_models,
)

LINES = 44


def test_strips_find_every_line_of_a_full_page_once() -> None:
    sheet = Image.new("RGB", (1440, 1984), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(26)
    for line in range(LINES):
        draw.text((60, 40 + 43 * line), f"Line {line}: {ENGLISH[:76]}", "black", font)
    for shift in (0, 11, 22, 33):  # so that cuts would fall anywhere in a line
        moved = np.roll(np.asarray(sheet), shift, axis=0)
        quads, _ = recogniser().detect(moved)
        tops = sorted(float(quad[:, 1].min()) for quad in quads)
        assert len(tops) == LINES
        assert max(np.abs(np.diff(tops) - 43)) < 12


def test_fast_and_full_recogniser_read_print_alike() -> None:
    full = Recogniser(bundled_models())
    assert full.charset() == recogniser().charset()
    for image in (page(ENGLISH), noisy(page(ENGLISH), 35, 1.2)):
        pixels = np.asarray(image)
        quads, _ = full.detect(pixels)
        crops = [crop_of(pixels, quad) for quad in quads]
        fast, slow = recogniser().read(crops), full.read(crops)
        assert len(fast) > 2
        assert [reading.text for reading in fast] == [reading.text for reading in slow]


def test_lines_that_8_bits_are_unsure_of_are_read_in_full() -> None:
    sheet = page(ENGLISH)
    full = Recogniser(bundled_models())
    quads, _ = full.detect(np.asarray(sheet))
    poor = np.asarray(noisy(sheet, 50, 2.4))
    crops = [crop_of(poor, quad) for quad in quads]
    pairs = list(zip(recogniser().read(crops), full.read(crops), strict=True))
    unsure = [(fast, slow) for fast, slow in pairs if slow.confidence < 0.9]
    assert unsure
    assert all(fast == slow for fast, slow in unsure)


def test_a_page_of_lines_that_8_bits_are_unsure_of_is_read_in_full_from_there_on() -> None:
    clear = np.asarray(page(ENGLISH))
    full = Recogniser(bundled_models())
    quads, _ = full.detect(clear)
    crop = crop_of(clear, quads[0])
    fast, slow = recogniser().read([crop])[0], full.read([crop])[0]
    assert fast.confidence != slow.confidence and fast.confidence >= CAREFUL
    poor = crop_of(np.asarray(noisy(page(ENGLISH), 50, 2.4)), quads[0])
    doubts = Doubts()
    readings = recogniser().read([poor] * DOUBTED_LINES + [crop], doubts)
    assert readings[-1] == slow
    assert doubts.lines == DOUBTED_LINES
    assert recogniser().read([crop]) == [fast]  # the next page is read as ever
