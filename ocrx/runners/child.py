"""What every worker process does first and last, whatever it works at."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ocrx.runners.settings import WorkerSettings

READY = "ready"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h

Work = Callable[["Connection[Any, Any]", WorkerSettings], None]


def run_child(descriptor: int, parent: int, oom_score: int, work: Work) -> None:
    """Take the settings from the pipe and work until that is done, or the pipe closes.

    ``oom_score`` (0 to 1000) says how gladly the kernel takes this process under pressure.
    """
    os.set_inheritable(descriptor, False)
    _die_with(parent)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(oom_score))
    with Connection(descriptor) as connection:
        try:
            settings = connection.recv()
        except (EOFError, OSError):
            os._exit(1)
        work(connection, settings)
    sys.stderr.flush()
    os._exit(0)  # the teardown of inference libraries is slow, and has crashed


def be_silent() -> None:
    """Drop what is written to standard error from now on."""
    sys.stderr.flush()
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)


def _die_with(parent: int) -> None:
    """Leave Ctrl-C to the parent, and die when it dies, even in the middle of a page."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
