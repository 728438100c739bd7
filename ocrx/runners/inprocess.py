"""The runner of this very process: no isolation, no time limit, nothing to start.

For libraries and tests; ``runners/pool.py`` is for documents that one does not trust.
"""

from __future__ import annotations

from collections import deque

from ocrx.conversion.reading import Reader
from ocrx.conversion.work import Outcome, Task


class InProcessRunner:
    """Does one task at a time, when asked to wait for it."""

    def __init__(self, engine: str) -> None:
        """Take the engine's name or ``module:Class``; it is loaded at the first page."""
        self._reader = Reader(engine)
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
        return [self._reader.perform(self._queue.popleft())] if self._queue else []

    def cancel(self) -> list[int]:
        """Forget all queued tasks."""
        tickets = [task.ticket for task in self._queue]
        self._queue.clear()
        return tickets

    def close(self) -> None:
        """Free the engine."""
        self._queue.clear()
        self._reader.close()
