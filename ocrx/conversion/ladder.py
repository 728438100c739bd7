"""A page's journey: what was tried, what is to be tried next, and which try stands in the end.

Values without any input or output: runners carry the steps out. A page climbs only while its text
is not believable; what makes it so is for ``verification``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ocrx.conversion.failures import in_words
from ocrx.document import (
    Attempt,
    Block,
    Recognition,
    Request,
    StopReason,
    Task,
    Verdict,
    VerdictStatus,
)
from ocrx.engine import EngineInfo
from ocrx.errors import UsageError
from ocrx.modes import DEFAULT_MAX_TILES, ResolutionMode, ViewPlan
from ocrx.parsing import parse
from ocrx.selection import select_plan
from ocrx.verification import failed, judge

AS_ASKED = "as asked"
STRICTLY = "with repeats forbidden more strictly"
EMPTY = "no text came of a page that has ink on it"
TURNS = (90, 270)  # clockwise; a page scanned sideways lies one way or the other
_BELIEVED = (VerdictStatus.OK, VerdictStatus.RETRIED)
_UNFIT = (StopReason.MEMORY, StopReason.CRASHED)  # the same engine would not fare better


@dataclass(frozen=True, slots=True)
class Rules:
    """What a journey may do.

    ``info`` is of the engine asked, ``fallback`` of the one that takes over in the end. ``seconds``
    bounds all tries of a page together; ``climb`` False allows only the first.
    """

    info: EngineInfo
    fallback: EngineInfo | None = None
    max_vision_tokens: int | None = None
    max_tiles: int = DEFAULT_MAX_TILES
    seconds: float = float("inf")
    climb: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """Something to try: ``how`` in words, ``request`` for the engine (or the ``fallback``)."""

    how: str
    request: Request
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """A step that was taken, and what came of it.

    ``verdict`` is on the recognition as it is, ``plain`` on its text without the doubts that the
    engine has of its own; ``words`` counts distinct ones.
    """

    step: Step
    recognition: Recognition
    verdict: Verdict
    plain: VerdictStatus
    words: int

    @property
    def empty(self) -> bool:
        """Whether nothing came of a page that has something on it."""
        blank = self.plain is VerdictStatus.BLANK
        return blank and self.step.request.task is not Task.LOCATE  # which may find nothing

    @property
    def sound(self) -> bool:
        """Whether nothing speaks against its text."""
        return self.plain in _BELIEVED

    @property
    def believable(self) -> bool:
        """Whether nothing speaks against it."""
        status = self.verdict.status
        return status in _BELIEVED or (status is VerdictStatus.BLANK and not self.empty)

    @property
    def cut(self) -> bool:
        """Whether the text ended before the page did."""
        return self.recognition.stop_reason is StopReason.LENGTH

    @property
    def garbled(self) -> bool:
        """Whether there is text, and it repeats itself or is unreadable."""
        return self.plain is VerdictStatus.SUSPECT

    @property
    def rank(self) -> tuple[bool, bool, bool, int]:
        """How good it is: any words, ended by itself, believable, and the most distinct words."""
        ended = self.recognition.stop_reason is StopReason.END
        return self.words > 0, ended, self.believable, self.words

    def as_attempt(self) -> Attempt:
        """Return what is told of a try that does not stand."""
        reason = "; ".join(self.verdict.reasons) or EMPTY
        found = self.recognition
        return Attempt(self.step.how, reason, found.stop_reason, found.output_tokens, found.seconds)


@dataclass(frozen=True, slots=True)
class Journey:
    """A page on its way. ``stopped`` is why nothing more can be tried, if something says so."""

    request: Request
    rules: Rules
    tried: tuple[Try, ...] = field(default=())
    stopped: str | None = None

    @property
    def seconds_left(self) -> float:
        """How much of its time the page has left."""
        return self.rules.seconds - sum(each.recognition.seconds for each in self.tried)

    @property
    def step(self) -> Step | None:
        """What is to be done next; None when the journey is over."""
        if not self.tried:
            return None if self.stopped else Step(AS_ASKED, self.request)
        if self.stopped or self.seconds_left <= 0:
            return None
        return self._wanted()

    def after(self, recognition: Recognition) -> Journey:
        """Return the journey with the next step taken."""
        step = self.step
        assert step is not None
        if step.fallback:
            assert self.rules.fallback is not None
            name, model = self.rules.fallback.name, self.rules.fallback.model
            recognition = replace(recognition, engine=name, model=model)
        else:
            plan = step.request.plan
            recognition = replace(
                recognition,
                turned_degrees=step.request.turned_degrees,
                plan=None if plan == self.request.plan else plan,
            )
        return replace(self, tried=(*self.tried, _judged(step, recognition)))

    def stop(self, reason: str) -> Journey:
        """Return the journey ended here."""
        return replace(self, stopped=reason)

    def result(self) -> Recognition:
        """Return the recognition that stands, the other tries in its ``attempts``."""
        if not self.tried:
            failure = self.stopped or "nothing was tried"
            return Recognition(self.request.page_id, "", "", StopReason.FAILED, failure=failure)
        latest = self.tried[-1]
        best = latest if latest.believable else max(self.tried, key=lambda each: each.rank)
        recognition = best.recognition
        timed_out = recognition.stop_reason is StopReason.TIMEOUT and not best.words
        if timed_out and recognition.failure is None:
            recognition = replace(recognition, failure=f"took longer than {self.rules.seconds:g} s")
        return replace(
            recognition,
            reasons=(*recognition.reasons, *self._regrets(best)),
            attempts=tuple(each.as_attempt() for each in self.tried if each is not best),
        )

    def _regrets(self, best: Try) -> Iterator[str]:
        """Say why a page that is not believable was not read better."""
        if best.empty:
            yield EMPTY
        if self.stopped is not None:
            yield self.stopped
        elif self.seconds_left <= 0 and self._wanted() is not None:
            yield f"the limit of {self.rules.seconds:g} s a page left no time for another try"

    def _wanted(self) -> Step | None:
        """Return the next rung that promises something, whatever time is left."""
        latest = self.tried[-1]
        over = latest.believable or latest.step.fallback or not self.rules.climb
        if over or latest.recognition.stop_reason is StopReason.TIMEOUT:
            return None
        taken = {each.step for each in self.tried}
        return next((step for step in self._rungs() if step not in taken), None)

    def _rungs(self) -> Iterator[Step]:
        """Yield the ways to read the page again, each the request with one thing changed."""
        first, asked = self.tried[0], self.request
        if not any(each.recognition.stop_reason in _UNFIT for each in self.tried):
            if first.cut or first.garbled:
                yield Step(STRICTLY, replace(asked, strict_repeats=True))
            larger = larger_plan(asked, self.rules)
            if larger is not None:
                yield Step(f"in mode {larger.mode}", replace(asked, plan=larger))
            if any(each.garbled or each.empty for each in self.tried):
                for degrees in TURNS:
                    yield _turned(asked, degrees, self.rules)
        fallback = self.rules.fallback
        best = max(self.tried, key=lambda each: each.rank)
        if fallback is not None and asked.task in fallback.tasks and not best.sound:
            request = replace(asked, plan=None, may_use_text_layer=True)
            yield Step(f"with engine {fallback.name}", request, fallback=True)


def larger_plan(request: Request, rules: Rules) -> ViewPlan | None:
    """Return the plan of the next mode up that costs more vision tokens, within the cap."""
    if request.plan is None:
        return None
    modes = list(ResolutionMode)
    higher = modes[modes.index(request.plan.mode) + 1 :]
    for mode in (mode for mode in higher if mode in rules.info.modes):
        try:
            plan = select_plan(
                mode, request.page, rules.info, rules.max_vision_tokens, rules.max_tiles
            )
        except UsageError:  # over the cap
            continue
        if plan is not None and plan.vision_tokens > request.plan.vision_tokens:
            return plan
    return None


def _turned(request: Request, degrees: int, rules: Rules) -> Step:
    """Return the step of the page turned clockwise by a quarter; its plan is made anew."""
    page = replace(request.page, width=request.page.height, height=request.page.width)
    plan = request.plan
    if plan is not None:
        plan = select_plan(plan.mode, page, rules.info, rules.max_vision_tokens, rules.max_tiles)
    turned = replace(request, plan=plan, turned_degrees=degrees)
    return Step(f"turned by {degrees} degrees", turned)


def _judged(step: Step, recognition: Recognition) -> Try:
    try:
        blocks = parse(recognition) if recognition.failure is None else ()
        verdict = judge(recognition, blocks)
        plain = judge(replace(recognition, reasons=()), blocks).status
    except Exception as error:  # noqa: BLE001  # raw text is not to be trusted; recorded
        verdict = failed(f"the engine's answer cannot be read: {in_words(error)}")
        return Try(step, recognition, verdict, VerdictStatus.FAILED, 0)
    return Try(step, recognition, verdict, plain, _distinct_words(blocks))


def _distinct_words(blocks: Sequence[Block]) -> int:
    words: set[str] = set()
    for block in blocks:
        words.update(block.text.split(), (block.latex or "").split())
        for cell in block.table.cells if block.table else ():
            words.update(cell.text.split())
    return len(words)
