"""The device process: the weights are in it, prepared pages go in, recognitions come out.

Started by ``runners/fleet.py`` as a program of its own. It never opens a document, and knows
nothing of time limits other than those that come with the pages.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any, cast

from ocrx.conversion.failures import in_words
from ocrx.conversion.reading import load_named_engine
from ocrx.document import Recognition
from ocrx.engine import BatchEngine, PreparedPage
from ocrx.errors import EngineError, MissingRequirementError, OcrxError
from ocrx.runners.child import be_silent, run_child
from ocrx.runners.settings import WorkerSettings

_OOM_SCORE = 200  # of 1000: after the pool's workers, before the parent


@dataclass(frozen=True, slots=True)
class Loaded:
    """The weights are loaded; the engine reads that many pages at once."""

    capacity: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine cannot be loaded, now or ever."""

    error: OcrxError


@dataclass(frozen=True, slots=True)
class Given:
    """A page to read."""

    ticket: int
    page: PreparedPage


@dataclass(frozen=True, slots=True)
class Answered:
    """A page that was read."""

    ticket: int
    recognition: Recognition


@dataclass(frozen=True, slots=True)
class Broken:
    """The engine failed as a whole; the process ends."""

    why: str


Message = Loaded | Refused | Answered | Broken


def main(descriptor: int, parent: int) -> None:
    """Load the engine and serve pages until the pipe closes.

    What is written to standard error while it loads is kept by the parent; afterwards it is
    dropped, unless the settings ask for messages.
    """
    run_child(descriptor, parent, _OOM_SCORE, _work)


def _work(connection: Connection[Any, Any], settings: WorkerSettings) -> None:
    try:
        engine = cast(BatchEngine, load_named_engine(settings.engine, settings.engine_settings))
        capacity = engine.capacity
    except OcrxError as error:
        connection.send(Refused(type(error)(str(error))))
        return
    except Exception as error:  # noqa: BLE001  # the parent decides what becomes of it
        connection.send(Refused(EngineError(f"the engine cannot be loaded: {in_words(error)}")))
        return
    if not settings.show_messages:
        be_silent()
    connection.send(Loaded(capacity))
    try:
        _Desk(connection).serve(engine)
    except OSError:
        return
    except MissingRequirementError as error:
        connection.send(Refused(type(error)(str(error))))
    except Exception as error:  # noqa: BLE001  # its pages are tried again in a fresh process
        connection.send(Broken(in_words(error)))


class _Desk:
    """Pages from the pipe to the engine, answers from the engine to the pipe."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._arrived: SimpleQueue[Given] = SimpleQueue()
        self._taken: list[tuple[str, int, float]] = []  # page, ticket, since when

    def serve(self, engine: BatchEngine) -> None:
        Thread(target=self._receive, name="pages", daemon=True).start()
        for recognition in engine.recognise_prepared(self._pages()):
            taken = next((each for each in self._taken if each[0] == recognition.page_id), None)
            if taken is None:
                continue  # nobody asked
            self._taken.remove(taken)
            _, ticket, began = taken
            if recognition.seconds <= 0:
                recognition = replace(recognition, seconds=time.monotonic() - began)
            self._connection.send(Answered(ticket, recognition))
        raise EngineError("it stopped reading")

    def _receive(self) -> None:
        """Empty the pipe at once, so that the parent never waits for it."""
        try:
            while True:
                self._arrived.put(self._connection.recv())
        except (EOFError, OSError):
            os._exit(0)  # the parent wants nothing more

    def _pages(self) -> Iterator[PreparedPage]:
        """Yield pages as they come; runs on the engine's thread."""
        while True:
            given = self._arrived.get()
            self._taken.append((given.page.request.page_id, given.ticket, time.monotonic()))
            yield given.page
