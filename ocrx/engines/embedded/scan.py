"""A picture of a page, or of a part of one, as printed lines: the road from pixels to text.

Prepares the picture, finds which way up it stands and how far it leans, finds lines, reads them.
What the lines mean is for the layout modules. Points here are those of a page whose longer side is
11 inches (792 points), whatever the picture's size in pixels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ocrx.engines.embedded.canvas import Canvas, prepare
from ocrx.engines.embedded.deskew import LEVEL_DEGREES, levelled, levelled_quads, skew_degrees
from ocrx.engines.embedded.gutters import LineBox, line_boxes
from ocrx.engines.embedded.ink import (
    Mask,
    extent_of,
    ground_colour,
    ink_map,
    inked_columns,
    without_specks,
)
from ocrx.engines.embedded.line_bands import set_apart
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.orientation import quarter_turn, turned
from ocrx.engines.embedded.other_scripts import read_otherwise
from ocrx.engines.embedded.picture import PictureReading, mean_confidence, points_per_px
from ocrx.engines.embedded.recogniser import Doubts, LineReading, Pixels, Quads, Recogniser
from ocrx.engines.embedded.ruling import ruling_masks
from ocrx.engines.embedded.scripts import Tally, uncovered
from ocrx.engines.embedded.vertical import read_vertical
from ocrx.engines.embedded.word_boxes import type_size, word_at, words_of

__all__ = ["PictureReading", "points_per_px", "read_picture"]

MIN_CONFIDENCE = 0.5  # a line read with less is noise, not text
PAD = 0.15  # of the line's thickness, kept beside its ink for reading
REDETECT_DEGREES = 3.0  # boxes found on a picture that leans more are found again on the level one
WINDOW_MARGIN_PX = 48  # white kept around the ink for the detector
RULE_LENGTHS = 4  # a straight run of ink this many line heights long is a rule, not a letter


def read_picture(
    image: Image.Image, recogniser: Recogniser, *, upright: bool = False
) -> PictureReading:
    """Read all text on a picture of any size.

    Args:
        image: RGB.
        recogniser: this worker's.
        upright: the caller knows which way up it stands; small angles are still taken out.
    """
    rgb = np.asarray(image.convert("RGB"))
    canvas = prepare(rgb)
    ink = ink_map(canvas.pixels)
    extent = extent_of(without_specks(ink))
    if extent is None:
        return PictureReading(image, ())
    quads = _detected(canvas.pixels, extent, recogniser)
    degrees = 0 if upright else quarter_turn(canvas.pixels, quads, recogniser)
    if degrees:
        rgb = turned(rgb, degrees)
        canvas = replace(canvas, pixels=turned(canvas.pixels, degrees))
        ink = ink_map(canvas.pixels)
        extent = extent_of(without_specks(ink)) or extent
        quads = _detected(canvas.pixels, extent, recogniser)
    skew = skew_degrees(quads)
    if abs(skew) >= LEVEL_DEGREES:
        height, width = canvas.pixels.shape[:2]
        quads = levelled_quads(quads, width, height, skew)
        ground = ground_colour(rgb)
        rgb = levelled(rgb, skew, ground)
        canvas = replace(canvas, pixels=levelled(canvas.pixels, skew, ground_colour(canvas.pixels)))
        ink = ink_map(canvas.pixels)
        if abs(skew) > REDETECT_DEGREES:
            quads = _detected(canvas.pixels, extent_of(ink) or extent, recogniser)
    else:
        skew = 0.0
    upright_image = Image.fromarray(rgb) if degrees or skew else image
    lines, tally = _read_lines(canvas, quads, ink, upright_image, recogniser)
    kept = tuple(line for line in lines if (line.confidence or 0.0) >= MIN_CONFIDENCE)
    confidence = mean_confidence(lines)
    reading = PictureReading(upright_image, kept, degrees, skew, confidence)
    script = uncovered(tally, kept, confidence)
    return reading if script is None else read_otherwise(reading, canvas, script)


def _detected(pixels: Pixels, extent: Rect, recogniser: Recogniser) -> Quads:
    """Detect inside the part of the picture that has ink: white margins cost time like text."""
    height, width = pixels.shape[:2]
    left = max(0, int(extent[0]) - WINDOW_MARGIN_PX)
    top = max(0, int(extent[1]) - WINDOW_MARGIN_PX)
    right = min(width, int(extent[2]) + WINDOW_MARGIN_PX)
    bottom = min(height, int(extent[3]) + WINDOW_MARGIN_PX)
    quads, _ = recogniser.detect(np.ascontiguousarray(pixels[top:bottom, left:right]))
    return quads + np.array([left, top], np.float32)


def _read_lines(
    canvas: Canvas, quads: Quads, ink: Mask, image: Image.Image, recogniser: Recogniser
) -> tuple[tuple[TextLine, ...], Tally]:
    letters = _without_rules(ink, quads)
    found, tally, doubts = [], Tally(), Doubts()
    for box in set_apart(line_boxes(quads, letters), letters):
        line = _read_line(canvas, box, letters, image, recogniser, doubts)
        if not box.vertical:
            ems = (box.right - box.left) / box.height
            tally = tally.plus(ems, line.text, line.confidence or 0.0) if line else tally.plus(ems)
        if line is not None:
            found.append(line)
    return tuple(sorted(found, key=lambda line: (line.box[1], line.box[0]))), tally


def _without_rules(ink: Mask, quads: Quads) -> Mask:
    """Return the ink without table rules and underlines, which would bridge gutters."""
    if not len(quads):
        return ink
    sides = np.minimum(
        np.hypot(*(quads[:, 3] - quads[:, 0]).T), np.hypot(*(quads[:, 1] - quads[:, 0]).T)
    )
    length = max(40, round(RULE_LENGTHS * float(np.median(sides))))
    across, down = ruling_masks(ink, length, length)
    return ink & ~across & ~down


def _read_line(
    canvas: Canvas,
    box: LineBox,
    ink: Mask,
    image: Image.Image,
    recogniser: Recogniser,
    doubts: Doubts,
) -> TextLine | None:
    across = box.right - box.left if box.vertical else box.height
    pad = max(2, round(PAD * across))
    left, right = max(0, box.left - pad), min(ink.shape[1], box.right + pad)
    crop = canvas.pixels[box.top_px : box.bottom_px, left:right]
    scale = points_per_px(image)
    if box.vertical:
        return _vertical_line(canvas, box, read_vertical(crop, recogniser), image)
    (reading,) = recogniser.read([crop], doubts)
    columns = inked_columns(ink[box.top : box.bottom, left:right])
    found = words_of(reading, columns)
    if not found:
        return None
    size = type_size(reading.text, (box.bottom - box.top) / canvas.scale) * scale
    words = []
    for index, (text, first, last) in enumerate(found):
        word_left = max(box.left, left + first)
        edges = (word_left, box.top, max(word_left + 1, min(box.right, left + last)), box.bottom)
        words.append(word_at(text, canvas.to_points(edges, image, scale), size, index == 0))
    line_box = canvas.to_points((box.left, box.top, box.right, box.bottom), image, scale)
    return TextLine(line_box, tuple(words), size, reading.confidence)


def _vertical_line(
    canvas: Canvas, box: LineBox, reading: LineReading, image: Image.Image
) -> TextLine | None:
    text = reading.text.strip()
    if not text:
        return None
    scale = points_per_px(image)
    edges = canvas.to_points((box.left, box.top, box.right, box.bottom), image, scale)
    size = (box.right - box.left) / canvas.scale * scale
    return TextLine(
        edges, (word_at(text, edges, size, True),), size, reading.confidence, vertical=True
    )
