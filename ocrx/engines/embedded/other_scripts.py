"""A page in a script that the recogniser does not cover, read by an installed Tesseract, or not.

Where the program or the language is missing the reading says so, with the package to install.
"""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from ocrx.engines.embedded import tesseract
from ocrx.engines.embedded.canvas import Canvas
from ocrx.engines.embedded.lines import TextLine
from ocrx.engines.embedded.orientation import turned
from ocrx.engines.embedded.picture import PictureReading, mean_confidence, points_per_px
from ocrx.engines.embedded.scripts import UNKNOWN
from ocrx.engines.embedded.tesseract import TesseractWord
from ocrx.engines.embedded.word_boxes import type_size, word_at

UNREADABLE = "most of the print could not be read: too poor, or in a script that is not covered"
FEW_WORDS = 3  # fewer than this is no page that Tesseract could read


def read_otherwise(reading: PictureReading, canvas: Canvas, script: str) -> PictureReading:
    """Return a better reading, or the same one with the reason why it cannot be trusted.

    Args:
        reading: what the recogniser made of it.
        canvas: the working pixels, upright and level as far as could be told.
        script: ``scripts.uncovered`` of the reading.
    """
    if not tesseract.is_installed():
        package = tesseract.package_for(script)
        return _distrusted(reading, script, f"install {tesseract.PACKAGE} and {package}")
    turn = 0
    if script == UNKNOWN:
        seen = tesseract.detect_script(canvas.pixels)
        if seen is None or seen.name in tesseract.COVERED:
            return replace(reading, uncovered_script=UNREADABLE)
        script, turn = seen.name, seen.turn_degrees
    languages = tesseract.languages_for(script)
    if not languages:
        return _distrusted(reading, script, f"install {tesseract.package_for(script)}")
    image = reading.image
    if turn:
        image = reading.image.rotate(-turn, expand=True)
        canvas = replace(canvas, pixels=turned(canvas.pixels, turn))
    found = tesseract.read_lines(canvas.pixels, languages)
    lines = tuple(_line(words, canvas, image) for words in found)
    if sum(map(len, found)) < FEW_WORDS:
        return _distrusted(reading, script, "Tesseract could not read it either")
    return PictureReading(
        image,
        lines,
        (reading.turned_degrees + turn) % 360,
        reading.skew_degrees,
        mean_confidence(lines),
        reader=f"tesseract {'+'.join(languages)}",
    )


def _distrusted(reading: PictureReading, script: str, what: str) -> PictureReading:
    reason = UNREADABLE if script == UNKNOWN else f"the {script} script is not covered"
    return replace(reading, uncovered_script=f"{reason} ({what})")


def _line(words: list[TesseractWord], canvas: Canvas, image: Image.Image) -> TextLine:
    scale = points_per_px(image)
    left, top = min(w.box[0] for w in words), min(w.box[1] for w in words)
    right, bottom = max(w.box[2] for w in words), max(w.box[3] for w in words)
    text = " ".join(word.text for word in words)
    size = type_size(text, (bottom - top) / canvas.scale) * scale
    placed = tuple(
        word_at(word.text, canvas.to_points(word.box, image, scale), size, index == 0)
        for index, word in enumerate(words)
    )
    box = canvas.to_points((left, top, right, bottom), image, scale)
    confidence = sum(w.confidence * len(w.text) for w in words) / sum(len(w.text) for w in words)
    return TextLine(box, placed, size, confidence)
