"""A Page becomes pixels: documents are opened, measured, decoded and rendered here, in workers.

Everything raised is an ``OcrxError`` that names file and page. Which views are cut from the
pixels is for ``views``; what the text layer says is for the engines, through ``open_pdf_page``.
"""

from __future__ import annotations

import io

from PIL import Image

from ocrx.document import BoundingBox, Page, Source, SourceKind
from ocrx.raster.image import decode_image_page, probe_image
from ocrx.raster.ink import ink_coverage
from ocrx.raster.limits import MAX_PAGES, MAX_PIXELS, doubts_of
from ocrx.raster.mupdf import load_pymupdf
from ocrx.raster.pdf import (
    close_pdf,
    open_pdf,
    open_pdf_page,
    probe_pdf,
    render_pdf_page,
    was_repaired,
)

__all__ = [
    "MAX_PAGES",
    "MAX_PIXELS",
    "close_pdf",
    "crop_png",
    "doubts_of",
    "ink_coverage",
    "load_pymupdf",
    "open_page_image",
    "open_pdf",
    "open_pdf_page",
    "probe",
    "turn_clockwise",
    "was_repaired",
]

_QUARTERS = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns the other way round
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def probe(source: Source) -> tuple[Page, ...]:
    """Return the pages of a document with their upright sizes, decoding none of them.

    Raises:
        EncryptedSourceError: a PDF that needs a password, or another one.
        LimitError: too many pages or pixels.
        SourceError: broken, without pages, or changed since it was opened.
    """
    if source.kind is SourceKind.PDF:
        return probe_pdf(source)
    return probe_image(source)


def open_page_image(page: Page, *, long_side_px: int | None = None) -> Image.Image:
    """Return a page as a person sees it: an upright picture in mode RGB.

    Without ``long_side_px`` it has the size that view plans are made for
    (``modes.picture_size_px``). With it, a PDF page is rendered so that its longer side has that
    many pixels (never over 1200 dpi); an image is reduced to it but never enlarged. What is wrong
    with a picture that could still be decoded is in ``doubts_of(image)``.

    Raises:
        OcrxError: the page cannot be had; names file and page.
    """
    if page.source.kind is SourceKind.PDF:
        return render_pdf_page(page, long_side_px)
    return decode_image_page(page, long_side_px)


def turn_clockwise(image: Image.Image, degrees: int) -> Image.Image:
    """Return a picture turned by whole quarters; one that stays as it is is not copied."""
    return image.transpose(_QUARTERS[degrees % 360]) if degrees % 360 else image


def crop_png(image: Image.Image, bbox: BoundingBox, *, turned_degrees: int = 0) -> bytes:
    """Return a part of a page's picture as PNG, at least 1 x 1 px.

    ``bbox`` is relative to the picture turned clockwise by ``turned_degrees`` (0, 90, 180, 270).
    """
    image = turn_clockwise(image, turned_degrees)
    left = min(max(0, int(bbox.left * image.width)), image.width - 1)
    top = min(max(0, int(bbox.top * image.height)), image.height - 1)
    right = min(max(left + 1, round(bbox.right * image.width)), image.width)
    bottom = min(max(top + 1, round(bbox.bottom * image.height)), image.height)
    out = io.BytesIO()
    crop = image.crop((left, top, right, bottom))
    crop.info = {}
    crop.save(out, "PNG")
    return out.getvalue()
