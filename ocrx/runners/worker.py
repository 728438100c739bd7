"""The worker process of the pool: takes tasks from a pipe, answers with outcomes.

Started by ``runners/pool.py`` as a program of its own; knows nothing of queues or limits other
than its own memory.
"""

from __future__ import annotations

import resource
from multiprocessing.connection import Connection
from typing import Any

from ocrx.conversion.reading import Reader
from ocrx.conversion.work import Outcome, Task
from ocrx.errors import EngineError
from ocrx.runners.child import READY, be_silent, run_child
from ocrx.runners.settings import WorkerSettings

_OOM_SCORE = 500  # of 1000: under pressure the kernel takes a worker, never the parent


def main(descriptor: int, parent: int) -> None:
    """Serve tasks until the pipe closes or says stop.

    What is written to standard error before the first task is kept by the parent; afterwards it is
    dropped, unless ``show_messages``.
    """
    run_child(descriptor, parent, _OOM_SCORE, _work)


def _work(connection: Connection[Any, Any], settings: WorkerSettings) -> None:
    _limit(settings.data_limit_bytes)
    reader = Reader(settings.engine, settings.engine_settings)
    if not settings.show_messages:
        be_silent()
    connection.send(READY)
    _serve(connection, reader)
    reader.close()


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


def _limit(data_limit_bytes: int) -> None:
    """Cap the data segment, so that one huge allocation fails before it is touched."""
    if data_limit_bytes > 0:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = data_limit_bytes if hard < 0 else min(hard, data_limit_bytes)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
