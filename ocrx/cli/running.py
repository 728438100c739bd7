"""What a run needs around it: workers, a display of progress, Ctrl-C, a report at the end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self

from ocrx.batch.summary import Summary
from ocrx.cli.counting import Counts
from ocrx.cli.interruption import Interruption
from ocrx.cli.outcome import report, tell_choice
from ocrx.cli.progress import Display, choose_display
from ocrx.conversion.choosing import engine_info, require_model, settled
from ocrx.conversion.events import Event
from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.work import Runner
from ocrx.engine import EngineInfo
from ocrx.errors import ExitCode
from ocrx.runners.making import make_runner
from ocrx.runners.pool import MIB, PoolSettings


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
    """A run: entered, it owns the workers, the progress display and Ctrl-C.

    ``recognition`` is what is asked of the engine, ``info`` what the engine says of itself.
    """

    def __init__(
        self,
        info: EngineInfo,
        recognition: RecognitionOptions,
        runner: Runner,
        display: Callable[[], Display],
        counts: Counts,
        options: RunOptions,
    ) -> None:
        """Put the pieces together; nothing starts before it is entered."""
        self.info = info
        self.recognition = recognition
        self.runner = runner
        self._choose_display = display
        self._counts = counts
        self._options = options
        self._interruption = Interruption()
        self._stack = ExitStack()
        self.stop = self._interruption.requested

    @classmethod
    def of(
        cls,
        options: RunOptions,
        files: int,
        asked: RecognitionOptions,
        *,
        streams_to_terminal: bool = False,
    ) -> Self:
        """Return a run of ``files`` documents with the engine asked for, or chosen and told.

        Raises:
            UsageError: the engine has no such task or model.
            MissingRequirementError: there is no such engine, or it lacks its model or a device.
        """
        recognition, choice = settled(asked)
        require_model(recognition)
        if choice is not None:
            tell_choice(choice, style=options.progress, quiet=options.quiet)
        settings = PoolSettings(
            workers=options.jobs,
            page_seconds=options.page_timeout,
            memory_bytes=options.page_memory * MIB,
            show_messages=options.verbose > 1,
        )
        info = engine_info(recognition)

        def display() -> Display:
            return choose_display(
                options.progress,
                files,
                quiet=options.quiet,
                verbose=options.verbose,
                streams_to_terminal=streams_to_terminal and files > 1,
            )

        runner = make_runner(recognition.engine, info, recognition, settings)
        return cls(info, recognition, runner, display, Counts(files=files), options)

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
