"""One device process as its parent sees it: fed without waiting, and what it holds."""

from __future__ import annotations

import time
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from ocrx.engine import PreparedPage
from ocrx.runners.device_worker import Given
from ocrx.runners.process import ChildProcess
from ocrx.runners.settings import WorkerSettings

_PROGRAM = "ocrx.runners.device_worker"
_GOODBYE_SECONDS = 5.0
AHEAD = 4  # pages that wait in the process, so that a place that falls free is taken at once


class DeviceProcess(ChildProcess):
    """A process with the weights, and the pages in its hands.

    Pages are megabytes: a thread sends them, so that a process that hangs holds up nobody else.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        """Start the process; it begins to load at once.

        Raises:
            EngineError: the system starts no more processes.
        """
        super().__init__(_PROGRAM, settings, one_thread=False)
        self.capacity = 0  # pages at once, known when it is loaded
        self.alone = False
        self._held: dict[int, float] = {}  # ticket -> since when
        self._heard = self.started
        self._outbox: SimpleQueue[Given | None] = SimpleQueue()
        self._sender = Thread(target=self._send, name="pages", daemon=True)
        self._sender.start()

    @property
    def tickets(self) -> tuple[int, ...]:
        """The tickets of the pages that it holds, the oldest first."""
        return tuple(self._held)

    @property
    def places(self) -> int:
        """How many more pages it may be given."""
        if self.capacity < 1 or self.alone:
            return 0
        return self.capacity + AHEAD - len(self._held)

    def note_loaded(self, capacity: int) -> None:
        """Take note that the weights are loaded."""
        self.note_ready()
        self.capacity = capacity
        self._heard = time.monotonic()

    def give(self, ticket: int, page: PreparedPage, *, alone: bool) -> None:
        """Hand over a page; with ``alone`` none is given beside it."""
        now = time.monotonic()
        if not self._held:
            self._heard = now
        self._held[ticket] = now
        self.alone = alone
        self._outbox.put(Given(ticket, page))

    def note_answer(self, ticket: int) -> bool:
        """Take note of an answer; False when it was not asked for that page."""
        self._heard = time.monotonic()
        if self._held.pop(ticket, None) is None:
            return False
        self.alone &= bool(self._held)
        return True

    def hangs(self, page_seconds: float) -> bool:
        """Whether it has been silent, or kept a page, for longer than its pages may take.

        A page waits for a place as long as another may take, and then takes that long itself.
        """
        if not self._held:
            return False
        now = time.monotonic()
        silent = now - self._heard > page_seconds
        return silent or now - min(self._held.values()) > 2 * page_seconds

    def _hang_up(self) -> None:
        """Close the pipe once the process is gone, which ends the thread that sends."""
        self._outbox.put(None)
        self._sender.join(_GOODBYE_SECONDS)
        super()._hang_up()

    def _send(self) -> None:
        with suppress(OSError):  # what became of the process, the pipe tells the other side
            while (given := self._outbox.get()) is not None:
                self.connection.send(given)
