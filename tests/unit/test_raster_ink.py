"""Blank pages are far below the threshold, pages with the least print above it."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from ocrx.raster import ink_coverage
from ocrx.verification import BLANK_INK

A4 = (1190, 1684)  # at 144 dpi: 2 px a point
A4_300_DPI = (2480, 3508)
OLD_PAPER = (238, 234, 224)


def paper(color=(255, 255, 255), size=A4):
    return Image.new("RGB", size, color)


def noisy(image, sigma=4.0):
    values = np.asarray(image).astype(np.float32)
    noise = np.random.default_rng(7).normal(0, sigma, values.shape[:2]).astype(np.float32)
    return Image.fromarray(np.clip(values + noise[..., None], 0, 255).astype(np.uint8))


def shaded(image, across):
    """Multiply by a curve of brightness across the page."""
    factors = np.interp(np.arange(image.width), *zip(*across, strict=True)).astype(np.float32)
    return Image.fromarray((np.asarray(image) * factors[None, :, None]).astype(np.uint8))


def dusty(image, largest_px):
    draw, random = ImageDraw.Draw(image), np.random.default_rng(7)
    for _ in range(200):
        x, y = random.integers(0, image.width), random.integers(0, image.height)
        edge = int(random.integers(0, largest_px))
        draw.ellipse((x, y, x + edge, y + edge), fill=(60, 60, 60))
    return image


def as_jpeg(image):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=30)
    return Image.open(out).convert("RGB")


def with_text(image, text, size_px, place=None, fill=(20, 20, 20)):
    place = place or (image.width // 2, image.height * 24 // 25)
    ImageDraw.Draw(image).text(place, text, fill=fill, font_size=size_px)
    return image


def with_other_side(image):
    """What is printed on the other side shines through, blurred."""
    other = paper()
    for y in range(100, 1500, 36):
        with_text(other, "What stands on the other side of this sheet", 24, (100, y))
    shine = ImageOps.mirror(other).filter(ImageFilter.GaussianBlur(3))
    return Image.blend(image, shine, 0.1)


def with_pencil_line(image):
    ImageDraw.Draw(image).line((300, 800, 700, 790), fill=(202, 200, 196), width=2)
    return image


BLANK = {
    "white": lambda: paper(),
    "cream": lambda: paper((245, 235, 210)),
    "black": lambda: paper((0, 0, 0)),
    "noise": lambda: noisy(paper(OLD_PAPER), 8),
    "strong noise": lambda: noisy(paper(OLD_PAPER), 15),
    "jpeg of a scan": lambda: as_jpeg(noisy(paper(OLD_PAPER, A4_300_DPI), 8)),
    "dust": lambda: dusty(noisy(paper(OLD_PAPER)), 3),
    "dust at 300 dpi": lambda: dusty(noisy(paper(OLD_PAPER, A4_300_DPI)), 6),
    "uneven light": lambda: noisy(shaded(paper(OLD_PAPER), [(0, 1), (A4[0], 0.5)])),
    "soft shadow": lambda: noisy(shaded(paper(OLD_PAPER), [(0, 0.5), (150, 1)])),
    "black border": lambda: noisy(shaded(paper(OLD_PAPER), [(40, 0.05), (41, 1)])),
    "border and shadow": lambda: noisy(
        shaded(paper(OLD_PAPER), [(25, 0.05), (26, 1), (1050, 1), (1190, 0.4)])
    ),
    "other side": lambda: noisy(with_other_side(paper(OLD_PAPER))),
    "one pixel": lambda: paper(size=(1, 1)),
}
PRINTED = {
    "page number": lambda: with_text(paper(), "1", 16),
    "smallest digit": lambda: with_text(paper(), "1", 12),
    "page number on a noisy scan": lambda: noisy(with_text(paper(OLD_PAPER), "7", 18), 8),
    "page number at 300 dpi": lambda: noisy(with_text(paper(OLD_PAPER, A4_300_DPI), "12", 38), 8),
    "number beside a shadow": lambda: noisy(
        with_text(shaded(paper(OLD_PAPER), [(0, 0.4), (60, 1)]), "3", 18)
    ),
    "word": lambda: with_text(paper(), "Appendix", 24),
    "faint word": lambda: noisy(with_text(paper(OLD_PAPER), "Draft", 24, fill=(198, 196, 190))),
    "yellow word": lambda: with_text(paper(), "Gelb", 24, fill=(255, 255, 120)),
    "white on black": lambda: with_text(paper((0, 0, 0)), "End", 24, fill=(255, 255, 255)),
    "pencil line": lambda: noisy(with_pencil_line(paper(OLD_PAPER))),
    "word on a strip": lambda: with_text(paper(size=(200, 40)), "Hello", 20, (10, 8)),
}


@pytest.mark.parametrize("name", BLANK)
def test_a_blank_page_has_no_ink(name):
    assert ink_coverage(BLANK[name]()) < BLANK_INK / 2


@pytest.mark.parametrize("name", PRINTED)
def test_the_least_print_is_ink(name):
    assert ink_coverage(PRINTED[name]()) > 2 * BLANK_INK


@pytest.mark.parametrize("text", ["Hello world this is a strip", "x", "1", "a b c"])
def test_print_that_touches_every_edge_is_ink(text):
    picture = with_text(paper(size=(900, 60)), text, 20, (20, 20))
    tight = picture.crop(ImageOps.invert(picture.convert("L")).getbbox())
    assert ink_coverage(tight) > 0.3
    assert ink_coverage(tight.rotate(90, expand=True)) > 0.3


def test_any_mode_is_measured():
    assert ink_coverage(with_text(Image.new("1", A4, 1), "4", 22, fill=0)) > 2 * BLANK_INK
    assert ink_coverage(Image.new("L", A4, 230)) == 0.0
