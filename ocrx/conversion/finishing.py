"""A recognition becomes a page's reading: its pictures are cut out, its words are checked.

Runs where pixels are, in a worker; judging what came out is left to the parent. Nothing that goes
wrong here costs a page: it becomes a reason of the recognition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ocrx.conversion.failures import in_words, without_place
from ocrx.conversion.results import crops_of, turned_degrees_of
from ocrx.document import (
    Agreement,
    Asset,
    PageReading,
    Recognition,
    Request,
    Route,
    SourceKind,
    Task,
    VerdictStatus,
)
from ocrx.parsing import parse
from ocrx.verification import SECOND_READING, TEXT_LAYER, compare, judge

LOST = "the file is damaged, and this page came out empty: its content may be lost"
CROP_MEDIA_TYPE = "image/png"
CROP_LONG_SIDE_PX = 2200  # of the whole page: 200 dpi on a letter page
_TRANSCRIPTIONS = (Task.MARKDOWN, Task.TEXT, Task.OCR)  # other tasks say what is not printed

Reference = Callable[[Request], Recognition]


def finish(
    request: Request,
    recognition: Recognition,
    *,
    verify: bool = False,
    reference: Reference | None = None,
) -> PageReading:
    """Return the reading of a page from what an engine made of it.

    With ``verify``, its words are compared with those of another reading of the page, which
    ``reference`` gives: of the text layer, or of the pixels where that is not sound. A figure that
    cannot be cut out becomes a reason, never a failure.
    """
    if recognition.failure is not None:
        failure = without_place(recognition.failure, request.page)
        return PageReading(request.page, request.plan, replace(recognition, failure=failure))
    assets, reasons = cut_pictures(request, recognition)
    reasons = (*recognition.reasons, *reasons, *_losses(request, recognition))
    if verify and reference is not None and request.task in _TRANSCRIPTIONS:
        agreement, doubts = _agreement(request, recognition, reference)
        recognition, reasons = replace(recognition, agreement=agreement), (*reasons, *doubts)
    recognition = replace(recognition, reasons=reasons)
    return PageReading(request.page, request.plan, recognition, assets)


def cut_pictures(
    request: Request, recognition: Recognition
) -> tuple[tuple[Asset, ...], tuple[str, ...]]:
    """Return the crops of a page's figures and formulas, and why some are missing."""
    try:
        crops = crops_of(recognition, request.page.number)
    except Exception:  # noqa: BLE001  # the parent parses again, and says what is wrong
        return (), ()
    if not crops:
        return (), ()
    from ocrx.raster import crop_png, open_page_image

    try:
        picture = open_page_image(request.page, long_side_px=CROP_LONG_SIDE_PX)
        turned = turned_degrees_of(recognition)
    except Exception as error:  # noqa: BLE001  # a page is worth more than its pictures
        return (), (f"pictures could not be cut out: {in_words(error)}",)
    assets, reasons = [], []
    for name, box in crops.items():
        try:
            data = crop_png(picture, box, turned_degrees=turned)
            assets.append(Asset(name, CROP_MEDIA_TYPE, data))
        except Exception as error:  # noqa: BLE001  # as above
            reasons.append(f"{name} could not be cut out: {in_words(error)}")
    return tuple(assets), tuple(reasons)


def _agreement(
    request: Request, recognition: Recognition, reference: Reference
) -> tuple[Agreement | None, tuple[str, ...]]:
    """Return how a page's words agree with another reading, and why that cannot be told.

    A reading is not compared with itself: that of the text layer needs no other, and the reference
    may be what stands already.
    """
    if recognition.route is Route.TEXT_LAYER:
        return None, ()
    other = replace(
        request,
        plan=None,
        task=Task.MARKDOWN,
        may_use_text_layer=True,
        query=None,
        turned_degrees=0,
        strict_repeats=False,
    )
    try:
        blocks = parse(recognition)
    except Exception:  # noqa: BLE001  # as in cut_pictures
        return None, ()
    try:
        found = reference(other)
        if found.failure is not None:
            return None, (f"the page could not be verified: {found.failure}",)
        if found.raw == recognition.raw:
            return None, ()
        named = TEXT_LAYER if found.route is Route.TEXT_LAYER else SECOND_READING
        return compare(blocks, parse(found), named), ()
    except Exception as error:  # noqa: BLE001  # the page itself is read
        return None, (f"the page could not be verified: {in_words(error)}",)


def _losses(request: Request, recognition: Recognition) -> tuple[str, ...]:
    """Doubt a blank page of a damaged PDF: what stood on it may be what was lost."""
    if request.page.source.kind is not SourceKind.PDF:
        return ()
    try:
        if judge(recognition, parse(recognition)).status is not VerdictStatus.BLANK:
            return ()
    except Exception:  # noqa: BLE001  # as in cut_pictures
        return ()
    from ocrx.raster import was_repaired

    return (LOST,) if was_repaired(request.page.source) else ()
