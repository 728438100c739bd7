"""Documents through a runner, many at once: feed it, keep what comes, yield whole documents.

The one machinery behind a single file and a batch of thousands. Bounded: only so many documents
are open and only so many pages under way; pictures stay in the page store until they are written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from ocrx.conversion.events import DocumentStarted, PageDone
from ocrx.conversion.pages_store import PageStore, page_key
from ocrx.conversion.pending import Converted, Job, Pending, StoredAssets, Unconverted
from ocrx.conversion.results import (
    RecognitionOptions,
    build_document,
    failed_reading,
    ocrx_version,
    page_result,
    request_for,
    with_shared_words,
)
from ocrx.conversion.work import Outcome, ProbeTask, ReadTask, Runner
from ocrx.document import Page, PageReading, Request, StopReason, VerdictStatus
from ocrx.engine import EngineInfo
from ocrx.errors import EngineError, ExitCode, MissingRequirementError, OcrxError, SourceError
from ocrx.serialization import KeptReading
from ocrx.source import PageSelection, describe_place

__all__ = ["Converted", "Job", "Stream", "StreamEvent", "Unconverted"]
MIN_OPEN_DOCUMENTS = 16  # read but not yet whole, or whole and waiting for their turn


StreamEvent = DocumentStarted | PageDone | Converted | Unconverted


@dataclass(slots=True)
class Stream:
    """The road over many documents.

    ``jobs`` is pulled only as fast as there is room. ``stop`` is asked between pages: once true,
    pages in hand are finished and kept, and the stream ends. ``ordered`` yields documents in the
    order of the jobs, else as they are done. ``reread`` says which kept pages are read
    again, by their verdict.
    """

    jobs: Iterator[Job]
    options: RecognitionOptions
    info: EngineInfo
    runner: Runner
    store: PageStore
    stop: Callable[[], bool] = lambda: False
    ordered: bool = False
    reread: frozenset[VerdictStatus] = frozenset()
    _open: list[Pending] = field(default_factory=list)
    _reading: dict[str, list[tuple[Pending, Page]]] = field(default_factory=dict)
    _tickets: dict[int, tuple[Pending, Page | None]] = field(default_factory=dict)
    _ticket: int = 0
    _exhausted: bool = False
    _fingerprint: str = ""
    _open_limit: int = MIN_OPEN_DOCUMENTS

    def events(self) -> Iterator[StreamEvent]:
        """Yield what happens until every job is done or ``stop`` says so.

        Raises:
            MissingRequirementError: the engine cannot work at all.
            EngineError: no worker can be started.
        """
        self._fingerprint = self.options.fingerprint(self.info)
        while True:
            stopping = self.stop()
            if stopping:
                for ticket in self.runner.cancel():
                    self._tickets.pop(ticket, None)
            else:
                yield from self._feed()
            yield from self._deliver()
            if not self._tickets and (stopping or (self._exhausted and not self._open)):
                return
            for outcome in self.runner.wait() if self._tickets else ():
                yield from self._take(outcome)

    def _feed(self) -> Iterator[StreamEvent]:
        """Ask for pages while the runner has room, opening documents as needed."""
        self._open_limit = max(self._open_limit, 2 * self.runner.room)  # it may find more room
        while self.runner.room > 0 and not self.stop():
            pending = next((each for each in self._open if each.waiting), None)
            if pending is not None:
                yield from self._ask(pending)
            elif len(self._open) < self._open_limit and not self._exhausted:
                job = next(self.jobs, None)
                if job is None:
                    self._exhausted = True
                else:
                    yield from self._begin(Pending(job, time.monotonic()))
            else:
                return

    def _begin(self, pending: Pending) -> Iterator[StreamEvent]:
        self._open.append(pending)
        pages = self.store.pages_of(pending.job.source)
        if pages is None:
            self.runner.submit(ProbeTask(self._next_ticket(pending, None), pending.job.source))
        else:
            yield from self._opened(pending, pages)

    def _opened(self, pending: Pending, pages: tuple[Page, ...]) -> Iterator[StreamEvent]:
        name = pending.job.source.name
        try:
            if not pages:
                raise SourceError(f"{describe_place(pending.job.source)}: has no pages")
            if self.options.pages is not None:
                wanted = PageSelection.parse(self.options.pages).indices(len(pages))
                pages = tuple(pages[index] for index in wanted)
        except OcrxError as error:
            pending.error = error
            return
        pending.pages = pages
        yield DocumentStarted(name, len(pages))

    def _ask(self, pending: Pending) -> Iterator[StreamEvent]:
        """Take the next page from the store, or ask the runner for it."""
        assert pending.pages is not None
        page = pending.pages[pending.asked]
        pending.asked += 1
        try:
            request = request_for(page, self.options, self.info)
        except OcrxError as error:
            pending.error = error
            return
        key = page_key(page.page_id, request.plan, self._fingerprint)
        kept = self.store.get(key)
        if key in self._reading:  # the same page of another copy of the document is under way
            self._reading[key].append((pending, page))
            return
        if kept is None:
            self._submit(pending, request, key)
            return
        reading = PageReading(page, request.plan, kept.recognition)
        if self.reread and page_result(reading, self.info).verdict.status in self.reread:
            self._submit(pending, request, key)
            return
        yield self._settle(pending, reading, kept.assets, cached=True, key=key)

    def _submit(self, pending: Pending, request: Request, key: str) -> None:
        self._reading[key] = []
        ticket = self._next_ticket(pending, request.page)
        self.runner.submit(ReadTask(ticket, request, self.options.verify))

    def _take(self, outcome: Outcome) -> Iterator[StreamEvent]:
        """Put an outcome where it belongs."""
        pending, page = self._tickets.pop(outcome.ticket, (None, None))
        if isinstance(outcome.error, MissingRequirementError):
            raise outcome.error
        if pending is None:
            return
        if page is None:
            yield from self._probed(pending, outcome)
        else:
            yield from self._read(pending, page, outcome)

    def _probed(self, pending: Pending, outcome: Outcome) -> Iterator[StreamEvent]:
        if outcome.pages is not None:
            self.store.keep_pages_of(pending.job.source, outcome.pages)
            yield from self._opened(pending, outcome.pages)
        elif isinstance(outcome.error, EngineError):
            place = describe_place(pending.job.source)
            pending.error = SourceError(f"{place}: cannot be opened: {outcome.error}")
        else:
            pending.error = outcome.error or SourceError("no answer")

    def _read(self, pending: Pending, page: Page, outcome: Outcome) -> Iterator[StreamEvent]:
        """Settle a page, and the same page of other copies of the document."""
        request = request_for(page, self.options, self.info)
        reading, error = outcome.reading, outcome.error
        if reading is None:
            error = error or EngineError("no answer")
            reading = failed_reading(request, error)
        key = page_key(page.page_id, request.plan, self._fingerprint)
        names = [asset.name for asset in reading.assets]
        copies = self._reading.pop(key, [])
        for each, at in [(pending, page), *copies]:
            if error is not None:
                each.failures.add(error.exit_code)
            yield self._settle(
                each,
                replace(reading, page=at),
                names,
                cached=each is not pending,
                key=key if each is pending else pending.keys.get(page.index),
                attempts=outcome.attempts,
            )

    def _settle(
        self,
        pending: Pending,
        reading: PageReading,
        names: Iterable[str],
        *,
        cached: bool,
        key: str | None,
        attempts: int = 1,
    ) -> PageDone:
        """Judge a page, keep it if it is worth it, and report it.

        ``key`` is where the store keeps it, or is to keep it; None when it could not.
        """
        names = tuple(names)
        index = reading.page.index
        result = page_result(reading, self.info, names, attempts)
        pending.results[index] = result
        pending.assets.update(dict.fromkeys(names, index))
        failed = result.verdict.status is VerdictStatus.FAILED
        if failed and not pending.failures:
            pending.failures.add(ExitCode.ENGINE_FAILED)
        # a page whose time was up is not kept either: with more time it would be another
        lasting = not failed and reading.recognition.stop_reason is not StopReason.TIMEOUT
        if not cached and not (lasting and self.store.keep(key or "", reading)):
            key = None
        if key is not None:
            pending.keys[index] = key
        else:
            pending.readings[index] = reading
        return PageDone(
            pending.job.source.name,
            result.number,
            result.verdict.status,
            result.verdict.reasons,
            0.0 if cached else result.provenance.seconds,
            cached,
        )

    def _deliver(self) -> Iterator[StreamEvent]:
        """Yield the documents that are whole, in order if asked to."""
        for pending in list(self._open):
            if pending.complete:
                self._open.remove(pending)
                yield self._whole(pending)
            elif self.ordered:
                return

    def _whole(self, pending: Pending) -> Converted | Unconverted:
        seconds = time.monotonic() - pending.began
        if pending.error is not None:
            return Unconverted(pending.job, pending.error, seconds)
        try:
            pages = with_shared_words(
                pending.results.values(),
                lambda: (
                    (kept.reading.page.number, kept.reading.recognition)
                    for kept in self._kept(pending)
                ),
            )
            document = build_document(pending.job.source, pages, self.info)
        except Exception as error:  # noqa: BLE001  # one document, isolated from the rest
            place = describe_place(pending.job.source)
            failure = EngineError(f"{place}: cannot be assembled: {type(error).__name__}: {error}")
            return Unconverted(pending.job, failure, seconds)
        pending.results.clear()
        assets = StoredAssets(pending, self.store)
        failures = frozenset(pending.failures)
        return Converted(
            pending.job, document, seconds, failures, assets, lambda: self._kept(pending)
        )

    def _kept(self, pending: Pending) -> Iterator[KeptReading]:
        """Yield the raw readings of a document, page by page."""
        for page in pending.pages or ():
            reading = pending.readings.get(page.index)
            if reading is None:
                kept = self.store.get(pending.keys[page.index])
                if kept is None:
                    continue
                plan = request_for(page, self.options, self.info).plan
                reading = PageReading(page, plan, kept.recognition)
            reading = replace(reading, assets=())
            yield KeptReading(reading, self.info.name, self.info.model, ocrx_version())

    def _next_ticket(self, pending: Pending, page: Page | None) -> int:
        self._ticket += 1
        self._tickets[self._ticket] = (pending, page)
        return self._ticket
