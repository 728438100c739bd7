"""Is a page's text layer sound: does it say what a person sees?

Fonts lie (a ciphered map to Unicode), scanners hide old recognitions under their pictures, and
slides draw half of their text as pictures. A layer is used only after it has been compared with
the page's own pixels; whatever fails is read from the pixels instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from ocrx.engines.embedded.layout_regions import area, shared_area
from ocrx.engines.embedded.lines import Rect
from ocrx.engines.embedded.spans import LayerText, Sample
from ocrx.raster.mupdf import load_pymupdf

Pixels = npt.NDArray[np.uint8]
MAX_UNKNOWN = 0.05  # of the characters: U+FFFD and private use
MIN_SIMILARITY = 0.7  # sound layers score at least 0.93, ciphered ones near 0.1
_SPOTS = 5
_SPOTS_OF_PROVEN = 2
_GOOD_SPOT = 10  # letters or digits: below, one misread letter weighs too much
_USABLE_SPOT = 4
_LINE_PX = 48
_FONT_SHARE = 0.05  # of the page's characters: a font that matters
_LYING_SHARE = 0.15  # of the page's characters: a font that spoils the page
_THIN = 400  # characters: a layer that may be only the running head of a picture
_PICTURE_SHARE = 0.25
_MANY_PATHS = 300  # drawn outlines instead of text
_COVER = 0.8  # of the page: a picture over the text
_UNREAD_LINES = 5
_DETECT_PX = 1280
_SURE = 0.96  # confidence; lines in capitals that exist in two scripts stay below
_READ_SHARE = 0.6  # of a line's letters


class Soundness(Enum):
    """What the layer is worth, and why where it is not used."""

    SOUND = ""
    EMPTY = "the page has no text layer"
    UNKNOWN = "the text layer has characters without meaning"
    HIDDEN = "the text layer is invisible: an old recognition under a picture"
    PARTIAL = "most of the page's text is drawn, not written"
    DISAGREES = "text layer and picture disagree"


class Reader(Protocol):
    """What the check needs of the recogniser."""

    def charset(self) -> frozenset[str]:
        """Return every character it can write."""
        ...

    def detect(self, rgb: Pixels) -> tuple[Any, Any]:
        """Return quads (n, 4, 2) of lines of text in px, and scores."""
        ...

    def read(self, crops: list[Pixels]) -> Sequence[Any]:
        """Return readings with ``text`` and ``confidence``."""
        ...


@dataclass(slots=True)
class Evidence:
    """What one document has shown of its fonts: those that told the truth, by name and object."""

    document: str = ""
    proven: set[tuple[str, int]] | None = None

    def of(self, document: str) -> set[tuple[str, int]]:
        """Return the proven fonts of a document; another document starts anew."""
        if self.proven is None or self.document != document:
            self.document, self.proven = document, set()
        return self.proven


def soundness(
    page: Any, found: LayerText, reader: Reader, proven: set[tuple[str, int]]
) -> Soundness:
    """Judge the layer of an upright pymupdf page.

    ``proven`` holds fonts (name, xref) that agreed with the pixels on an earlier page of the same
    document, and is added to: their map to Unicode is the same, so fewer lines are read.
    """
    if not found.visible:
        return Soundness.HIDDEN if found.hidden else Soundness.EMPTY
    if found.unknown > MAX_UNKNOWN * found.visible:
        return Soundness.UNKNOWN
    if found.hidden >= found.visible or _is_covered(page):
        return Soundness.HIDDEN
    if found.visible < _THIN and _is_partial(page, found, reader):
        return Soundness.PARTIAL
    charset = reader.charset()
    foreign = sum(char not in charset for char in found.text if not char.isspace())
    if foreign > _LYING_SHARE * found.visible and _is_disguised(
        page, found, reader, charset, proven
    ):
        return Soundness.DISAGREES
    if 2 * foreign > found.visible:
        return Soundness.SOUND
    return _spot_check(page, found, reader, charset, proven)


def _is_covered(page: Any) -> bool:
    """Say whether a picture of the whole page lies over most of the text."""
    whole = float(abs(page.rect))
    after = before = 0
    for kind, box in page.get_bboxlog():
        if kind.endswith("image") and area(box) >= _COVER * whole:
            before, after = before + after, 0
        elif kind in ("fill-text", "stroke-text"):
            after += 1
    return before > after


def _is_partial(page: Any, found: LayerText, reader: Reader) -> bool:
    """Say whether the page shows more lines of text than its thin layer has."""
    bounds: Rect = (0.0, 0.0, float(page.rect.width), float(page.rect.height))
    pictures = sum(shared_area(tuple(i["bbox"]), bounds) for i in page.get_image_info())
    if pictures < _PICTURE_SHARE * area(bounds) and len(page.get_cdrawings()) < _MANY_PATHS:
        return False
    zoom = _DETECT_PX / max(bounds[2], bounds[3])
    quads, _ = reader.detect(_pixels(page.get_pixmap(**_render(zoom))))
    boxes = [(*quad.min(axis=0) / zoom, *quad.max(axis=0) / zoom) for quad in quads]
    unread = sum(
        max((shared_area(line.box, box) for line in found.lines), default=0.0) < 0.3 * area(box)
        for box in boxes
    )
    return bool(unread >= max(_UNREAD_LINES, len(found.lines)))


def _is_disguised(
    page: Any,
    found: LayerText,
    reader: Reader,
    charset: frozenset[str],
    proven: set[tuple[str, int]],
) -> bool:
    """Say whether lines in a script that cannot be read prove to be read with ease.

    Of true Cyrillic or Hangul it makes blanks; where it is sure of whole lines the layer lies.
    """
    keys = _font_keys(page, found)
    spots = [s for s in found.samples if _is_foreign(s, charset) and keys.get(s.font) not in proven]
    spots = _chosen(spots, {spot.font for spot in spots}, _SPOTS)
    sure = [
        reading.confidence >= _SURE
        and len(_plain(reading.text)) >= _READ_SHARE * len(_plain(spot.text))
        for spot, reading in zip(spots, _readings(page, spots, reader), strict=True)
    ]
    if 2 * sum(sure) > len(sure):
        return True
    proven |= {key for spot in spots if (key := keys.get(spot.font)) is not None and not any(sure)}
    return False


def _is_foreign(sample: Sample, charset: frozenset[str]) -> bool:
    letters = _plain(sample.text)
    return len(letters) >= _GOOD_SPOT and 2 * sum(c not in charset for c in letters) > len(letters)


def _spot_check(
    page: Any,
    found: LayerText,
    reader: Reader,
    charset: frozenset[str],
    proven: set[tuple[str, int]],
) -> Soundness:
    keys = _font_keys(page, found)
    matter = {font for font, n in found.fonts.items() if n >= _FONT_SHARE * found.visible}
    usable = [sample for sample in found.samples if _is_usable(sample, charset)]
    doubtful = {font for font in matter if keys.get(font) not in proven}
    count = _SPOTS if doubtful else _SPOTS_OF_PROVEN
    spots = _chosen(usable, doubtful or matter, count)
    if not spots:
        return Soundness.SOUND
    scores = _scores(page, spots, reader)
    if _disagrees(scores, found):
        more = _chosen([s for s in usable if s not in spots], matter, _SPOTS)
        scores += _scores(page, more, reader)
        if _disagrees(scores, found):
            return Soundness.DISAGREES
    for font in doubtful:
        own = [score for sample, score in scores if sample.font == font]
        key = keys.get(font)
        if key is not None and own and min(own) >= MIN_SIMILARITY:
            proven.add(key)
    return Soundness.SOUND


def _disagrees(scores: Sequence[tuple[Sample, float]], found: LayerText) -> bool:
    """Say whether the layer as a whole, or one of its main fonts, is read otherwise."""
    if median(score for _, score in scores) < MIN_SIMILARITY:
        return True
    for font in {sample.font for sample, _ in scores}:
        own = [score for sample, score in scores if sample.font == font]
        large = found.fonts[font] >= _LYING_SHARE * found.visible
        if large and len(own) > 1 and max(own) < MIN_SIMILARITY:
            return True
    return False


def _font_keys(page: Any, found: LayerText) -> dict[str, tuple[str, int]]:
    """Return name and object of each font that the page names only once."""
    xrefs: dict[str, list[int]] = {}
    for xref, _, _, name, *_ in page.get_fonts():
        xrefs.setdefault(_font_name(name), []).append(int(xref))
    return {
        font: (font, own[0])
        for font in found.fonts
        if len(own := sorted(set(xrefs.get(_font_name(font), ())))) == 1 and own[0] > 0
    }


def _font_name(name: str) -> str:
    """Return a name in which the page's and the font file's own spelling agree."""
    return re.sub(r"[^0-9a-z+]", "", name.lower())


def _is_usable(sample: Sample, charset: frozenset[str]) -> bool:
    """Leave out dot leaders, formulas and what the recogniser cannot write."""
    text = _plain(sample.text)
    printed = re.sub(r"\s", "", sample.text)
    if len(text) < _USABLE_SPOT or len(text) < 0.6 * len(printed):
        return False
    return sum(char in charset for char in printed) >= 0.8 * len(printed)


def _chosen(samples: Sequence[Sample], fonts: set[str], count: int) -> list[Sample]:
    """Take long lines from each font in turn, from all over the page."""
    queues = []
    for font in sorted(fonts):
        own = [sample for sample in samples if sample.font == font]
        long = [sample for sample in own if len(_plain(sample.text)) >= _GOOD_SPOT]
        pool = long or sorted(own, key=lambda sample: -len(_plain(sample.text)))[: 2 * count]
        step = max(1, len(pool) // count)
        queues.append(pool[step // 2 :: step] + list(pool[:count]))
    chosen: list[Sample] = []
    while len(chosen) < count and any(queues):
        for queue in queues:
            while queue and queue[0] in chosen:
                queue.pop(0)
            if queue and len(chosen) < count:
                chosen.append(queue.pop(0))
    return chosen


def _scores(page: Any, samples: Sequence[Sample], reader: Reader) -> list[tuple[Sample, float]]:
    readings = _readings(page, samples, reader)
    return [
        (sample, Levenshtein.normalized_similarity(_plain(sample.text), _plain(reading.text)))
        for sample, reading in zip(samples, readings, strict=True)
    ]


def _readings(page: Any, samples: Sequence[Sample], reader: Reader) -> Sequence[Any]:
    pymupdf = load_pymupdf()
    shown = page.get_displaylist(annots=False)
    crops = []
    for sample in samples:
        box = sample.box
        height = max(2.0, box[3] - box[1])
        zoom = min(_LINE_PX / height, 20.0)
        pad = 0.12 * height
        clip = pymupdf.Rect(box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad)
        pixmap = shown.get_pixmap(
            matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=False, clip=clip
        )
        crops.append(_pixels(pixmap))
    return reader.read(crops)


def _plain(text: str) -> str:
    """Return letters and digits alone, folded: what both sides must agree on."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def _render(zoom: float) -> dict[str, Any]:
    pymupdf = load_pymupdf()
    return {"matrix": pymupdf.Matrix(zoom, zoom), "colorspace": pymupdf.csRGB, "alpha": False}


def _pixels(pixmap: Any) -> Pixels:
    flat = np.frombuffer(pixmap.samples, np.uint8)
    return flat.reshape(pixmap.height, pixmap.stride)[:, : pixmap.width * 3].reshape(
        pixmap.height, pixmap.width, 3
    )
