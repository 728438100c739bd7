"""The worker's half of the road: open a document, recognise a page, have it finished.

Runs in worker processes (or in the caller's own); everything behind it is pure and runs in the
parent. Nothing that a page does gets past ``Reader.perform`` but an outcome.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from ocrx.conversion.failures import in_words, without_place
from ocrx.conversion.finishing import finish
from ocrx.conversion.preparing import prepare
from ocrx.conversion.work import FinishTask, Outcome, PrepareTask, ProbeTask, Task
from ocrx.document import Page, Recognition, Request
from ocrx.engine import Engine, EngineSettings, Factory, load_engine
from ocrx.errors import EngineError, MissingRequirementError, OcrxError, PageMemoryError
from ocrx.source import check_unchanged


class Reader:
    """Does tasks with one engine, which is loaded when the first page comes that needs it."""

    def __init__(self, engine: str, settings: EngineSettings | None = None) -> None:
        """Take the engine's name, or ``module:Class`` of one that is not installed."""
        self._name = engine
        self._settings = settings or EngineSettings()
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The engine, loaded now at the latest.

        Raises:
            MissingRequirementError: there is no such engine.
        """
        if self._engine is None:
            self._engine = load_named_engine(self._name, self._settings)
        return self._engine

    def perform(self, task: Task) -> Outcome:
        """Do one task; whatever goes wrong is in the outcome."""
        try:
            return self._done(task)
        except OcrxError as error:
            page = None if isinstance(task, ProbeTask) else task.request.page
            return Outcome(task.ticket, error=_sendable(error, page))
        except MemoryError:
            return Outcome(task.ticket, error=PageMemoryError("ran out of memory"))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # one page, isolated from the rest
            return Outcome(task.ticket, error=EngineError(in_words(error)))

    def _done(self, task: Task) -> Outcome:
        if isinstance(task, ProbeTask):
            from ocrx.raster import probe

            return Outcome(task.ticket, pages=tuple(probe(task.source)))
        if isinstance(task, PrepareTask):
            return Outcome(task.ticket, prepared=prepare(task.request))
        if isinstance(task, FinishTask):
            recognition = task.recognition
        else:
            recognition = recognise_page(self.engine, task.request)
        reading = finish(
            task.request, recognition, verify=task.verify, reference=self._reading_of_reference
        )
        check_unchanged(task.source)  # else it would be kept under the hash of other bytes
        return Outcome(task.ticket, reading=reading)

    def _reading_of_reference(self, request: Request) -> Recognition:
        return recognise_page(self.engine, request)

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


def recognise_page(engine: Engine, request: Request) -> Recognition:
    """Return what an engine makes of one page.

    Raises:
        EngineError: the engine gave no recognition of the page.
    """
    recognition: Recognition | None = None
    for answer in engine.recognise([request]):
        if isinstance(answer, Recognition) and answer.page_id == request.page_id:
            recognition = answer
    if recognition is None:
        raise EngineError("the engine gave no answer")
    return recognition


def _sendable(error: OcrxError, page: Page | None) -> OcrxError:
    """Drop causes and traces, which may not pickle."""
    return type(error)(str(error) if page is None else without_place(str(error), page))
