"""The worker's half of the road: open a document, recognise a page, cut its figures out.

Runs in worker processes (or in the caller's own); everything behind it is pure and runs in the
parent. Nothing that a page does gets past ``Reader.perform`` but an outcome.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import cast

from ocrx.conversion.results import crops_of, turned_degrees_of
from ocrx.conversion.work import Outcome, ProbeTask, ReadTask, Task
from ocrx.document import (
    Asset,
    Page,
    PageReading,
    Recognition,
    Request,
    SourceKind,
    VerdictStatus,
)
from ocrx.engine import Engine, EngineSettings, Factory, load_engine
from ocrx.errors import EngineError, MissingRequirementError, OcrxError, PageMemoryError
from ocrx.parsing import parse
from ocrx.source import check_unchanged, describe_page, describe_place
from ocrx.verification import judge

LOST = "the file is damaged, and this page came out empty: its content may be lost"
CROP_MEDIA_TYPE = "image/png"
CROP_LONG_SIDE_PX = 2200  # of the whole page: 200 dpi on a letter page


class Reader:
    """Does tasks with one engine, which is loaded when the first page comes."""

    def __init__(self, engine: str, settings: EngineSettings | None = None) -> None:
        """Take the engine's name, or ``module:Class`` of one that is not installed."""
        self._name = engine
        self._settings = settings or EngineSettings()
        self._engine: Engine | None = None

    def perform(self, task: Task) -> Outcome:
        """Do one task; whatever goes wrong is in the outcome."""
        try:
            if isinstance(task, ProbeTask):
                from ocrx.raster import probe

                return Outcome(task.ticket, pages=tuple(probe(task.source)))
            if self._engine is None:
                self._engine = load_named_engine(self._name, self._settings)
            reading = read_page(self._engine, task.request)
            check_unchanged(task.source)  # else it would be kept under the hash of other bytes
            return Outcome(task.ticket, reading=reading)
        except OcrxError as error:
            page = task.request.page if isinstance(task, ReadTask) else None
            return Outcome(task.ticket, error=_sendable(error, page))
        except MemoryError:
            return Outcome(task.ticket, error=PageMemoryError("ran out of memory"))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # one page, isolated from the rest
            return Outcome(task.ticket, error=EngineError(_in_words(error)))

    def close(self) -> None:
        """Free the engine."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def load_named_engine(name: str, settings: EngineSettings | None = None) -> Engine:
    """Return a new engine by its name, or by ``module:Class``.

    Raises:
        MissingRequirementError: there is no such engine.
    """
    module, separator, attribute = name.partition(":")
    if not separator:
        return load_engine(name, settings)
    try:
        return cast(Factory, getattr(import_module(module), attribute))(
            settings or EngineSettings()
        )
    except (ImportError, AttributeError) as error:
        raise MissingRequirementError(f"no engine {name!r}: {error}") from error


def read_page(engine: Engine, request: Request) -> PageReading:
    """Recognise one page and cut out its figures and formulas.

    A figure that cannot be cut out becomes a reason of the recognition, never a failure.

    Raises:
        EngineError: the engine gave no recognition of the page.
    """
    recognition: Recognition | None = None
    for answer in engine.recognise([request]):
        if isinstance(answer, Recognition) and answer.page_id == request.page_id:
            recognition = answer
    if recognition is None:
        raise EngineError("the engine gave no answer")
    if recognition.failure is not None:
        failure = _without_place(recognition.failure, request.page)
        return PageReading(request.page, request.plan, replace(recognition, failure=failure))
    assets, reasons = _cut(request, recognition)
    reasons = (*recognition.reasons, *reasons, *_losses(request, recognition))
    recognition = replace(recognition, reasons=reasons)
    return PageReading(request.page, request.plan, recognition, assets)


def _cut(request: Request, recognition: Recognition) -> tuple[tuple[Asset, ...], tuple[str, ...]]:
    """Return the crops of a page, and why some are missing."""
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
        return (), (f"pictures could not be cut out: {_in_words(error)}",)
    assets, reasons = [], []
    for name, box in crops.items():
        try:
            data = crop_png(picture, box, turned_degrees=turned)
            assets.append(Asset(name, CROP_MEDIA_TYPE, data))
        except Exception as error:  # noqa: BLE001  # as above
            reasons.append(f"{name} could not be cut out: {_in_words(error)}")
    return tuple(assets), tuple(reasons)


def _losses(request: Request, recognition: Recognition) -> tuple[str, ...]:
    """Doubt a blank page of a damaged PDF: what stood on it may be what was lost."""
    if request.page.source.kind is not SourceKind.PDF:
        return ()
    try:
        if judge(recognition, parse(recognition)).status is not VerdictStatus.BLANK:
            return ()
    except Exception:  # noqa: BLE001  # as in _cut
        return ()
    from ocrx.raster import was_repaired

    return (LOST,) if was_repaired(request.page.source) else ()


def _without_place(message: str, page: Page) -> str:
    """Return what went wrong alone: a page's reader knows the page, and copies have other names."""
    for place in (describe_page(page), describe_place(page.source)):
        message = message.removeprefix(f"{place}: ")
    return message


def _sendable(error: OcrxError, page: Page | None) -> OcrxError:
    """Drop causes and traces, which may not pickle."""
    return type(error)(str(error) if page is None else _without_place(str(error), page))


def _in_words(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
