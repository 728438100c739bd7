"""One page at a time: its text layer where that is sound, else its pixels, and then its layout.

Holds what a worker keeps between pages: the recogniser, and what fonts have proved.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from PIL import Image

from ocrx.document import Request, Route, SourceKind, Task
from ocrx.engines.embedded.figures import figures_in
from ocrx.engines.embedded.framing import Frame, frame_for, framed_lines, framed_page, unframed
from ocrx.engines.embedded.layer import Evidence, Soundness, soundness
from ocrx.engines.embedded.layout_regions import Region
from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.overlay import overlay_page
from ocrx.engines.embedded.picture import PictureReading
from ocrx.engines.embedded.recogniser import Recogniser
from ocrx.engines.embedded.ruling import rulings
from ocrx.engines.embedded.scan import read_picture
from ocrx.engines.embedded.spans import LayerText, layer_text, upright_turn
from ocrx.engines.embedded.structure import plain, structured
from ocrx.engines.embedded.table_grids import Segment, without_strokes
from ocrx.parsing.region_dialect import RawPage, RegionClass, dumps
from ocrx.raster import close_pdf, doubts_of, load_pymupdf, open_page_image, open_pdf_page
from ocrx.views import reading_view

READ_PX = 2000  # long side of a page read from pixels: 180 dpi; less costs small print
MAX_LAYOUT_LINES = 6000  # the layout model's graph grows with the square of this
_DOUBTFUL = (Soundness.UNKNOWN, Soundness.DISAGREES)
_BLANK_CONTRAST = 24  # of 255: a page with less holds nothing, or a shadow
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What was made of a page."""

    raw: str
    route: Route
    read_px: tuple[int, int] | None = None
    confidence: float | None = None
    reasons: tuple[str, ...] = ()


class PageReader:
    """Reads pages in one thread of one process; models load when a page first needs them."""

    def __init__(self) -> None:
        """Load nothing yet."""
        self._recogniser: Recogniser | None = None
        self._evidence = Evidence()

    def read(self, request: Request) -> Found:
        """Read one page.

        Raises:
            OcrxError: the page cannot be had or read.
        """
        may_use_layer = request.plan is None and request.task is not Task.OCR
        reasons: tuple[str, ...] = ()
        if may_use_layer and request.page.source.kind is SourceKind.PDF:
            with open_pdf_page(request.page) as page:
                found, why = self._from_layer(page, request.page.source.sha256)
            if found is not None:
                return found
            reasons = (f"{why.value}; read from the picture",) if why in _DOUBTFUL else ()
        return self._from_pixels(request, reasons)

    def close(self) -> None:
        """Forget the models and the open document."""
        self._recogniser = None
        close_pdf()

    def recogniser(self) -> Recogniser:
        """Return this worker's recogniser."""
        if self._recogniser is None:
            self._recogniser = Recogniser()
        return self._recogniser

    def _from_layer(self, page: Any, document: str) -> tuple[Found | None, Soundness]:
        with _upright(page, 0) as level:
            found = layer_text(level)
            turn = upright_turn(found)
            if not turn:
                return self._judged(level, found, document, 0)
        with _upright(page, turn) as level:
            return self._judged(level, layer_text(level), document, turn)

    def _judged(
        self, page: Any, found: LayerText, document: str, turn: int
    ) -> tuple[Found | None, Soundness]:
        if not found.visible:
            return None, Soundness.HIDDEN if found.hidden else Soundness.EMPTY
        why = soundness(page, found, self.recogniser(), self._evidence.of(document))
        if why is not Soundness.SOUND:
            return None, why
        raw, reasons = _structure(page, found.lines, turn)
        return Found(dumps(raw), Route.TEXT_LAYER, reasons=reasons), why

    def _from_pixels(self, request: Request, reasons: tuple[str, ...]) -> Found:
        if request.plan is None:
            image = open_page_image(request.page, long_side_px=READ_PX)
            reasons += doubts_of(image)
        else:
            image = open_page_image(request.page)
            reasons += doubts_of(image)
            image = reading_view(image, request.plan).image
        reading = read_picture(image, self.recogniser())
        if reading.uncovered_script is not None:
            reasons += (reading.uncovered_script,)
        if not reading.lines:
            raw = plain(reading.width_pt, reading.height_pt, _whole_picture(reading))
            return Found(dumps(raw), Route.PIXELS, image.size, None, reasons)
        raw, doubts = _picture_structure(reading)
        route = Route.TESSERACT if reading.reader.startswith("tesseract") else Route.PIXELS
        return Found(dumps(raw), route, image.size, reading.confidence, (*reasons, *doubts))


