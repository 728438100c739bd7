"""The device processes, one for each device: started, fed, heard, and ended when they hang.

Says which pages were read and which were lost with their process; what becomes of those is for
``runners/device.py``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from ocrx.document import Recognition
from ocrx.engine import PreparedPage
from ocrx.errors import EngineError, OcrxError, PageTimeoutError, WorkerCrashedError
from ocrx.runners.device_process import AHEAD, DeviceProcess
from ocrx.runners.device_worker import Answered, Broken, Loaded, Refused
from ocrx.runners.pool import MAX_FAILED_STARTS
from ocrx.runners.settings import WorkerSettings

LOAD_SECONDS = 1800.0  # 7 GB from a slow disk
ASSUMED_CAPACITY = 8  # of a device whose weights are not loaded yet


@dataclass(frozen=True, slots=True)
class Answer:
    """A page that a device read, or lost (``error``) because its process died or hung."""

    ticket: int
    recognition: Recognition | None = None
    error: OcrxError | None = None


class Fleet:
    """Device processes. They start when first fed, and again when one died."""

    def __init__(
        self, settings: WorkerSettings, devices: tuple[str, ...], silence_seconds: float
    ) -> None:
        """Take what every process is told, its device aside.

        ``silence_seconds`` is after how long a process that holds pages and says nothing hangs.
        """
        own = settings.engine_settings
        self._settings = [
            replace(settings, engine_settings=replace(own, device=device))
            for device in devices or (own.device,)
        ]
        self._silence_seconds = silence_seconds
        self._processes: dict[int, DeviceProcess] = {}  # by the position of its settings
        self._failed_starts = 0
        self._refusal: OcrxError | None = None

    @property
    def size(self) -> int:
        """How many pages are welcome in all processes together."""
        running = self._processes.values()
        known = [process.capacity for process in running if process.capacity]
        unknown = len(self._settings) - len(known)
        return sum(known) + unknown * ASSUMED_CAPACITY + len(self._settings) * AHEAD

    @property
    def pids(self) -> list[int]:
        """Process ids."""
        return [process.pid for process in self._processes.values()]

    @property
    def connections(self) -> list[Connection[Any, Any]]:
        """The pipes, to be waited for."""
        return [process.connection for process in self._processes.values()]

    def start(self) -> None:
        """Start the processes that do not run.

        Raises:
            MissingRequirementError: the engine lacks weights, memory or a device.
            EngineError: it cannot be loaded, or no process can be started.
        """
        if self._refusal is not None:
            raise self._refusal
        for position, settings in enumerate(self._settings):
            if position not in self._processes:
                self._processes[position] = DeviceProcess(settings)

    def give(self, ticket: int, page: PreparedPage, *, alone: bool = False) -> bool:
        """Hand a page to the device that has most room; with ``alone``, to one that is idle."""
        free = [each for each in self._processes.values() if each.places > 0]
        if alone:
            free = [each for each in free if not each.tickets]
        if not free:
            return False
        max(free, key=lambda each: each.places).give(ticket, page, alone=alone)
        return True

    def listen(self) -> list[Answer]:
        """Return what the devices have to say by now, without waiting."""
        answers: list[Answer] = []
        for position, process in list(self._processes.items()):
            try:
                while process.connection.poll():
                    answers += self._hear(position, process, process.connection.recv())
                    if position not in self._processes:
                        break
                else:
                    answers += self._police(position, process)
            except (EOFError, OSError):
                answers += self._lost(position, process)
            except Exception as error:  # noqa: BLE001  # an answer that cannot be unpickled
                answers += self._lost(position, process, f"garbled answer: {type(error).__name__}")
        return answers

    def close(self) -> None:
        """End all processes now."""
        for process in self._processes.values():
            process.kill()
        self._processes.clear()

    def _hear(self, position: int, process: DeviceProcess, message: object) -> list[Answer]:
        if isinstance(message, Loaded):
            process.note_loaded(message.capacity)
            self._failed_starts = 0
        elif isinstance(message, Refused):
            self._refusal = message.error
            return self._lost(position, process, "not loaded")
        elif isinstance(message, Answered):
            if process.note_answer(message.ticket):
                return [Answer(message.ticket, message.recognition)]
        else:
            why = message.why if isinstance(message, Broken) else "garbled answer"
            return self._lost(position, process, why)
        return []

    def _police(self, position: int, process: DeviceProcess) -> list[Answer]:
        """End a process that does not come to an end by itself."""
        if not process.ready:
            if time.monotonic() - process.started > LOAD_SECONDS:
                return self._lost(position, process, f"not loaded within {LOAD_SECONDS:g} s")
        elif process.hangs(self._silence_seconds):
            del self._processes[position]
            process.kill()
            hung = PageTimeoutError(f"the device gave no answer in {self._silence_seconds:g} s")
            return [Answer(ticket, error=hung) for ticket in process.tickets]
        return []

    def _lost(self, position: int, process: DeviceProcess, how: str | None = None) -> list[Answer]:
        """A process is gone, or has to go."""
        del self._processes[position]
        ending = process.kill() if how else process.bury()
        if not process.ready and self._refusal is None:
            self._failed_starts += 1
            if self._failed_starts >= MAX_FAILED_STARTS:
                said = process.last_words or "-vv shows what it says"
                why = f"the device process cannot start ({how or ending}): {said}"
                self._refusal = EngineError(why)
        error = WorkerCrashedError(f"the device process died ({how or ending})")
        return [Answer(ticket, error=error) for ticket in process.tickets]
