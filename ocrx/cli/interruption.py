"""Ctrl-C: once finishes and saves the page in hand, twice stops now. SIGTERM stops now."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

from ocrx.cli.messages import PROGRAM

TERMINATED = 128 + signal.SIGTERM
_NOTICE = "stopping after the page in hand; Ctrl-C again stops now"


class Interruption:
    """While entered, counts interrupts; ``requested`` is asked between pages."""

    def __init__(self) -> None:
        """Start with no interrupt."""
        self._requested = False
        self._previous: dict[signal.Signals, object] = {}

    def requested(self) -> bool:
        """Return whether the user asked to stop after the page in hand."""
        return self._requested

    def __enter__(self) -> Self:
        """Take over SIGINT and SIGTERM."""
        self._previous = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._interrupt),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._terminate),
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() returned

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._requested:
            raise KeyboardInterrupt
        self._requested = True
        with suppress(OSError):  # not say(): a handler may not re-enter a buffered stream
            os.write(2, f"{_line_start()}{PROGRAM}: {_NOTICE}\n".encode())

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)


def _line_start() -> str:
    """Return what clears the terminal's line, on which a progress bar and ``^C`` may stand."""
    if not os.isatty(2):
        return ""
    return "\n" if os.environ.get("TERM", "dumb") == "dumb" else "\r\x1b[K"
