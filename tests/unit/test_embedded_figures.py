"""Figures of a scan are found in its pixels, keep their labels, and take no text along."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrx.document import Block, BlockKind, Document
from ocrx.engines.embedded.figures import figures_in
from ocrx.library import convert_with_assets

WIDTH, HEIGHT = 1240, 1754
CHART = (260, 450, 980, 830)
PHOTOGRAPH = (220, 1180, 600, 1480)
SENTENCE = "The quick brown fox jumps over the lazy dog and runs away"


def scanned(image: Image.Image, degrees: float) -> Image.Image:
    noise = np.random.default_rng(2).normal(0, 7, (HEIGHT, WIDTH))
    grain = np.clip(np.asarray(image, float) + noise, 0, 255).astype(np.uint8)
    turned = Image.fromarray(grain).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=245)
    return turned


def page_with_figures() -> Image.Image:
    image = Image.new("L", (WIDTH, HEIGHT), 245)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(24)
    for top in (*range(110, 400, 40), *range(980, 1140, 40), *range(1560, 1680, 40)):
        draw.text((150, top), SENTENCE, font=font, fill=20)
    left, top, right, bottom = CHART
    draw.rectangle(CHART, outline=30, width=3)
    wave = [(x, (top + bottom) / 2 - 150 * math.sin(x / 60)) for x in range(left, right, 5)]
    draw.line(wave, fill=40, width=4)
    draw.text((left + 20, top + 15), "Signal", font=font, fill=20)
    draw.text((left, bottom + 50), "Figure 1: The signal over time.", font=font, fill=20)
    left, top, right, bottom = PHOTOGRAPH
    tones = np.linspace(50, 200, right - left)[None, :].repeat(bottom - top, axis=0)
    tones += np.random.default_rng(1).normal(0, 30, tones.shape)
    photograph = Image.fromarray(np.clip(tones, 0, 255).astype(np.uint8))
    image.paste(photograph.filter(ImageFilter.GaussianBlur(3)), (left, top))
    draw.text((left, bottom + 20), "Figure 2: A photograph.", font=font, fill=20)
    return image


def of_kind(document: Document, kind: BlockKind) -> list[Block]:
    return [block for block in document.pages[0].blocks if block.kind is kind]


@pytest.mark.parametrize("degrees", [0.0, 0.7])
def test_a_scan_keeps_its_figures_and_all_its_text(tmp_path: Path, degrees: float) -> None:
    path = tmp_path / "scan.png"
    scanned(page_with_figures(), degrees).save(path)
    document, assets = convert_with_assets(str(path))
    figures = of_kind(document, BlockKind.FIGURE)
    assert [figure.asset in assets for figure in figures] == [True, True]
    for figure, (left, top, right, bottom) in zip(figures, (CHART, PHOTOGRAPH), strict=True):
        assert figure.bbox is not None
        found = (figure.bbox.left, figure.bbox.top, figure.bbox.right, figure.bbox.bottom)
        true = (left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)
        assert found == pytest.approx(true, abs=0.03)
    assert figures[0].text == "Signal"
    captions = [block.text for block in of_kind(document, BlockKind.CAPTION)]
    assert captions == ["Figure 1: The signal over time.", "Figure 2: A photograph."]
    text = " ".join(block.text for block in document.pages[0].blocks)
    assert text.count("quick brown fox") == 8 + 4 + 3


def test_rules_and_the_shadow_of_a_binding_are_no_figures() -> None:
    image = Image.new("L", (WIDTH, HEIGHT), 245)
    draw = ImageDraw.Draw(image)
    for top in range(200, 700, 60):
        draw.line((200, top, 1000, top), fill=30, width=3)
    for left in range(200, 1001, 200):
        draw.line((left, 200, left, 680), fill=30, width=3)
    draw.polygon([(0, 0), (140, 0), (60, 90), (30, HEIGHT), (0, HEIGHT)], fill=60)
    assert figures_in(scanned(image, 0.0).convert("RGB"), (), 792 / HEIGHT) == ()


def test_a_picture_that_runs_off_the_page_is_a_figure() -> None:
    image = Image.new("L", (WIDTH, HEIGHT), 245)
    ImageDraw.Draw(image).rectangle((0, 0, 700, 500), fill=110)
    (box,) = figures_in(scanned(image, 0.0).convert("RGB"), (), 792 / HEIGHT)
    assert box == pytest.approx((0, 0, 700 * 792 / HEIGHT, 500 * 792 / HEIGHT), abs=8)
