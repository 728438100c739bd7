"""The pool runner: persistent worker processes, watched from one loop in the parent.

Holds the policy (who gets which page, when a worker is too slow, too big or too old);
``runners/process.py`` holds one worker, ``runners/worker.py`` is what runs in it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from ocrx.conversion.work import FinishTask, Outcome, ReadTask, Task
from ocrx.engine import EngineSettings
from ocrx.errors import (
    EngineError,
    OcrxError,
    PageMemoryError,
    PageTimeoutError,
    WorkerCrashedError,
)
from ocrx.runners.child import READY
from ocrx.runners.process import Assignment, WorkerProcess
from ocrx.runners.settings import WorkerSettings

MIB = 1 << 20
POLL_SECONDS = 0.2
MAX_ATTEMPTS = 2
MAX_FAILED_STARTS = 3
TASKS_A_WORKER = 2  # one in hand and one waiting keep every worker busy
DATA_LIMIT_FACTOR = 2  # see PoolSettings.memory_bytes


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Limits of the pool.

    ``memory_bytes`` is watched as resident memory several times a second; twice as much is set as
    the limit of the data segment, which catches a single huge allocation between two looks. The
    address space is not limited: inference libraries reserve far more than they use.
    ``first_page_seconds`` is added for a worker's first task, which loads libraries, and for the
    first that loads the engine. A worker leaves after ``recycle_after`` tasks, so that slow leaks
    end with it (0.6 MB a page of a long PDF; 250 pages keep it under 950 MB and cost 1 % of the
    time). A device process hangs that holds pages and gives no answer for ``grace_seconds`` longer
    than a page may take: on a slow device the vision part of a batch alone takes minutes.
    """

    workers: int = 0
    page_seconds: float = 120.0
    first_page_seconds: float = 60.0
    start_seconds: float = 60.0
    memory_bytes: int = 2048 * MIB
    recycle_after: int = 250
    show_messages: bool = False
    grace_seconds: float = 300.0

    @property
    def count(self) -> int:
        """Number of workers: as many as this process may use cores, unless told."""
        return self.workers if self.workers > 0 else len(os.sched_getaffinity(0))


@dataclass(slots=True)
class _Waiting:
    task: Task
    attempts: int = 1


