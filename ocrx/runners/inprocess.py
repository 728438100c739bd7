"""The runner of this very process: no isolation, no time limit, nothing to start.

For libraries and tests; ``runners/pool.py`` and ``runners/device.py`` are for documents that one
does not trust, and for many pages at once.
"""

from __future__ import annotations

from collections import deque
from typing import cast

from ocrx.conversion.failures import in_words
from ocrx.conversion.ladder import Rules
from ocrx.conversion.reading import Reader
from ocrx.conversion.trip import Trip
from ocrx.conversion.work import Outcome, ReadTask, Task
from ocrx.document import Recognition
from ocrx.engine import BatchEngine, EngineSettings, PreparedPage
from ocrx.errors import EngineError, MissingRequirementError

FALLBACK = "embedded"


class InProcessRunner:
    """Does one task at a time, when asked to wait for it."""

    def __init__(
        self,
        engine: str,
        engine_settings: EngineSettings | None = None,
        rules: Rules | None = None,
        fallback: str = FALLBACK,
    ) -> None:
        """Take the engine's name or ``module:Class``; it is loaded at the first page.

        An engine that takes views needs ``rules``, and the name of the engine to fall back on.
        """
        self._rules = rules
        self._reader = Reader(engine, engine_settings)
        self._cpu_reader = self._reader if rules is None else Reader(fallback)
        self._queue: deque[Task] = deque()

    @property
    def room(self) -> int:
        """One task at a time."""
        return 1 - len(self._queue)

    def submit(self, task: Task) -> None:
        """Queue a task."""
        self._queue.append(task)

    def wait(self) -> list[Outcome]:
        """Do the next task and return its outcome; an empty list when there is none."""
        if not self._queue:
            return []
        task = self._queue.popleft()
        if self._rules is None or not isinstance(task, ReadTask):
            return [self._cpu_reader.perform(task)]
        return [self._travel(Trip(task, self._rules), task.ticket)]

    def cancel(self) -> list[int]:
        """Forget all queued tasks."""
        tickets = [task.ticket for task in self._queue]
        self._queue.clear()
        return tickets

    def close(self) -> None:
        """Free the engines."""
        self._queue.clear()
        self._reader.close()
        self._cpu_reader.close()

    def _travel(self, trip: Trip, ticket: int) -> Outcome:
        """Go the whole way with one page."""
        while not isinstance(work := trip.next(), Outcome):
            if not isinstance(work, PreparedPage):
                trip.take(self._cpu_reader.perform(work))
                continue
            try:
                trip.take_recognition(self._recognise(work))
            except MissingRequirementError as error:
                return Outcome(ticket, error=error)
            except EngineError as error:
                trip.fail(error)
            except Exception as error:  # noqa: BLE001  # one page, isolated from the rest
                trip.fail(EngineError(in_words(error)))
        return work

    def _recognise(self, page: PreparedPage) -> Recognition:
        engine = cast(BatchEngine, self._reader.engine)
        for recognition in engine.recognise_prepared([page]):
            if recognition.page_id == page.request.page_id:
                return recognition
        raise EngineError("the engine gave no answer")
