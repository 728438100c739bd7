"""The worker process of the pool: takes tasks from a pipe, answers with outcomes.

Started by ``runners/pool.py`` as a program of its own; knows nothing of queues or limits other
than its own memory.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ocrx.conversion.reading import Reader
from ocrx.conversion.work import Outcome, Task
from ocrx.errors import EngineError

READY = "ready"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_OOM_SCORE = "500"  # of 1000: under pressure the kernel takes a worker, never the parent


def main(
    descriptor: int, parent: int, engine: str, data_limit_bytes: int, show_messages: bool
) -> None:
    """Serve tasks until the pipe closes or says stop.

    What is written to standard error before the first task is kept by the parent; afterwards it is
    dropped, unless ``show_messages``.
    """
    os.set_inheritable(descriptor, False)
    _die_with(parent)
    _limit(data_limit_bytes)
    reader = Reader(engine)
    with Connection(descriptor) as connection:
        if not show_messages:
            _be_silent()
        connection.send(READY)
        _serve(connection, reader)
    reader.close()
    sys.stderr.flush()
    os._exit(0)  # the teardown of inference libraries is slow, and has crashed


def _serve(connection: Connection[Any, Any], reader: Reader) -> None:
    while True:
        try:
            task: Task | None = connection.recv()
        except (EOFError, OSError):
            return
        if task is None:
            return
        outcome = reader.perform(task)
        try:
            connection.send(outcome)
        except OSError:
            return
        except Exception as error:  # noqa: BLE001  # an answer that cannot be pickled fails its page
            connection.send(_unsendable(task, error))


def _unsendable(task: Task, error: Exception) -> Outcome:
    return Outcome(task.ticket, error=EngineError(f"the answer cannot be sent: {error}"))


def _die_with(parent: int) -> None:
    """Leave Ctrl-C to the parent, and die when it dies, even in the middle of a page."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def _be_silent() -> None:
    sys.stderr.flush()
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)


def _limit(data_limit_bytes: int) -> None:
    """Cap the data segment, so that one huge allocation fails before it is touched."""
    if data_limit_bytes > 0:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = data_limit_bytes if hard < 0 else min(hard, data_limit_bytes)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