class PoolRunner:
    """Runs tasks in worker processes; a bad page costs its worker and nothing else."""

    def __init__(
        self,
        engine: str,
        settings: PoolSettings | None = None,
        engine_settings: EngineSettings | None = None,
    ) -> None:
        """Take the engine's name or ``module:Class``; workers start with the first tasks."""
        self._settings = settings or PoolSettings()
        self._worker_settings = WorkerSettings(
            engine,
            engine_settings or EngineSettings(),
            data_limit_bytes=DATA_LIMIT_FACTOR * self._settings.memory_bytes,
            show_messages=self._settings.show_messages,
        )
        self._queue: deque[_Waiting] = deque()
        self._workers: list[WorkerProcess] = []
        self._leaving: list[WorkerProcess] = []
        self._failed_starts = 0

    @property
    def room(self) -> int:
        """How many more tasks keep the workers busy."""
        held = len(self._queue) + len(self._busy())
        return TASKS_A_WORKER * self._settings.count - held

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.pid for worker in self._workers]

    def submit(self, task: Task) -> None:
        """Queue a task."""
        self._queue.append(_Waiting(task))

    def wait(self, others: Iterable[Connection[Any, Any]] = ()) -> list[Outcome]:
        """Move everything one step on; return outcomes, or none after a short while.

        It ends early as well when one of the ``others`` has something to say.
        """
        self._staff()
        outcomes = self._dispatch()
        connections = {worker.connection: worker for worker in self._workers}
        heard = [*connections, *others]
        if heard and not outcomes:
            for connection in wait(heard, timeout=POLL_SECONDS):
                if isinstance(connection, Connection) and connection in connections:
                    outcomes += self._hear(connections[connection])
        outcomes += self._police()
        outcomes += self._dispatch()
        return outcomes

    def cancel(self) -> list[int]:
        """Forget the tasks that no worker holds, second attempts too."""
        tickets = [waiting.task.ticket for waiting in self._queue]
        self._queue.clear()
        return tickets

    def close(self) -> None:
        """End all workers now."""
        for worker in self._workers:
            worker.kill()
        for worker in self._leaving:
            if not worker.gone():
                worker.kill()
        self._workers.clear()
        self._leaving.clear()
        self._queue.clear()

    def _busy(self) -> list[WorkerProcess]:
        return [worker for worker in self._workers if worker.assignment is not None]

    def _staff(self) -> None:
        """Start workers, no more than there is work for."""
        self._leaving = [worker for worker in self._leaving if not worker.gone()]
        wanted = min(self._settings.count, len(self._queue) + len(self._busy()))
        while len(self._workers) < wanted:
            self._workers.append(WorkerProcess(self._worker_settings))

    def _dispatch(self) -> list[Outcome]:
        """Give every free worker a task; a worker that died meanwhile is dealt with."""
        outcomes = []
        for worker in list(self._workers):
            if not worker.ready or worker.assignment is not None:
                continue
            waiting = self._choose(worker)
            if waiting is None:
                continue
            self._queue.remove(waiting)
            limit = self._limit_seconds(waiting.task)
            if not worker.done or (not worker.warm and _needs_engine(waiting.task)):
                limit += self._settings.first_page_seconds
            if not worker.assign(waiting.task, waiting.attempts, limit):
                self._queue.appendleft(waiting)
                outcomes += self._lost(worker)
        return outcomes

    def _limit_seconds(self, task: Task) -> float:
        own = task.seconds if isinstance(task, ReadTask) else self._settings.page_seconds
        return min(own, self._settings.page_seconds)

    def _choose(self, worker: WorkerProcess) -> _Waiting | None:
        """Second attempts for fresh workers; else the document it has open; else a new one."""
        retries = [waiting for waiting in self._queue if waiting.attempts > 1]
        if retries and not worker.done:
            return retries[0]
        firsts = [waiting for waiting in self._queue if waiting.attempts == 1]
        taken = {other.source for other in self._busy()}
        for wanted in (
            lambda source: source == worker.source,
            lambda source: source not in taken,
            lambda source: True,
        ):
            for waiting in firsts:
                if wanted(waiting.task.source.sha256):
                    return waiting
        return None

    def _hear(self, worker: WorkerProcess) -> list[Outcome]:
        """Take what a worker says; silence for good means that it died."""
        try:
            message: Any = worker.connection.recv()
        except (EOFError, OSError):
            return self._lost(worker)
        except Exception as error:  # noqa: BLE001  # an answer that cannot be unpickled
            return self._lost(worker, f"garbled answer: {type(error).__name__}")
        if message == READY:
            worker.note_ready()
            self._failed_starts = 0
            return []
        assignment, worker.assignment = worker.assignment, None
        worker.done += 1
        worker.warm |= assignment is not None and _needs_engine(assignment.task)
        if worker.done >= self._settings.recycle_after or self._too_big(worker):
            self._retire(worker)
        if assignment is None or not isinstance(message, Outcome):
            return self._lost(worker, "garbled answer")
        return [replace(message, ticket=assignment.task.ticket, attempts=assignment.attempts)]

    def _too_big(self, worker: WorkerProcess) -> bool:
        return worker.resident_bytes() > self._settings.memory_bytes * 3 // 4

    def _retire(self, worker: WorkerProcess) -> None:
        self._workers.remove(worker)
        worker.dismiss()
        self._leaving.append(worker)

    def _police(self) -> list[Outcome]:
        """End workers that take too long or too much."""
        outcomes: list[Outcome] = []
        now = time.monotonic()
        for worker in list(self._workers):
            assignment = worker.assignment
            if assignment is None:
                if not worker.ready and now - worker.started > self._settings.start_seconds:
                    outcomes += self._lost(worker, "did not start in time")
            elif now > assignment.deadline:
                seconds = self._limit_seconds(assignment.task)
                error = PageTimeoutError(f"took longer than {seconds:g} s")
                outcomes += self._fail(worker, error, retry=False)
            elif worker.resident_bytes() > self._settings.memory_bytes:
                mib = self._settings.memory_bytes // MIB
                oversize = PageMemoryError(f"needed more than {mib} MiB of memory")
                outcomes += self._fail(worker, oversize, retry=worker.done > 0)
        return outcomes

    def _fail(self, worker: WorkerProcess, error: OcrxError, *, retry: bool) -> list[Outcome]:
        self._workers.remove(worker)
        worker.kill()
        return self._settle(worker.assignment, error, retry=retry)

    def _lost(self, worker: WorkerProcess, how: str | None = None) -> list[Outcome]:
        """A worker is gone, or speaks nonsense and has to go."""
        if worker in self._workers:
            self._workers.remove(worker)
        ending = worker.kill() if how else worker.bury()
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= MAX_FAILED_STARTS:
                said = worker.last_words or "-vv shows what they say"
                raise EngineError(f"worker processes cannot start ({how or ending}): {said}")
            return []
        error = WorkerCrashedError(f"the worker process died ({how or ending})")
        return self._settle(worker.assignment, error, retry=True)

    def _settle(
        self, assignment: Assignment | None, error: OcrxError, *, retry: bool
    ) -> list[Outcome]:
        """Try again in a fresh worker, or give the task up."""
        if assignment is None:
            return []
        if retry and assignment.attempts < MAX_ATTEMPTS:
            self._queue.appendleft(_Waiting(assignment.task, assignment.attempts + 1))
            return []
        return [Outcome(assignment.task.ticket, error=error, attempts=assignment.attempts)]


def _needs_engine(task: Task) -> bool:
    return isinstance(task, ReadTask) or (isinstance(task, FinishTask) and task.verify)
