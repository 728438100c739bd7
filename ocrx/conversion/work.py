"""Pieces of work that travel to where recognition runs, what comes back, and who carries them.

Only the contract: ``ocrx/runners/`` holds the machinery, ``reading.py`` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ocrx.document import Page, PageReading, Recognition, Request, Source
from ocrx.errors import OcrxError

if TYPE_CHECKING:
    from ocrx.views import Views  # imports pillow, which --help does not need


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """Find out which pages a source has. ``ticket`` is the caller's own number for the task."""

    ticket: int
    source: Source


@dataclass(frozen=True, slots=True)
class ReadTask:
    """Recognise one page. ``verify`` compares its words with another reading of the page.

    ``seconds`` is a limit of its own, where that is less than what the runner allows a page.
    """

    ticket: int
    request: Request
    verify: bool = False
    seconds: float = float("inf")

    @property
    def source(self) -> Source:
        """The document that the page is of."""
        return self.request.page.source


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """Cut the views of one page, for an engine that takes views."""

    ticket: int
    request: Request

    @property
    def source(self) -> Source:
        """The document that the page is of."""
        return self.request.page.source


@dataclass(frozen=True, slots=True)
class FinishTask:
    """Make a page's reading of what an engine recognised elsewhere; ``verify`` as in ReadTask."""

    ticket: int
    request: Request
    recognition: Recognition
    verify: bool = False

    @property
    def source(self) -> Source:
        """The document that the page is of."""
        return self.request.page.source


PageTask = ReadTask | PrepareTask | FinishTask
Task = ProbeTask | PageTask


@dataclass(frozen=True, slots=True)
class Prepared:
    """The views of a page, None of one without ink, and what is wrong with its picture."""

    views: Views | None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: one of ``pages``, ``prepared``, ``reading`` and ``error`` is set.

    ``attempts`` is 2 when a first worker died over the task and a fresh one was tried.
    """

    ticket: int
    pages: tuple[Page, ...] | None = None
    prepared: Prepared | None = None
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
