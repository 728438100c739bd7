"""The worker's half for engines that take views: a page's picture, turned, tested for ink, cut."""

from __future__ import annotations

from ocrx.conversion.work import Prepared
from ocrx.document import Request
from ocrx.errors import EngineError


def prepare(request: Request) -> Prepared:
    """Return the views that the request's plan asks for; none of a page without ink.

    Raises:
        OcrxError: the page cannot be had, or the request has no plan.
    """
    from ocrx.raster import doubts_of, ink_coverage, open_page_image, turn_clockwise
    from ocrx.verification import BLANK_INK
    from ocrx.views import cut_views

    if request.plan is None:
        raise EngineError("the page has no plan of views")
    image = open_page_image(request.page)
    if ink_coverage(image) < BLANK_INK:
        return Prepared(None, doubts_of(image))
    views = cut_views(turn_clockwise(image, request.turned_degrees), request.plan)
    return Prepared(views, doubts_of(image))
