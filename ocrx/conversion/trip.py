"""One page on the road of an engine that takes views: which piece of work is next, who did what.

Holds no process and opens nothing. Runners carry the work out and bring back what came of it; the
tries themselves are ``ladder``'s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ocrx.conversion.failures import without_place
from ocrx.conversion.ladder import Journey, Rules
from ocrx.conversion.results import failed_reading
from ocrx.conversion.work import FinishTask, Outcome, PrepareTask, ReadTask
from ocrx.document import Asset, PageReading, Recognition, StopReason
from ocrx.engine import PreparedPage
from ocrx.errors import OcrxError, SourceError

if TYPE_CHECKING:
    from ocrx.views import Views  # imports pillow, which --help does not need

Work = PrepareTask | PreparedPage | ReadTask | FinishTask


class Trip:
    """A page between being asked for and its outcome."""

    def __init__(self, task: ReadTask, rules: Rules) -> None:
        """Begin where the page is asked for."""
        self._task = task
        self._rules = rules
        self._journey = Journey(task.request, rules)
        self._views: Views | None = None
        self._blank = False
        self._doubts: tuple[str, ...] = ()
        self._assets: tuple[Asset, ...] = ()  # of the fallback's reading
        self._asked: Work | None = None
        self._outcome: Outcome | None = None
        self._attempts = 1

    def next(self) -> Work | Outcome:
        """Return the work to be done now, or the outcome when there is no more.

        Views are handed out once: a page that is lost on its way to the engine is prepared again.
        """
        if self._outcome is None:
            self._asked = self._wanted()
            if self._asked is not None:
                return self._asked
        assert self._outcome is not None
        return replace(self._outcome, attempts=self._attempts)

    def take(self, outcome: Outcome) -> None:
        """Take what came of a task that ``next`` gave."""
        self._attempts = max(self._attempts, outcome.attempts)
        if isinstance(self._asked, PrepareTask):
            self._take_prepared(outcome)
        elif isinstance(self._asked, ReadTask):
            self._take_reading(outcome)
        elif isinstance(self._asked, FinishTask):
            self._take_finished(self._asked, outcome)

    def take_recognition(self, recognition: Recognition) -> None:
        """Take what the engine made of the prepared page that ``next`` gave."""
        self._journey = self._journey.after(recognition)

    def fail(self, error: OcrxError) -> None:
        """Take it that the prepared page which ``next`` gave cost the engine's process its life."""
        self.take_recognition(failed_reading(self._task.request, error).recognition)

    def note_loss(self) -> None:
        """Take note that the page has to be read again because its process died."""
        self._attempts = 2

    def _wanted(self) -> Work | None:
        ticket, step = self._task.ticket, None if self._blank else self._journey.step
        if step is None:
            return self._finish()
        seconds = self._journey.seconds_left
        if step.fallback:
            return ReadTask(ticket, step.request, self._task.verify, seconds)
        if self._views is None:
            return PrepareTask(ticket, step.request)
        views, self._views = self._views, None
        return PreparedPage(step.request, views, seconds)

    def _take_prepared(self, outcome: Outcome) -> None:
        prepared, error = outcome.prepared, outcome.error
        if prepared is not None:
            self._views, self._blank = prepared.views, prepared.views is None
            self._doubts = prepared.doubts
        elif self._journey.tried:
            self._journey = self._journey.stop(f"it could not be prepared again: {error}")
        else:
            self._outcome = outcome

    def _take_reading(self, outcome: Outcome) -> None:
        """Take the fallback's reading; its failure is one more try."""
        reading = outcome.reading
        if reading is None:
            error = outcome.error or OcrxError("no answer")
            reading = failed_reading(self._task.request, error)
        self._assets = reading.assets
        self._journey = self._journey.after(reading.recognition)

    def _finish(self) -> FinishTask | None:
        """Return what is left to do with the try that stands, if anything is."""
        recognition = self._standing()
        if recognition.failure is not None:
            failure = without_place(recognition.failure, self._task.request.page)
            self._settle(replace(recognition, failure=failure))
        elif recognition.engine is not None:  # the fallback's reading came finished
            self._settle(recognition, self._assets)
        else:
            task = self._task
            return FinishTask(task.ticket, task.request, recognition, task.verify)
        return None

    def _standing(self) -> Recognition:
        if self._blank:
            page_id, dialect = self._task.request.page_id, self._rules.info.dialect
            recognition = Recognition(page_id, "", dialect, StopReason.END)
        else:
            recognition = self._journey.result()
        reasons = dict.fromkeys((*recognition.reasons, *self._doubts))
        return replace(recognition, reasons=tuple(reasons))

    def _take_finished(self, task: FinishTask, outcome: Outcome) -> None:
        """A page that cannot be finished keeps its text; one that changed meanwhile fails."""
        if outcome.reading is not None or isinstance(outcome.error, SourceError):
            self._outcome = outcome
            return
        reasons = (*task.recognition.reasons, f"it could not be finished: {outcome.error}")
        self._settle(replace(task.recognition, reasons=reasons))

    def _settle(self, recognition: Recognition, assets: tuple[Asset, ...] = ()) -> None:
        request = self._task.request
        reading = PageReading(request.page, request.plan, recognition, assets)
        self._outcome = Outcome(self._task.ticket, reading=reading)
