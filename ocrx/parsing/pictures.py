"""Pictures that are really text: a scan's text under a picture box, a boxed passage."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.document import Span
from ocrx.parsing.region_dialect import Box
from ocrx.parsing.rows import Row
from ocrx.typesetting.joining import stack_spans

_MIN_CHARACTERS = 200
_MIN_ROWS = 4
_MIN_MEAN_CHARACTERS = 25  # labels of a drawing are shorter
_SURE = 0.6  # confidence of the recogniser
_TEXT_COVER = 0.3  # of the picture's area: with more text than this there is no picture


def is_text_heavy(rows: Sequence[Row], box: Box, size_pt: tuple[float, float]) -> bool:
    """Return whether the rows inside a picture are passages rather than labels."""
    characters = sum(len(row.text) for row in rows)
    if len(rows) >= _MIN_ROWS and characters >= _MIN_CHARACTERS:
        return characters / len(rows) >= _MIN_MEAN_CHARACTERS or _cover(rows, box, size_pt) > 0.4
    return characters >= 40 and _cover(rows, box, size_pt) > 0.4


def labels_of(rows: Sequence[Row]) -> tuple[Span, ...]:
    """Return what is printed inside a picture, a line each; guesses at textures are left out."""
    sure = [row for row in rows if row.confidence is None or row.confidence >= _SURE]
    return stack_spans(row.spans for row in sure)


def keeps_picture(rows: Sequence[Row], box: Box, size_pt: tuple[float, float]) -> bool:
    """Return whether a picture is left beside its text."""
    return _cover(rows, box, size_pt) < _TEXT_COVER


def _cover(rows: Sequence[Row], box: Box, size_pt: tuple[float, float]) -> float:
    width, height = size_pt
    area = (box[2] - box[0]) * width * (box[3] - box[1]) * height
    inked = sum((row.right - row.left) * (row.bottom - row.top) for row in rows)
    return inked / area if area > 0 else 1.0
