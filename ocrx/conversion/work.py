"""Pieces of work that travel to where recognition runs, what comes back, and who carries them.

Only the contract: ``ocrx/runners/`` holds the machinery, ``reading.py`` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ocrx.document import Page, PageReading, Request, Source
from ocrx.errors import OcrxError


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """Find out which pages a source has. ``ticket`` is the caller's own number for the task."""

    ticket: int
    source: Source


@dataclass(frozen=True, slots=True)
class ReadTask:
    """Recognise one page."""

    ticket: int
    request: Request

    @property
    def source(self) -> Source:
        """The document that the page is of."""
        return self.request.page.source


Task = ProbeTask | ReadTask


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: exactly one of ``pages``, ``reading`` and ``error`` is set.

    ``attempts`` is 2 when a first worker died over the task and a fresh one was tried.
    """

    ticket: int
    pages: tuple[Page, ...] | None = None
    reading: PageReading | None = None
    error: OcrxError | None = None
    attempts: int = 1


class Runner(Protocol):
    """Where recognition runs. One caller, one thread; outcomes come in any order."""

    @property
    def room(self) -> int:
        """How many more tasks are welcome now; more are held but gain nothing."""
        ...

    def submit(self, task: Task) -> None:
        """Take a task; its outcome will come from ``wait``."""
        ...

    def wait(self) -> list[Outcome]:
        """Return outcomes, or an empty list after a short while without any."""
        ...

    def cancel(self) -> list[int]:
        """Forget the tasks that nobody began; return their tickets."""
        ...

    def close(self) -> None:
        """Stop at once; tasks in hand are lost."""
        ...
