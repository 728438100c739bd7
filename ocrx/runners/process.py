"""One worker process as its parent sees it: start, hand over a task, watch, end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO, cast

import psutil  # type: ignore[import-untyped]  # carries no types

from ocrx.conversion.work import Task
from ocrx.errors import EngineError
from ocrx.runners.settings import WorkerSettings

_BOOTSTRAP = "from {} import main; main({}, {})"
_WORKER = "ocrx.runners.worker"
_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OMP_THREAD_LIMIT",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
# Threads that wait in a loop take the cores from one another, and from the other workers.
_MANY_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}
_GOODBYE_SECONDS = 2.0
_LAST_BYTES = 4096
_LAST_CHARACTERS = 200


class ChildProcess:
    """A child process, the pipe to it, and its last words.

    A program of its own and not ``multiprocessing``: the caller's ``__main__`` is not imported
    again (scripts need no guard), no resource tracker, and its streams are ours to choose.
    """

    def __init__(self, program: str, settings: WorkerSettings, *, one_thread: bool) -> None:
        """Start the process and tell it its settings; it answers once it is ready.

        ``program`` is the module whose ``main`` it runs. With ``one_thread`` its numeric libraries
        are kept to one.

        Raises:
            EngineError: the system starts no more processes.
        """
        self._words = None if settings.show_messages else _nameless_file()
        self.last_words = ""
        try:
            self._process, ours = _launch(
                program, settings.show_messages, self._words, _environment(one_thread=one_thread)
            )
        except OSError as error:
            self._hear_last_words()
            raise EngineError(f"worker processes cannot start: {error.strerror}") from error
        self.connection: Connection[Any, Any] = Connection(ours.detach())
        with suppress(OSError):  # of one that is gone already, the pipe tells
            self.connection.send(settings)
        self._watch = psutil.Process(self._process.pid)
        self.started = time.monotonic()
        self.ready = False

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def resident_bytes(self) -> int:
        """Memory that the process holds now; 0 when it is gone."""
        try:
            return int(self._watch.memory_info().rss)
        except psutil.Error:
            return 0

    def dismiss(self) -> None:
        """Ask an idle worker to leave, without waiting."""
        with suppress(OSError):
            self.connection.send(None)
        self.connection.close()

    def kill(self) -> str:
        """End the process whatever it does; return how it ended, in words."""
        self._process.kill()
        ending = _ending(self._process.wait())
        self._hang_up()
        self._hear_last_words()
        return ending

    def bury(self) -> str:
        """Collect a process that has closed its pipe; return how it ended, in words."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_GOODBYE_SECONDS)
        return self.kill()  # of one that has ended by itself, only the ending is told

    def note_ready(self) -> None:
        """Take note that the process is ready; what it said so far is of no use any more."""
        self.ready = True
        self._hear_last_words()

    def _hang_up(self) -> None:
        self.connection.close()

    def _hear_last_words(self) -> None:
        """Keep the last line that the process wrote to its standard error while it started."""
        if self._words is None:
            return
        with self._words as words:
            words.seek(max(0, words.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = words.read().decode("utf-8", "replace").split("\n")
        self._words = None
        said = [" ".join(line.split()) for line in lines if line.strip()]
        self.last_words = said[-1][:_LAST_CHARACTERS] if said else ""

    def gone(self) -> bool:
        """Whether the process has ended (and is collected)."""
        return self._process.poll() is not None


@dataclass(slots=True)
class Assignment:
    """A task in the hands of a worker."""

    task: Task
    attempts: int
    deadline: float


class WorkerProcess(ChildProcess):
    """A worker of the pool, and what it is doing."""

    def __init__(self, settings: WorkerSettings) -> None:
        """Start the process; it answers once it is ready.

        Raises:
            EngineError: the system starts no more processes.
        """
        super().__init__(_WORKER, settings, one_thread=True)
        self.done = 0
        self.warm = False  # whether the engine is loaded
        self.source: str | None = None
        self.assignment: Assignment | None = None

    def assign(self, task: Task, attempts: int, limit_seconds: float) -> bool:
        """Hand over a task; False when the process is gone."""
        try:
            self.connection.send(task)
        except OSError:
            return False
        self.assignment = Assignment(task, attempts, time.monotonic() + limit_seconds)
        self.source = task.source.sha256
        return True


def _nameless_file() -> BinaryIO | None:
    """Return a file that vanishes with its last holder; None where the disk is full."""
    try:
        return cast(BinaryIO, tempfile.TemporaryFile())
    except OSError:
        return None


def _launch(
    program: str, show_messages: bool, last_words: BinaryIO | None, environment: dict[str, str]
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Return the process and our end of the pipe to it."""
    silenced: BinaryIO | int = subprocess.DEVNULL if last_words is None else last_words
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            descriptor = theirs.fileno()
            bootstrap = _BOOTSTRAP.format(program, descriptor, os.getpid())
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", bootstrap],
                stdin=subprocess.DEVNULL,
                stdout=2 if show_messages else subprocess.DEVNULL,
                stderr=None if show_messages else silenced,
                pass_fds=(descriptor,),
                env=environment,
                process_group=0,  # Ctrl-C on the terminal is the parent's to answer
            )
            return process, ours
    except BaseException:
        ours.close()
        raise


def _environment(*, one_thread: bool) -> dict[str, str]:
    paths = [path or str(Path.cwd()) for path in sys.path]
    return {
        **({} if one_thread else _MANY_THREADS),
        **os.environ,
        **(dict.fromkeys(_ONE_THREAD, "1") if one_thread else {}),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
    }


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
