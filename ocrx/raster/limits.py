"""Caps on what a document may ask for, and the doubts that a picture carries along."""

from __future__ import annotations

from PIL import Image

MAX_PAGES = 20_000
MAX_PIXELS = 150_000_000  # an A0 sheet at 300 dpi has 140 million
_DOUBTS = "ocrx doubts"


def doubts_of(image: Image.Image) -> tuple[str, ...]:
    """Return what is wrong with a decoded picture, one sentence each (``the file is cut short``).

    Kept through ``resize``, ``crop``, ``convert`` and ``copy``.
    """
    found = image.info.get(_DOUBTS, ())
    return found if isinstance(found, tuple) else ()


def with_doubt(image: Image.Image, doubt: str) -> Image.Image:
    """Attach one more doubt to the picture and return it."""
    image.info[_DOUBTS] = (*doubts_of(image), doubt)
    return image
