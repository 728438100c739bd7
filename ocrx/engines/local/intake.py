"""Pages on their way in: pulled and prepared on a thread of their own, only as there is room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from time import monotonic

from ocrx.engine import PreparedPage
from ocrx.engines.local.prompt import Prompt
from ocrx.engines.local.sequence import WaitingPage


class Intake:
    """Pulls pages while others are read, so that neither a slow iterable nor preparing holds them.

    At most ``room`` pages are taken and not yet answered: a page's time runs from when it is taken,
    and is not for waiting. ``error`` is what the iterable raised, once ``ended``.
    """

    def __init__(
        self, pages: Iterable[PreparedPage], prepare: Callable[[PreparedPage], Prompt], room: int
    ) -> None:
        """Start the thread."""
        self.error: BaseException | None = None
        self.ended = False
        self._room = threading.Semaphore(room)
        self._surplus = 0  # answers that make no room, since there is to be less
        self._ready: SimpleQueue[WaitingPage | None] = SimpleQueue()
        self._closed = threading.Event()
        work = threading.Thread(
            target=self._pull, args=(pages, prepare), name="ocrx-prepare", daemon=True
        )
        work.start()

    def take(self, *, wait: bool) -> WaitingPage | None:
        """Return the next page; None when no page is ready, or (see ``ended``) none will come."""
        if self.ended:
            return None
        try:
            found = self._ready.get(block=wait)
        except Empty:
            return None
        self.ended = found is None
        return found

    def answered(self) -> None:
        """Make room for another page."""
        if self._surplus:
            self._surplus -= 1
        else:
            self._room.release()

    def narrow(self, by: int) -> None:
        """Leave less room from now on."""
        self._surplus += by

    def close(self) -> None:
        """Let the thread end; what an iterable that still waits yields is dropped."""
        self._closed.set()
        self._room.release()

    def _pull(
        self, pages: Iterable[PreparedPage], prepare: Callable[[PreparedPage], Prompt]
    ) -> None:
        try:
            source = iter(pages)
            while self._has_room():
                page = next(source, None)
                if page is None or self._closed.is_set():
                    return
                self._ready.put(_prepared(page, prepare))
        except BaseException as error:  # noqa: BLE001 - raised again where pages are answered
            self.error = error
        finally:
            self._ready.put(None)

    def _has_room(self) -> bool:
        self._room.acquire()
        return not self._closed.is_set()


def _prepared(page: PreparedPage, prepare: Callable[[PreparedPage], Prompt]) -> WaitingPage:
    taken = monotonic()
    try:
        return WaitingPage(page, taken, prepare(page))
    except Exception as error:  # noqa: BLE001 - one page is isolated; the failure is recorded
        return WaitingPage(page, taken, error=error)
