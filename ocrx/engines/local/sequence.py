"""One page while its text is being written, and what is told of it in the end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from time import monotonic

from ocrx.document import Recognition, Request, Route, StopReason
from ocrx.engine import PreparedPage
from ocrx.engines.local.catalogue import Limits
from ocrx.engines.local.ngrams import NgramGuard
from ocrx.engines.local.prompt import Prompt
from ocrx.engines.local.repeats import Loop, RepeatWatch
from ocrx.errors import OcrxError, PageMemoryError
from ocrx.modes import ViewPlan
from ocrx.parsing.grounding_dialect import DIALECT

_MAX_FAILURE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page that waits for a slot: its prompt, or what went wrong when that was prepared."""

    page: PreparedPage
    taken: float  # in seconds, of the monotonic clock
    prompt: Prompt | None = None
    error: BaseException | None = None

    @property
    def deadline(self) -> float:
        """When the page must be answered, by the same clock."""
        return self.taken + self.page.seconds


class PageSequence:
    """A page in a slot: the tokens so far, what may not come next, and when it is over."""

    def __init__(
        self,
        waiting: WaitingPage,
        prompt: Prompt,
        limits: Limits,
        end_ids: Collection[int],
        max_positions: int,
        text: Callable[[Sequence[int]], str],
    ) -> None:
        """Begin with nothing written. ``text`` decodes token ids."""
        request = waiting.page.request
        rule = limits.strict_rule if request.strict_repeats else limits.repeat_rule
        self.waiting, self.prompt, self.deadline = waiting, prompt, waiting.deadline
        self._guard = NgramGuard(rule, prompt.ids)
        self._watch = RepeatWatch(text)
        self._text = text
        self._end_ids = end_ids
        self._most = min(limits.max_output_tokens, max_positions - len(prompt.ids))
        self._ids: list[int] = []
        self._loop: Loop | None = None
        self._began = monotonic()

    @property
    def last(self) -> int:
        """The latest token."""
        return self._ids[-1]

    def banned(self) -> Collection[int]:
        """Return the tokens that may not come next."""
        return self._guard.banned()

    def take(self, token: int) -> StopReason | None:
        """Add a token; return why the page is over, or None if it is not."""
        if token in self._end_ids:
            return StopReason.END
        self._ids.append(token)
        self._guard.append(token)
        self._loop = self._watch.check(self._ids)
        if self._loop is not None:
            return StopReason.REPETITION
        return StopReason.LENGTH if len(self._ids) >= self._most else None

    def answer(self, reason: StopReason) -> Recognition:
        """Return what was written; of text that runs in circles, up to the first copy."""
        request = self.waiting.page.request
        raw = self._text(self._ids)
        reasons: tuple[str, ...] = ()
        if self._loop is not None:
            raw, reasons = raw[: self._loop.kept], (self._loop.reason,)
        plan = self.prompt.plan
        return Recognition(
            page_id=request.page_id,
            raw=raw,
            dialect=DIALECT,
            stop_reason=reason,
            vision_tokens=plan.vision_tokens,
            output_tokens=len(self._ids),
            seconds=monotonic() - self._began,
            route=Route.MODEL,
            read_px=_read_px(plan),
            reasons=reasons,
            turned_degrees=request.turned_degrees,
        )


def _read_px(plan: ViewPlan) -> tuple[int, int]:
    """Return the size of the larger picture: the tiles put together, or the global view."""
    if plan.tiles:
        return plan.columns * plan.tile_px, plan.rows * plan.tile_px
    return plan.base_px, plan.base_px


def unread(
    request: Request, since: float, reason: StopReason, failure: str | None = None
) -> Recognition:
    """Return the answer for a page of which nothing was written."""
    shown = " ".join(failure.split())[:_MAX_FAILURE_CHARACTERS] if failure else None
    return Recognition(
        page_id=request.page_id,
        raw="",
        dialect=DIALECT,
        stop_reason=reason,
        seconds=monotonic() - since,
        turned_degrees=request.turned_degrees,
        failure=shown,
    )


def failed(request: Request, since: float, error: BaseException) -> Recognition:
    """Return the answer for a page that could not be read, by what went wrong."""
    if isinstance(error, PageMemoryError | MemoryError):
        what = str(error) or "needs more memory than there is"
        return unread(request, since, StopReason.MEMORY, what)
    what = str(error) if isinstance(error, OcrxError) else f"{type(error).__name__}: {error}"
    return unread(request, since, StopReason.FAILED, what)