@contextmanager
def _upright(page: Any, turn: int) -> Iterator[Any]:
    """Yield the page with rotation 0, turned clockwise by ``turn`` degrees.

    A page that needs turning is copied: the open document stays as it is.
    """
    if not turn and not page.rotation:
        yield page
        return
    pymupdf = load_pymupdf()
    copy = pymupdf.open()
    try:
        copy.insert_pdf(page.parent, from_page=page.number, to_page=page.number, widgets=False)
        turned = copy[0]
        turned.set_rotation((page.rotation + turn) % 360)
        turned.remove_rotation()
        yield copy[0]
    finally:
        copy.close()


def _structure(
    page: Any,
    lines: Sequence[TextLine],
    turned_degrees: int,
    ruler: Callable[[Rect], Sequence[Segment]] | None = None,
    figures: Sequence[Rect] = (),
) -> tuple[RawPage, tuple[str, ...]]:
    """Lay the page out; where that fails its lines still come, in plain order, with the reason."""
    if len(lines) <= MAX_LAYOUT_LINES:
        try:
            return structured(page, lines, ruler, turned_degrees, figures), ()
        except Exception as error:  # noqa: BLE001 - the text is worth more than its layout
            _log.debug("layout failed", exc_info=True)
            why = f"the layout could not be found ({type(error).__name__})"
    else:
        why = f"the layout could not be found (more than {MAX_LAYOUT_LINES} lines)"
    width, height = float(page.rect.width), float(page.rect.height)
    return plain(width, height, lines=lines, turned_degrees=turned_degrees), (why,)


def _picture_structure(reading: PictureReading) -> tuple[RawPage, tuple[str, ...]]:
    """Lay out a picture's words as if they were a digital page's, a snippet on a sheet of paper."""
    frame = frame_for(reading.width_pt, reading.height_pt, reading.lines)
    turn = reading.turned_degrees
    with closing(overlay_page(reading)) as overlay:
        if frame is None:
            figures = figures_in(reading.image, reading.lines, reading.points_per_px)
            return _structure(overlay[0], reading.lines, turn, _ruler(reading, None), figures)
        with closing(framed_page(overlay[0], frame)) as sheet:
            lines = framed_lines(reading.lines, frame)
            raw, doubts = _structure(sheet[0], lines, turn, _ruler(reading, frame))
            return unframed(raw, frame), doubts


def _ruler(reading: PictureReading, frame: Frame | None) -> Callable[[Rect], Sequence[Segment]]:
    def rules_inside(box: Rect) -> Sequence[Segment]:
        own = box if frame is None else frame.own(box)
        found = rulings(reading.image, reading.points_per_px, own)
        segments = without_strokes(
            [(rule.left, rule.top, rule.right, rule.bottom) for rule in found], reading.lines
        )
        return segments if frame is None else [frame.placed(segment) for segment in segments]

    return rules_inside


def _whole_picture(reading: PictureReading) -> list[Region]:
    """A page without text is one picture, or blank."""
    small: Image.Image = reading.image.convert("L").resize((64, 64), Image.Resampling.BOX)
    extrema = small.getextrema()
    darkest, lightest = float(extrema[0]), float(extrema[1])  # type: ignore[arg-type]  # one band
    if lightest - darkest < _BLANK_CONTRAST:
        return []
    box = (0.0, 0.0, reading.width_pt, reading.height_pt)
    return [Region(RegionClass.PICTURE, box)]
