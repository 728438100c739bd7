"""A read picture as a one-page PDF that layout and table code can look at like a digital page.

The picture, over it every word as invisible text in its place. Its characters are stand-ins where
no built-in font has them: the strings of the reading stay the truth, found again by their boxes.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from typing import Any

from PIL import Image

from ocrx.engines.embedded.lines import TextLine, Word
from ocrx.engines.embedded.ruling import Ruling
from ocrx.engines.embedded.scan import PictureReading
from ocrx.engines.embedded.word_boxes import DESCENDER, DESCENDING, is_square
from ocrx.raster.mupdf import load_pymupdf

LATIN_FONT, SQUARE_FONT = "helv", "china-s"  # both built into PyMuPDF
PICTURE_PX = 1200  # longer side; the layout model looks at far less
RULE_WIDTH_PT = 0.5
STAND_IN = "o"


def overlay_page(reading: PictureReading, ruling_lines: Iterable[Ruling] = ()) -> Any:
    """Return a pymupdf document of one page of the reading's size in points; the caller closes it.

    Args:
        reading: an upright, level picture with its lines.
        ruling_lines: lines to draw (points), which ``page.find_tables`` then uses.
    """
    pymupdf = load_pymupdf()
    document = pymupdf.open()
    page = document.new_page(width=reading.width_pt, height=reading.height_pt)
    page.insert_image(page.rect, stream=_jpeg(reading.image))
    for line in ruling_lines:
        page.draw_line((line.left, line.top), (line.right, line.bottom), width=RULE_WIDTH_PT)
    fonts = {name: pymupdf.Font(name) for name in (LATIN_FONT, SQUARE_FONT)}
    for name in fonts:
        page.insert_font(fontname=name)
    content = b"".join(
        _shown(word, line, reading.height_pt, fonts)
        for line in reading.lines
        for word in line.words
    )
    _append(document, page, b"q BT 3 Tr\n" + content + b"ET Q\n")
    return document


def _jpeg(image: Image.Image) -> bytes:
    small = image.convert("RGB")
    small.thumbnail((PICTURE_PX, PICTURE_PX))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _append(document: Any, page: Any, content: bytes) -> None:
    """Add a content stream to the page, as its last."""
    xref = document.get_new_xref()
    document.update_object(xref, "<<>>")
    document.update_stream(xref, content)
    before = " ".join(f"{number} 0 R" for number in page.get_contents())
    document.xref_set_key(page.xref, "Contents", f"[{before} {xref} 0 R]")


def _shown(word: Word, line: TextLine, page_height: float, fonts: dict[str, Any]) -> bytes:
    """Return the operators that show one word: its size as printed, stretched to its width."""
    square = any(is_square(character) for character in word.text)
    name = SQUARE_FONT if square else LATIN_FONT
    stand_in = word.text if square else _latin(word.text)
    left, top, right, bottom = word.box
    if line.vertical:  # one character a row would need a font of its own: the box is enough
        size, baseline = max(right - left, 1.0), (top + bottom) / 2
    else:
        size = max(word.size_pt or line.size_pt, 1.0)
        drop = DESCENDER * size if any(c in DESCENDING for c in line.text) else 0.0
        baseline = line.box[3] - drop
    natural = fonts[name].text_length(stand_in, fontsize=size)
    stretch = 100 * (right - left) / natural if natural > 0 else 100.0
    shown = _hexadecimal(stand_in, square)
    return (
        f"/{name} {size:.3f} Tf {max(stretch, 1.0):.3f} Tz "
        f"1 0 0 1 {left:.3f} {page_height - baseline:.3f} Tm <{shown}> Tj\n"
    ).encode("ascii")


def _hexadecimal(text: str, square: bool) -> str:
    if square:
        return "".join(f"{min(ord(character), 0xFFFF):04x}" for character in text)
    return text.encode("latin-1", "replace").hex()


def _latin(text: str) -> str:
    """Return stand-ins of much the same width: letters without accents, other signs as ``o``."""
    plain = unicodedata.normalize("NFKD", text)
    letters = (c for c in plain if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else STAND_IN for c in letters) or STAND_IN
