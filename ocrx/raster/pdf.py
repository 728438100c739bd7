"""PDF documents: opened once a worker, their pages measured and rendered upright.

No JavaScript runs (MuPDF's engine is never switched on) and no embedded file is opened.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from ocrx.document import Page, Source
from ocrx.errors import EncryptedSourceError, LimitError, SourceError
from ocrx.modes import POINTS_PER_INCH, picture_size_px
from ocrx.raster.failures import naming
from ocrx.raster.limits import MAX_PAGES, MAX_PIXELS
from ocrx.raster.mupdf import load_pymupdf, trim_store
from ocrx.source import check_unchanged, describe_place

_LETTER_PT = (612.0, 792.0)  # what readers assume where a page says nothing sensible
_MAX_RENDER_DPI = 1200
_USES_BETWEEN_TRIMS = 8
_HOW_TO_UNLOCK = "--password or --password-file"


@contextmanager
def open_pdf(source: Source) -> Iterator[Any]:
    """Yield the document as a ``pymupdf.Document``; the last one stays open for its next page.

    Do not close or change it. Whatever the library raises inside leaves as an ``OcrxError``, and
    the document is then opened anew.

    Raises:
        SourceChangedError: the file is not the one that was hashed.
        EncryptedSourceError: no password or the wrong one.
        SourceError: broken beyond repair, or without pages.
    """
    check_unchanged(source)
    try:
        with naming(source):
            kept = _opened(source)
            yield kept.document
            kept.note_use()
    except BaseException:
        close_pdf()
        raise


@contextmanager
def open_pdf_page(page: Page) -> Iterator[Any]:
    """Yield one page as a ``pymupdf.Page``; failures name the page. See ``open_pdf``."""
    with open_pdf(page.source) as document, naming(page.source, page.index):
        pdf_page = document.load_page(page.index)
        # MuPDF shows a page whose object it cannot load (nested too deeply) as an empty one.
        document.xref_get_key(pdf_page.xref, "Type")
        yield pdf_page


def close_pdf() -> None:
    """Close the document that is kept open, if any, and free what was cached for it."""
    _opened.cache_clear()
    trim_store(load_pymupdf())


def probe_pdf(source: Source) -> tuple[Page, ...]:
    """Return the document's pages; one that cannot be measured counts as a letter page.

    Raises:
        LimitError: more than ``MAX_PAGES``.
        SourceError: see ``open_pdf``.
    """
    with open_pdf(source) as document:
        sizes = [_size_pt(document, index) for index in range(document.page_count)]
    return tuple(Page(source, index, *size) for index, size in enumerate(sizes))


def was_repaired(source: Source) -> bool:
    """Whether the PDF was damaged, so that its objects had to be searched for."""
    with open_pdf(source) as document:
        return bool(document.is_repaired)


def render_pdf_page(page: Page, long_side_px: int | None = None) -> Image.Image:
    """Return the page as a person sees it: rotated, cropped, with annotations, RGB over white.

    Without ``long_side_px`` it has the size that view plans are made for
    (``modes.picture_size_px``). Never more than 1200 dpi: a page of 3 x 3 points needs no 2000 px.

    Raises:
        SourceError: see ``open_pdf``.
    """
    with open_pdf_page(page) as pdf_page:
        pymupdf = load_pymupdf()
        rect = pdf_page.rect
        zoom = _zoom(rect.width, rect.height, long_side_px)
        pixmap = pdf_page.get_pixmap(
            matrix=pymupdf.Matrix(zoom, zoom),
            colorspace=pymupdf.csRGB,
            alpha=False,
            annots=True,
        )
        if pixmap.width < 1 or pixmap.height < 1:
            raise SourceError(f"{describe_place(page.source, page.index)}: has no area")
        return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


class _KeptDocument:
    """An open document and how often it was used, for MuPDF's cache to be emptied now and then.

    Emptying it costs the next page 15 ms for its fonts; never emptying it, up to 256 MB.
    """

    def __init__(self, document: Any) -> None:
        self.document = document
        self._uses = 0

    def note_use(self) -> None:
        self._uses += 1
        if self._uses % _USES_BETWEEN_TRIMS == 0:
            trim_store(load_pymupdf())


@lru_cache(maxsize=1)
def _opened(source: Source) -> _KeptDocument:
    pymupdf = load_pymupdf()
    trim_store(pymupdf)
    where = describe_place(source)
    document = _open_path(pymupdf, source.path, where)
    if document.needs_pass:
        _unlock(document, source.password, where)
    if not document.is_pdf:
        raise SourceError(f"{where}: is no PDF")
    if document.page_count < 1:
        raise SourceError(f"{where}: has no pages, or is too broken to find them")
    if document.page_count > MAX_PAGES:
        raise LimitError(f"{where}: has {document.page_count} pages, the most is {MAX_PAGES}")
    return _KeptDocument(document)


def _open_path(pymupdf: Any, path: str, where: str) -> Any:
    """MuPDF takes names in UTF-8 only: a file of another name goes through memory."""
    try:
        if _is_utf8(path):
            return pymupdf.open(path, filetype="pdf")
        return pymupdf.open(stream=Path(path).read_bytes(), filetype="pdf")
    except pymupdf.FileDataError as error:  # says no more than the path, which may be a copy's
        raise SourceError(f"{where}: is too broken to be opened as a PDF") from error


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unlock(document: Any, password: str | None, where: str) -> None:
    if password is None:
        raise EncryptedSourceError(f"{where}: is encrypted, give {_HOW_TO_UNLOCK}")
    if not document.authenticate(password):
        raise EncryptedSourceError(
            f"{where}: the password does not open it, check {_HOW_TO_UNLOCK}"
        )


def _size_pt(document: Any, index: int) -> tuple[float, float]:
    """Measure a page without ever failing: a broken page fails when it is read, on its own."""
    try:
        rect = document.load_page(index).rect
        width, height = float(rect.width), float(rect.height)
    except Exception:  # noqa: BLE001 - recorded when the page is read
        return _LETTER_PT
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        return _LETTER_PT
    return width, height


def _zoom(width_pt: float, height_pt: float, long_side_px: int | None) -> float:
    """Pixels a point, within 1200 dpi and ``MAX_PIXELS``."""
    long_side_pt = max(width_pt, height_pt)
    if long_side_px is None:
        long_side_px = max(picture_size_px(width_pt, height_pt, points=True))
    zoom = min(long_side_px / long_side_pt, _MAX_RENDER_DPI / POINTS_PER_INCH)
    return min(zoom, math.sqrt(MAX_PIXELS / (width_pt * height_pt)))
