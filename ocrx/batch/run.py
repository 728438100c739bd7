"""Many documents into one folder: plan, skip what is done, convert, write, record.

What is done is known by content, options and engine revision, and by the output that still stands
with the bytes that were recorded; never by a name or a time.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ocrx.batch.history import retry_plan
from ocrx.batch.journal import JOURNAL, DocumentRecord, Journal, PageRecord
from ocrx.batch.outputs import (
    STATE_FOLDER,
    OutputPlaceError,
    Planned,
    is_own_picture,
    locked,
    plan_outputs,
    publish,
)
from ocrx.batch.settings import BatchSettings
from ocrx.batch.staging import hash_file
from ocrx.batch.summary import Summary, Tally
from ocrx.conversion.events import DocumentDone, DocumentSkipped, Event
from ocrx.conversion.pages_store import PageStore
from ocrx.conversion.pending import Job
from ocrx.conversion.stream import Converted, Stream, Unconverted
from ocrx.conversion.work import Runner
from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.engine import EngineInfo
from ocrx.errors import ExitCode, OcrxError, OutputError
from ocrx.source import Candidate, open_source

PAGES = "pages.sqlite"


def ignore_event(event: Event) -> None:
    """Take an event and do nothing."""


def run_batch(
    candidates: Iterable[Candidate],
    settings: BatchSettings,
    info: EngineInfo,
    runner: Runner,
    *,
    stop: Callable[[], bool] = lambda: False,
    on_event: Callable[[Event], None] = ignore_event,
) -> Summary:
    """Convert every candidate into ``settings.directory``; one bad document harms no other.

    ``runner`` stays open. Failures are in the summary and the journal.

    Raises:
        OutputError: outputs collide, the folder is in use, or nothing can be written there.
        MissingRequirementError: the engine cannot work at all.
    """
    directory = settings.directory
    inputs = (each for each in candidates if not is_own_picture(each.path, directory))
    planned = plan_outputs(inputs, directory, settings.output.format)
    with locked(settings.directory) as state, Journal(state / JOURNAL) as journal:
        return _run(planned, settings, info, runner, journal, stop, on_event)


def _run(
    planned: tuple[Planned, ...],
    settings: BatchSettings,
    info: EngineInfo,
    runner: Runner,
    journal: Journal,
    stop: Callable[[], bool],
    on_event: Callable[[Event], None],
) -> Summary:
    began = time.monotonic()
    journal.begin(settings.to_dict())
    state = settings.directory / STATE_FOLDER
    store = PageStore(state / PAGES) if settings.use_cache else PageStore.temporary()
    with store:
        batch = _Batch(planned, settings, info, journal, on_event)
        stream = Stream(
            batch.jobs(),
            settings.recognition,
            info,
            runner,
            store,
            stop,
            reread=settings.reread,
        )
        for event in stream.events():
            if isinstance(event, Converted):
                batch.write(event)
            elif isinstance(event, Unconverted):
                batch.fail(planned[event.job.number], event.error, event.seconds)
            else:
                batch.note(event)
    return batch.tally.summary(time.monotonic() - began, interrupted=stop())


@dataclass(slots=True)
class _Batch:
    """The state of one run: what is still to do, and what has become of the rest."""

    planned: tuple[Planned, ...]
    settings: BatchSettings
    info: EngineInfo
    journal: Journal
    on_event: Callable[[Event], None]
    tally: Tally = field(default_factory=Tally)

    def jobs(self) -> Iterator[Job]:
        """Open documents one by one as they are wanted, passing over those that are done."""
        for number, planned in enumerate(self.planned):
            began = time.monotonic()
            try:
                source = open_source(
                    planned.path, name=planned.name, password=self.settings.password
                )
            except OcrxError as error:
                self.fail(planned, error, time.monotonic() - began)
                continue
            self.tally.bytes_read += source.size_bytes
            if not self._skip(planned, source.sha256):
                yield Job(number, source)

    def _skip(self, planned: Planned, sha256: str) -> bool:
        record = None if self.settings.force else self.journal.find(planned.output)
        if record is None or record.status is DocumentStatus.FAILED:
            return False
        options = self.settings.options_hash(self.info)
        if (record.sha256, record.options, record.revision) != (
            sha256,
            options,
            self.info.revision,
        ):
            return False
        output = self.settings.directory / planned.output
        if hash_file(output) != record.output_sha256:
            return False
        if not all((output.parent / name).is_file() for name in record.files):
            return False
        pages = self.journal.pages(planned.output)
        verdicts = dict(Counter(page.verdict for page in pages))
        self.tally.skipped += 1
        self.tally.count(record.status, verdicts, ExitCode.OK)
        self.on_event(DocumentSkipped(planned.shown, planned.output, record.pages))
        return True

    def note(self, event: Event) -> None:
        """Pass an event on, counting the pages that nobody had to read."""
        self.tally.cached_pages += getattr(event, "cached", False)
        self.on_event(event)

    def write(self, converted: Converted) -> None:
        """Put a document in its place, then write that down."""
        planned = self.planned[converted.job.number]
        target = self.settings.directory / planned.output
        try:
            published = publish(target, converted, self.settings.output)
        except OutputPlaceError:
            raise
        except OutputError as error:
            self.fail(planned, error, converted.seconds)
            return
        pages = converted.document.pages
        verdicts = Counter(page.verdict.status for page in pages)
        status = document_status(verdicts)
        code = min(converted.failures, default=ExitCode.OK)
        self.journal.record(
            DocumentRecord(
                output=planned.output,
                name=planned.shown,
                source=os.path.abspath(planned.path),  # noqa: PTH100 - keeps links and bytes
                status=status,
                sha256=converted.document.sha256,
                options=self.settings.options_hash(self.info),
                revision=self.info.revision,
                output_sha256=published.sha256,
                files=published.files,
                pages=len(pages),
                seconds=converted.seconds,
                error="no page could be read" if status is DocumentStatus.FAILED else None,
                error_code=int(code),
                page_records=tuple(
                    PageRecord(
                        page.number,
                        page.verdict.status,
                        page.verdict.reasons,
                        page.provenance.seconds,
                    )
                    for page in pages
                ),
            )
        )
        self.tally.bytes_written += published.size_bytes
        self.tally.count(status, dict(verdicts), code)
        done = DocumentDone(planned.shown, status, planned.output, len(pages), converted.seconds)
        self.on_event(done)

    def fail(self, planned: Planned, error: OcrxError, seconds: float) -> None:
        """Write down a document that failed as a whole; an older output of it stays."""
        self.journal.record(
            DocumentRecord(
                output=planned.output,
                name=planned.shown,
                source=os.path.abspath(planned.path),  # noqa: PTH100 - keeps links and bytes
                status=DocumentStatus.FAILED,
                seconds=seconds,
                error=str(error),
                error_code=int(error.exit_code),
            )
        )
        self.tally.count(DocumentStatus.FAILED, {}, error.exit_code)
        self.on_event(DocumentDone(planned.shown, DocumentStatus.FAILED, None, 0, seconds, error))


def document_status(verdicts: Counter[VerdictStatus]) -> DocumentStatus:
    """Return how a document ended whose pages have these verdicts."""
    failed = verdicts[VerdictStatus.FAILED]
    if not failed:
        return DocumentStatus.DONE
    return DocumentStatus.FAILED if failed == verdicts.total() else DocumentStatus.PARTIAL


def retry_batch(
    directory: Path,
    info: EngineInfo,
    runner: Runner,
    *,
    suspect: bool = False,
    password: str | None = None,
    stop: Callable[[], bool] = lambda: False,
    on_event: Callable[[Event], None] = ignore_event,
) -> Summary:
    """Do again what failed (and, if asked, what is doubtful), as it was asked for then."""
    planned, settings = retry_plan(directory, suspect=suspect, password=password)
    with locked(directory) as state, Journal(state / JOURNAL) as journal:
        return _run(planned, settings, info, runner, journal, stop, on_event)
