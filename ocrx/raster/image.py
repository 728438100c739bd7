"""Pictures: their pages, and one page decoded right: upright, RGB over white, readable.

Only the formats below are ever tried: Pillow knows others that start programs (EPS).
"""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFile

from ocrx.document import Page, Source
from ocrx.errors import LimitError, SourceError
from ocrx.raster.failures import naming
from ocrx.raster.limits import MAX_PAGES, MAX_PIXELS, doubts_of, with_doubt
from ocrx.raster.tones import to_gray_or_rgb, whiten_missing
from ocrx.source import check_unchanged, describe_place

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "JPEG2000", "TIFF", "AVIF", "HEIF", "PPM")
CUT_SHORT = "the picture file is cut short or damaged: only part of the page could be decoded"
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUIET = logging.NullHandler()


def probe_image(source: Source) -> tuple[Page, ...]:
    """Return the pages of a picture from its headers alone: every page of a TIFF, else one.

    Of an animation only the first frame counts.

    Raises:
        LimitError: no page is within ``MAX_PIXELS``, or there are more than ``MAX_PAGES``.
        SourceError: not decodable, or without pixels.
    """
    check_unchanged(source)
    with naming(source), _opened(source) as image:
        sizes = list(_sizes(source, image))
    where = describe_place(source)
    if not sizes or all(0 in size for size in sizes):
        raise SourceError(f"{where}: has no pixels")
    if all(width * height > MAX_PIXELS for width, height in sizes):
        raise _too_large(where, *sizes[0])
    return tuple(Page(source, index, *size) for index, size in enumerate(sizes))


def decode_image_page(page: Page, long_side_px: int | None = None) -> Image.Image:
    """Return one page of a picture upright, in mode RGB, at most ``long_side_px`` long.

    It is never enlarged. What is left of a damaged file is decoded, and ``doubts_of`` says so.

    Raises:
        LimitError: more than ``MAX_PIXELS``.
        SourceError: nothing could be decoded.
    """
    check_unchanged(page.source)
    with naming(page.source, page.index):
        try:
            return _decoded(page, long_side_px)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            if isinstance(error, FileNotFoundError | PermissionError):
                raise
            return _decoded_as_far_as_it_goes(page, long_side_px)


def _decoded(page: Page, long_side_px: int | None) -> Image.Image:
    with _opened(page.source) as image:
        if page.index:
            image.seek(page.index)
        width, height = image.size
        where = describe_place(page.source, page.index)
        if width < 1 or height < 1:
            raise SourceError(f"{where}: has no pixels")
        if width * height > MAX_PIXELS:
            raise _too_large(where, width, height)
        turn = _TURNS.get(_orientation(image))
        if long_side_px is not None:
            image.draft(None, (long_side_px, long_side_px))  # JPEG: decode at 1/2, 1/4, 1/8
        with _quiet_codec(image):
            image.load()
            plain = to_gray_or_rgb(image, page.source.path)
        if turn is not None:
            plain = plain.transpose(turn)
        return _clean(_fit(plain, long_side_px).convert("RGB"))


def _decoded_as_far_as_it_goes(page: Page, long_side_px: int | None) -> Image.Image:
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # Pillow offers no other way to say it
    try:
        image = _decoded(page, long_side_px)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
    return with_doubt(whiten_missing(image), CUT_SHORT)


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    import pillow_heif

    pillow_heif.register_heif_opener()
    logging.getLogger("PIL").addHandler(_QUIET)  # else its complaints go to standard error
    with Path(source.path).open("rb") as file, Image.open(file, formats=FORMATS) as image:
        yield image


@contextmanager
def _quiet_codec(image: Image.Image) -> Iterator[None]:
    """Keep off the terminal what libtiff and OpenCV write to file descriptor 2 themselves."""
    if image.format not in ("TIFF", "PNG") or not _has_standard_error(image):
        yield
        return
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _has_standard_error(image: Image.Image) -> bool:
    """Say whether 2 is standard error: where that is closed, the picture itself may be file 2."""
    try:
        return not os.path.sameopenfile(2, image.fp.fileno())  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        return False


def _sizes(source: Source, image: Image.Image) -> Iterator[tuple[int, int]]:
    yield _upright_size(image)
    if image.format != "TIFF":
        return
    for index in range(1, MAX_PAGES + 1):
        try:
            image.seek(index)
        except EOFError:
            return
        except (OSError, SyntaxError, ValueError, KeyError, TypeError):
            # The chain of pages is broken here: a page that fails when it is read says so.
            yield _upright_size(image)
            return
        yield _upright_size(image)
    raise LimitError(f"{describe_place(source)}: has more than {MAX_PAGES} pages")


def _upright_size(image: Image.Image) -> tuple[int, int]:
    """Swap the sides where EXIF turns the picture by a quarter."""
    width, height = image.size
    return (height, width) if _orientation(image) in _SIDEWAYS else (width, height)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation that is still to be applied, 1 where there is none.

    Pillow turns a TIFF by itself. For a PNG it would decode the whole picture to look for EXIF
    behind the pixels, hence only what stands before them counts.
    """
    if image.format == "TIFF" or (image.format == "PNG" and "exif" not in image.info):
        return 1
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except (SyntaxError, ValueError, KeyError, OSError, struct.error):
        return 1  # a broken note about a picture does not break the picture
    return value if isinstance(value, int) else 1


def _fit(image: Image.Image, long_side_px: int | None) -> Image.Image:
    long_side = max(image.size)
    if long_side_px is None or long_side <= long_side_px:
        return image
    scale = long_side_px / long_side
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _clean(image: Image.Image) -> Image.Image:
    """Drop what the file says of itself (EXIF, gamma, transparency): it is applied by now."""
    doubts = doubts_of(image)
    image.info = {}
    for doubt in doubts:
        with_doubt(image, doubt)
    return image


def _too_large(where: str, width: int, height: int) -> LimitError:
    most = MAX_PIXELS // 1_000_000
    return LimitError(f"{where}: {width} x {height} px are too many, the most is {most} million")
