"""The device runner: pages from CPU workers to the devices and back, many at once.

Documents are opened by CPU workers alone: a hostile one never takes a device's weights along.
What a page needs next is for ``conversion/trip.py``; who runs is for ``fleet.py`` and ``pool.py``.
"""

from __future__ import annotations

from collections import deque

from ocrx.conversion.ladder import Rules
from ocrx.conversion.trip import Trip
from ocrx.conversion.work import FinishTask, Outcome, PrepareTask, ProbeTask, ReadTask, Task
from ocrx.engine import EngineSettings, PreparedPage
from ocrx.errors import EngineError
from ocrx.runners.fleet import Answer, Fleet
from ocrx.runners.pool import TASKS_A_WORKER, PoolRunner, PoolSettings
from ocrx.runners.settings import WorkerSettings

MAX_DEATHS = 2  # of processes that held a page; then it is read alone


class DeviceRunner:
    """Runs pages on devices; a page that kills a device's process costs itself and nothing else."""

    def __init__(
        self,
        engine: str,
        rules: Rules,
        settings: PoolSettings,
        engine_settings: EngineSettings,
        fallback: str,
    ) -> None:
        """Take the names of the engine and of the one that CPU workers fall back on."""
        self._rules = rules
        self._pool = PoolRunner(fallback, settings)
        self._fleet = Fleet(
            WorkerSettings(engine, engine_settings, show_messages=settings.show_messages),
            rules.info.devices,
            settings.page_seconds + settings.grace_seconds,
        )
        self._most_prepared = TASKS_A_WORKER * settings.count
        self._trips: dict[int, Trip] = {}
        self._probes: set[int] = set()
        self._finishing: dict[int, FinishTask] = {}
        self._to_prepare: deque[PrepareTask] = deque()
        self._preparing: set[int] = set()
        self._prepared: dict[int, PreparedPage] = {}  # views are megabytes: never many
        self._deaths: dict[int, int] = {}  # of processes that held a page, by its ticket

    @property
    def room(self) -> int:
        """How many more tasks keep devices and workers busy."""
        held = len(self._trips) + len(self._probes)
        return self._fleet.size + self._most_prepared - held

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the CPU workers."""
        return self._pool.worker_pids

    @property
    def device_pids(self) -> list[int]:
        """Process ids of the device processes."""
        return self._fleet.pids

    @property
    def prepared(self) -> int:
        """How many pages are being prepared or wait for a device."""
        return len(self._preparing) + len(self._prepared)

    def submit(self, task: Task) -> None:
        """Take a task; its outcome will come from ``wait``."""
        if isinstance(task, ReadTask):
            trip = self._trips[task.ticket] = Trip(task, self._rules)
            work = trip.next()
            assert isinstance(work, PrepareTask)  # a page is prepared before all else
            self._to_prepare.append(work)
        elif isinstance(task, ProbeTask):
            self._probes.add(task.ticket)
            self._pool.submit(task)
        else:
            raise TypeError(f"{type(task).__name__} is for CPU workers")

    def wait(self) -> list[Outcome]:
        """Move everything one step on; return outcomes, or none after a short while.

        Raises:
            MissingRequirementError: the engine lacks weights, memory or a device.
            EngineError: processes cannot be started, or the engine cannot be loaded.
        """
        if self._trips:
            self._fleet.start()
        self._feed()
        done: list[Outcome] = []
        for outcome in self._pool.wait(self._fleet.connections):
            done += self._take(outcome)
        for answer in self._fleet.listen():
            done += self._take_answer(answer)
        self._feed()
        return done

    def cancel(self) -> list[int]:
        """Forget the pages that no device holds and that are not read yet, and all probes."""
        forgotten = [task.ticket for task in self._to_prepare]
        forgotten += list(self._prepared)
        for ticket in self._pool.cancel():
            if ticket in self._finishing:
                self._pool.submit(self._finishing[ticket])
            else:
                forgotten.append(ticket)
        self._to_prepare.clear()
        for ticket in forgotten:
            self._forget(ticket)
        return forgotten

    def close(self) -> None:
        """End all processes now."""
        self._fleet.close()
        self._pool.close()
        for ticket in [*self._trips, *self._probes]:
            self._forget(ticket)
        self._to_prepare.clear()

    def _forget(self, ticket: int) -> None:
        self._trips.pop(ticket, None)
        self._probes.discard(ticket)
        self._finishing.pop(ticket, None)
        self._preparing.discard(ticket)
        self._prepared.pop(ticket, None)
        self._deaths.pop(ticket, None)

    def _advance(self, ticket: int) -> list[Outcome]:
        """Put a page where its next piece of work is done."""
        work = self._trips[ticket].next()
        if isinstance(work, Outcome):
            self._forget(ticket)
            return [work]
        if isinstance(work, PrepareTask):
            self._to_prepare.appendleft(work)  # read again before others are begun
        elif isinstance(work, PreparedPage):
            self._prepared[ticket] = work
        else:
            if isinstance(work, FinishTask):
                self._finishing[ticket] = work
            self._pool.submit(work)
        return []

    def _feed(self) -> None:
        """Have pages prepared, within bounds, and hand prepared ones to the devices."""
        while self._to_prepare and self.prepared < self._most_prepared:
            task = self._to_prepare.popleft()
            self._preparing.add(task.ticket)
            self._pool.submit(task)
        # A page that may be deadly goes first, else others would keep every device busy for ever.
        in_order = sorted(self._prepared, key=self._is_suspect, reverse=True)
        for ticket in in_order:
            page = self._prepared[ticket]
            if not self._fleet.give(ticket, page, alone=self._is_suspect(ticket)):
                return
            del self._prepared[ticket]

    def _is_suspect(self, ticket: int) -> bool:
        return self._deaths.get(ticket, 0) >= MAX_DEATHS

    def _take(self, outcome: Outcome) -> list[Outcome]:
        """Take what a CPU worker made of a task."""
        ticket = outcome.ticket
        if ticket in self._probes:
            self._probes.discard(ticket)
            return [outcome]
        self._preparing.discard(ticket)
        if ticket not in self._trips:
            return []
        self._trips[ticket].take(outcome)
        return self._advance(ticket)

    def _take_answer(self, answer: Answer) -> list[Outcome]:
        """Take what a device made of a page; one that was lost is tried again, in the end alone."""
        ticket, trip = answer.ticket, self._trips.get(answer.ticket)
        if trip is None:
            return []
        if answer.recognition is not None:
            self._deaths.pop(ticket, None)
            trip.take_recognition(answer.recognition)
        elif self._is_suspect(ticket):
            self._deaths.clear()  # the culprit is found
            trip.fail(answer.error or EngineError("no answer"))
        else:
            self._deaths[ticket] = self._deaths.get(ticket, 0) + 1
            trip.note_loss()
        return self._advance(ticket)
