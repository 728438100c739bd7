"""Counting what happens while it happens: files, pages and speed, for a progress display.

What a run came to in the end is the business of ``ocrx.batch.summary``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ocrx.conversion.events import DocumentDone, DocumentSkipped, DocumentStarted, Event, PageDone


@dataclass(slots=True)
class Counts:
    """Running counts. ``files`` is how many documents there are; pages become known one by one."""

    files: int = 0
    files_done: int = 0
    pages: int = 0
    pages_done: int = 0
    pages_read: int = 0
    started: float = field(default_factory=time.monotonic)

    def count(self, event: Event) -> None:
        """Take one event into account."""
        match event:
            case DocumentStarted():
                self.pages += event.pages
            case PageDone():
                self.pages_done += 1
                self.pages_read += not event.cached
            case DocumentSkipped():
                self.files_done += 1
                self.pages += event.pages
                self.pages_done += event.pages
            case DocumentDone():
                self.files_done += 1

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self.started

    @property
    def pages_per_second(self) -> float:
        """Pages that were really read, a second."""
        return self.pages_read / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this speed; None until a page was read.

        Files that are not open yet are taken to be as long as the others.
        """
        if not self.pages_read:
            return None
        opened = max(1, self.files_done + (self.pages > self.pages_done))
        expected = max(self.pages, self.pages / opened * self.files)
        return max(0.0, expected - self.pages_done) / self.pages_per_second
