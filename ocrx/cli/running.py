"""What a run needs around it: workers, a display of progress, Ctrl-C, a report at the end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self

from ocrx.batch.summary import Summary
from ocrx.cli.counting import Counts
from ocrx.cli.interruption import Interruption
from ocrx.cli.outcome import report
from ocrx.cli.progress import Display, choose_display
from ocrx.conversion.events import Event
from ocrx.conversion.reading import load_named_engine
from ocrx.engine import EngineInfo
from ocrx.errors import ExitCode
from ocrx.runners.pool import MIB, PoolRunner, PoolSettings


class RunOptions(Protocol):
    """The options that every command with workers has."""

    @property
    def jobs(self) -> int:
        """Worker processes; 0 is one a core."""
        ...

    @property
    def page_timeout(self) -> float:
        """Seconds a page may take."""
        ...

    @property
    def page_memory(self) -> int:
        """MiB a worker may hold."""
        ...

    @property
    def progress(self) -> str:
        """How progress is shown."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether only errors are told."""
        ...

    @property
    def verbose(self) -> int:
        """How much more is told."""
        ...


class Running:
    """A run: entered, it owns the workers, the progress display and Ctrl-C."""

    def __init__(
        self,
        info: EngineInfo,
        runner: PoolRunner,
        display: Callable[[], Display],
        counts: Counts,
        options: RunOptions,
    ) -> None:
        """Put the pieces together; nothing starts before it is entered."""
        self.info = info
        self.runner = runner
        self._choose_display = display
        self._counts = counts
        self._options = options
        self._interruption = Interruption()
        self._stack = ExitStack()
        self.stop = self._interruption.requested

    @classmethod
    def of(
        cls, options: RunOptions, files: int, engine: str, *, streams_to_terminal: bool = False
    ) -> Self:
        """Return a run of ``files`` documents with the engine of that name.

        Raises:
            MissingRequirementError: there is no such engine.
        """
        settings = PoolSettings(
            workers=options.jobs,
            page_seconds=options.page_timeout,
            memory_bytes=options.page_memory * MIB,
            show_messages=options.verbose > 1,
        )
        loaded = load_named_engine(engine)  # loads no weights: only to know what it is
        info = loaded.info
        loaded.close()

        def display() -> Display:
            return choose_display(
                options.progress,
                files,
                quiet=options.quiet,
                verbose=options.verbose,
                streams_to_terminal=streams_to_terminal and files > 1,
            )

        return cls(info, PoolRunner(engine, settings), display, Counts(files=files), options)

    def __enter__(self) -> Self:
        """Take over Ctrl-C and the terminal's last line."""
        self._stack.callback(self.runner.close)
        self._stack.enter_context(self._interruption)
        self._display = self._choose_display()
        self._stack.callback(self._display.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the workers and give everything back."""
        self._stack.close()

    def take(self, event: Event) -> None:
        """Count an event and show it."""
        self._counts.count(event)
        self._display.show(event, self._counts)

    def make_room(self) -> None:
        """Take the bar away before the document is written to the same terminal."""
        self._display.make_room()

    def report(self, summary: Summary, *, strict: bool) -> ExitCode:
        """Tell how the run ended and return its exit code."""
        style, quiet = self._options.progress, self._options.quiet
        return report(summary, style=style, quiet=quiet, strict=strict)
