"""Pictures of pages made on the spot, and the one recogniser of the test run."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from ocrx.engines.embedded.recogniser import Recogniser
from ocrx.raster import load_pymupdf

ENGLISH = (
    "All happy families are alike; each unhappy family is unhappy in its own way. "
    "Everything was in confusion in the house. The wife had discovered that the husband "
    "was carrying on an intrigue with a girl who had been a governess in their family."
)
CHINESE = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。"
RUSSIAN = (
    "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива "
    "по-своему. Все смешалось в доме. Жена узнала, что муж был в связи с гувернанткой."
)
THAI = "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม"
GREEK = (
    "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. "
    "Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται."
)


@cache
def recogniser() -> Recogniser:
    """Load the models once for all tests of a process."""
    return Recogniser()


def page(html: str, *, size_pt: float = 11, dpi: int = 130, ink: str = "black") -> Image.Image:
    """Print HTML on a sheet of 420 x 300 points, in fonts that pymupdf carries."""
    document = load_pymupdf().open()
    sheet = document.new_page(width=420, height=300)
    style = f"font-size:{size_pt}px;color:{ink}"
    sheet.insert_htmlbox((40, 40, 380, 280), f'<div style="{style}">{html}</div>')
    return rendered(document, dpi)


def rendered(document: object, dpi: int = 130) -> Image.Image:
    """Render the first page and close the document."""
    pixels = document[0].get_pixmap(dpi=dpi)  # type: ignore[index]
    document.close()  # type: ignore[attr-defined]
    return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


def noisy(image: Image.Image, sigma: float = 25, blur: float = 0.8) -> Image.Image:
    """Blur a picture and sprinkle grey noise over it, the same every time."""
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(blur))).astype(float)
    pixels += np.random.default_rng(0).normal(0, sigma, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
