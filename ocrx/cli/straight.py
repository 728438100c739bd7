"""Documents straight to standard output or to one file, in the order they were named.

A folder of outputs, with its journal, is ``ocrx.batch.run``'s.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ocrx.batch.outputs import OutputSettings, publish
from ocrx.batch.run import document_status
from ocrx.batch.summary import Summary, Tally
from ocrx.cli.destinations import Destination
from ocrx.cli.streams import DocumentStream
from ocrx.conversion.events import DocumentDone, Event
from ocrx.conversion.pages_store import PageStore, default_store_path
from ocrx.conversion.pending import Job
from ocrx.conversion.results import RecognitionOptions, ocrx_version
from ocrx.conversion.stream import Converted, Stream, Unconverted
from ocrx.conversion.work import Runner
from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.engine import EngineInfo
from ocrx.errors import ExitCode, OcrxError, OutputError
from ocrx.source import Candidate, display_name, open_source
from ocrx.writers import OutputFormat, iter_document
from ocrx.writers.json_lines import failure_line


@dataclass(slots=True)
class StraightRun:
    """One run from documents to one place.

    ``before_writing`` is called before anything reaches a terminal, so that a progress bar there
    can make room.
    """

    candidates: tuple[Candidate, ...]
    destination: Destination
    recognition: RecognitionOptions
    output: OutputSettings
    stream: DocumentStream
    on_event: Callable[[Event], None]
    before_writing: Callable[[], None]
    password: str | None = field(default=None, repr=False)
    use_cache: bool = True
    reread: frozenset[VerdictStatus] = frozenset()
    _tally: Tally = field(default_factory=Tally)
    _failures: dict[int, OcrxError] = field(default_factory=dict)  # lines still to be written

    def run(self, info: EngineInfo, runner: Runner, stop: Callable[[], bool]) -> Summary:
        """Convert everything and write it.

        Raises:
            OcrxError: the only document cannot be read, or the output cannot be written.
        """
        began = time.monotonic()
        if self.destination.path is not None:
            _require_place(self.destination.path, self.candidates)
        with self._store() as store:
            stream = Stream(
                self._jobs(),
                self.recognition,
                info,
                runner,
                store,
                stop,
                ordered=True,
                reread=self.reread,
            )
            for event in stream.events():
                if isinstance(event, Converted):
                    self._write(event)
                elif isinstance(event, Unconverted):
                    self._fail(event.job.number, event.error, event.seconds)
                else:
                    self._tally.cached_pages += getattr(event, "cached", False)
                    self.on_event(event)
        self._write_failures(len(self.candidates))
        return self._tally.summary(time.monotonic() - began, interrupted=stop())

    def _store(self) -> PageStore:
        return PageStore(default_store_path()) if self.use_cache else PageStore.temporary()

    def _jobs(self) -> Iterator[Job]:
        for number, candidate in enumerate(self.candidates):
            began = time.monotonic()
            try:
                source = open_source(candidate.path, name=candidate.name, password=self.password)
            except OcrxError as error:
                self._fail(number, error, time.monotonic() - began)
                continue
            self._tally.bytes_read += source.size_bytes
            yield Job(number, source)

    def _write(self, converted: Converted) -> None:
        document = converted.document
        self._write_failures(converted.job.number)
        if self.destination.path is not None:
            published = publish(self.destination.path, converted, self.output)
            self._tally.bytes_written += published.size_bytes
        else:
            if self.stream.is_terminal or len(self.candidates) == 1:
                self.before_writing()  # a pipe may end on the same terminal: ocrx x.pdf | head
            pieces = iter_document(
                document, self.output.format, self.output.write, converted.assets
            )
            for piece in pieces:
                self._tally.bytes_written += self.stream.write(piece)
        verdicts = Counter(page.verdict.status for page in document.pages)
        status = document_status(verdicts)
        self._tally.count(status, dict(verdicts), min(converted.failures, default=ExitCode.OK))
        path = self.destination.path
        output = None if path is None else str(path)
        pages = len(document.pages)
        self.on_event(DocumentDone(document.source, status, output, pages, converted.seconds))

    def _fail(self, number: int, error: OcrxError, seconds: float) -> None:
        """One document that fails is an error; one of several is an event."""
        self._failures[number] = error
        if len(self.candidates) == 1:
            self._write_failures(1)
            raise error
        status = DocumentStatus.FAILED
        self._tally.count(status, {}, error.exit_code)
        shown = self.candidates[number].shown
        self.on_event(DocumentDone(shown, status, None, 0, seconds, error))

    def _write_failures(self, before: int) -> None:
        """Give documents that failed their lines, in their places among the others'."""
        for number in sorted(each for each in self._failures if each < before):
            error = self._failures.pop(number)
            if self.destination.path is None and self.output.format is OutputFormat.JSONL:
                line = failure_line(self.candidates[number].shown, ocrx_version(), error)
                self._tally.bytes_written += self.stream.write(line)


def _require_place(path: Path, candidates: tuple[Candidate, ...]) -> None:
    """Make sure, before minutes are spent on reading, that the output can have its place."""
    place = os.path.realpath(path)
    shown = display_name(str(path))
    if any(os.path.realpath(candidate.path) == place for candidate in candidates):
        raise OutputError(f"{shown}: the output would replace the input")
    nearest = Path(place).parent
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise OutputError(f"{shown}: {display_name(str(nearest))} is not a folder")
    if not os.access(nearest, os.W_OK) and not os.path.exists(path):  # noqa: PTH110
        raise OutputError(f"{shown}: {display_name(str(nearest))} cannot be written to")
