"""Showing how a conversion goes, on stderr: a live bar, JSON lines, or only what is wrong.

rich is imported only when a bar is shown.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from ocrx.cli.counting import Counts
from ocrx.cli.messages import say
from ocrx.cli.page_notes import PageNotes
from ocrx.conversion.events import DocumentDone, DocumentSkipped, Event, PageDone
from ocrx.errors import OcrxError

if TYPE_CHECKING:
    from rich.progress import Progress


class Display(Protocol):
    """Something that shows events as they come."""

    def show(self, event: Event, counts: Counts) -> None:
        """Show one event; ``counts`` already has it."""
        ...

    def make_room(self) -> None:
        """Clear the terminal's last line before the document is written there."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


class LineDisplay:
    """Lines for what a person must know: failures, doubts, and with ``verbose`` every page."""

    def __init__(self, *, quiet: bool, verbose: int) -> None:
        """Say failures alone when quiet."""
        self._verbose = verbose
        self._notes = PageNotes(failures_only=quiet)

    def show(self, event: Event, counts: Counts) -> None:
        """Say what is wrong, when its document is done."""
        match event:
            case PageDone():
                self._notes.add(event)
                if self._verbose:
                    how = "kept from before" if event.cached else f"{event.seconds:.2f} s"
                    say(f"{event.name}: page {event.number}: {event.status.value}, {how}")
            case DocumentDone():
                for note in self._notes.take(event.name):
                    say(f"{event.name}: {note}")
                if event.error is not None:
                    say(str(event.error))
                elif self._verbose and event.output is not None:
                    say(f"{event.name}: written to {event.output}")
            case DocumentSkipped() if self._verbose:
                say(f"{event.name}: done before, {event.output} still stands")

    def make_room(self) -> None:
        """Nothing is in the way."""

    def close(self) -> None:
        """Nothing to restore."""


class JsonDisplay:
    """One JSON object a line on stderr, for programs."""

    def show(self, event: Event, counts: Counts) -> None:
        """Write the event with the counts so far."""
        values = {name: _plain(value) for name, value in asdict(event).items()}
        so_far = {
            "files_done": counts.files_done,
            "files": counts.files,
            "pages_done": counts.pages_done,
            "pages_known": counts.pages,
            "elapsed_seconds": round(counts.seconds, 3),
        }
        write_json({"event": _snake(type(event).__name__), **values, **so_far})

    def make_room(self) -> None:
        """Nothing is in the way."""

    def close(self) -> None:
        """Nothing to restore."""


class BarDisplay:
    """A live line at the foot of the terminal; the lines of ``LineDisplay`` scroll above it."""

    def __init__(self, lines: LineDisplay, files: int) -> None:
        """Take the terminal's last line; ``files`` are to be done."""
        self._lines = lines
        self._bar = _rich_bar()
        self._task = self._bar.add_task("", total=None, files=f"0/{files} files", speed="", left="")
        self._bar.start()

    def show(self, event: Event, counts: Counts) -> None:
        """Move the bar."""
        left = counts.seconds_left
        self._bar.update(
            self._task,
            total=counts.pages or None,
            completed=counts.pages_done,
            files=f"{counts.files_done}/{counts.files} files",
            speed=f"{counts.pages_per_second:.2f} pages/s",
            left="" if left is None else f"{_clock(left)} left",
        )
        self._lines.show(event, counts)

    def make_room(self) -> None:
        """Remove the bar for good."""
        self._bar.stop()

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()
        self._lines.close()


def choose_display(
    style: str, files: int, *, quiet: bool, verbose: int, streams_to_terminal: bool
) -> Display:
    """Return the display for ``--progress``.

    A bar needs a terminal on stderr that can move its cursor, and the document must not scroll
    through the same terminal meanwhile.
    """
    if style == "json":
        return JsonDisplay()
    lines = LineDisplay(quiet=quiet, verbose=verbose)
    if style == "auto" and not quiet and not streams_to_terminal and _cursor_moves():
        return BarDisplay(lines, files)
    return lines


def _cursor_moves() -> bool:
    if sys.stderr is None or not sys.stderr.isatty():
        return False
    return os.environ.get("TERM", "dumb") != "dumb"


def write_json(values: dict[str, Any]) -> None:
    """Write one JSON object as one line of stderr."""
    if sys.stderr is not None:
        sys.stderr.write(json.dumps(values) + "\n")
        sys.stderr.flush()


def _rich_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.fields[files]}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("pages  {task.fields[speed]}  {task.fields[left]}"),
        console=Console(stderr=True),
        transient=True,
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, OcrxError) else value
