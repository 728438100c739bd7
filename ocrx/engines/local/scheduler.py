"""Continuous batching: pages of any length share the slots of a decoder, none waits for another.

A page that ends leaves at once and the next takes its slot. How a model computes is behind
``Decoder``; what one page writes and when it is over is in ``sequence``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from time import monotonic
from typing import Protocol

from ocrx.document import Recognition, StopReason
from ocrx.engine import PreparedPage
from ocrx.engines.local.catalogue import Limits
from ocrx.engines.local.intake import Intake
from ocrx.engines.local.prompt import Prompt
from ocrx.engines.local.sequence import PageSequence, WaitingPage, failed, unread
from ocrx.errors import DeviceLostError, EngineError, PageMemoryError

# Pages taken beyond the slots there are: prepared while others are read, and soon to start.
_AHEAD = 4  # a quarter of the slots
_MOST_AHEAD = 16
# A pass over prompts holds up the running pages: some 60 ms for 16 pages of Base on an H200.
_MOST_STARTED = 16
# It takes little longer for several than for one, so with many slots a few are let run empty
# until there are several to fill: 8 of 256 idle half the time cost 2 % and save 20.
_IDLE_SHARE = 32


class Decoder(Protocol):
    """A model over ``capacity`` slots, each of which holds one sequence of ``max_positions``."""

    @property
    def capacity(self) -> int:
        """Number of slots; they are numbered from 0."""
        ...

    @property
    def max_positions(self) -> int:
        """How long a sequence may be, its prompt included."""
        ...

    @property
    def end_ids(self) -> Collection[int]:
        """The tokens that end a sequence."""
        ...

    def prepare(self, page: PreparedPage) -> Prompt:
        """Return a page's prompt; called on another thread than all else."""
        ...

    def start(
        self, entries: Sequence[tuple[int, Prompt]], banned: Sequence[Collection[int]]
    ) -> list[int]:
        """Read prompts into slots; return the first token of each.

        Raises:
            PageMemoryError: the device has too little memory; no slot of ``entries`` is filled.
            DeviceLostError: nothing more can be computed.
        """
        ...

    def step(
        self, slots: Sequence[int], tokens: Sequence[int], banned: Sequence[Collection[int]]
    ) -> list[int]:
        """Add each slot's latest token; return the next of each. After an error nothing is added.

        Raises:
            PageMemoryError: the device has too little memory.
            DeviceLostError: nothing more can be computed.
        """
        ...

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of token ids; that of two parts joined is that of the whole."""
        ...

    def shrink(self) -> int:
        """Halve the slots (one stays), forget all sequences, return how many slots there are."""
        ...


class Scheduler:
    """Reads pages with a decoder; see ``BatchEngine.recognise_prepared`` for what it promises."""

    def __init__(self, decoder: Decoder, limits: Limits) -> None:
        """Take a decoder of which nobody else uses the slots."""
        self._decoder, self._limits = decoder, limits

    @property
    def capacity(self) -> int:
        """How many pages are read at once; less after memory ran out."""
        return self._decoder.capacity

    def run(self, pages: Iterable[PreparedPage]) -> Iterator[Recognition]:
        """Yield one recognition for every page, in the order in which they end.

        What the iterable raises is raised once the pages taken before are answered.

        Raises:
            DeviceLostError: the pages that were not answered are nobody's fault, and not read.
        """
        decoder = self._decoder
        ahead = min(_MOST_AHEAD, decoder.capacity // _AHEAD)
        intake = Intake(pages, decoder.prepare, decoder.capacity + ahead)
        try:
            batch = _Batch(decoder, self._limits, intake)
            while batch.fill():
                for recognition in batch.turn():
                    intake.answered()
                    yield recognition
            if intake.error is not None:
                raise intake.error
        finally:
            intake.close()


class _Batch:
    """The pages of one run: those that wait, and those in slots."""

    def __init__(self, decoder: Decoder, limits: Limits, intake: Intake) -> None:
        self._decoder, self._limits, self._intake = decoder, limits, intake
        self._waiting: deque[WaitingPage] = deque()
        self._running: dict[int, PageSequence] = {}
        self._together = _MOST_STARTED

    def fill(self) -> bool:
        """Take the pages that are ready, waiting for one if there are none; False at the end."""
        intake = self._intake
        while not intake.ended:
            idle = not self._waiting and not self._running
            page = intake.take(wait=idle)
            if page is None:
                break
            self._waiting.append(page)
        return bool(self._waiting or self._running)

    def turn(self) -> list[Recognition]:
        """Start pages where there is room, move all that run by one token; return what ended."""
        answers = self._overdue()
        answers += self._started()
        if self._running:
            answers += self._stepped(sorted(self._running))
        return answers

    def _overdue(self) -> list[Recognition]:
        """Answer the pages whose time is up, or whose prompt could not be prepared."""
        now, answers = monotonic(), []
        for slot in [s for s, page in self._running.items() if page.deadline <= now]:
            answers.append(self._running.pop(slot).answer(StopReason.TIMEOUT))
        for page in [p for p in self._waiting if p.error is not None or p.deadline <= now]:
            self._waiting.remove(page)
            request = page.page.request
            if page.error is not None:
                answers.append(failed(request, page.taken, page.error))
            else:
                answers.append(unread(request, page.taken, StopReason.TIMEOUT))
        return answers

    def _started(self) -> list[Recognition]:
        """Start waiting pages of one size of global view, the oldest and those like it."""
        free = self._free()
        worthwhile = max(1, min(self._decoder.capacity // _IDLE_SHARE, self._together))
        if not self._waiting or (self._running and len(free) < min(len(self._waiting), worthwhile)):
            return []
        base_px = _base_px(self._waiting[0])
        alike = [page for page in self._waiting if _base_px(page) == base_px]
        chosen = alike[: min(len(free), self._together)]
        for page in chosen:
            self._waiting.remove(page)
        return self._start(chosen)

    def _free(self) -> list[int]:
        return [slot for slot in range(self._decoder.capacity) if slot not in self._running]

    def _start(self, pages: Sequence[WaitingPage]) -> list[Recognition]:
        """Start pages together; should that fail, in halves, so that a bad page fails alone."""
        decoder, answers = self._decoder, []
        fitting: list[tuple[int, PageSequence]] = []
        free = self._free()
        self._waiting.extendleft(reversed(pages[len(free) :]))  # slots may be gone meanwhile
        for slot, page in zip(free, pages, strict=False):
            sequence = self._sequence(page)
            if isinstance(sequence, PageSequence):
                fitting.append((slot, sequence))
            else:
                answers.append(sequence)
        if not fitting:
            return answers
        try:
            tokens = decoder.start(
                [(slot, each.prompt) for slot, each in fitting],
                [each.banned() for _, each in fitting],
            )
        except DeviceLostError:
            raise
        except Exception as error:  # noqa: BLE001 - told apart by page below
            waiting = [each.waiting for _, each in fitting]
            return answers + self._start_failed(waiting, error)
        self._running.update(fitting)
        return answers + self._taken([slot for slot, _ in fitting], tokens)

    def _start_failed(self, pages: list[WaitingPage], error: Exception) -> list[Recognition]:
        lacks_memory = isinstance(error, PageMemoryError)
        if len(pages) == 1:
            if lacks_memory:
                return self._shrunk(pages)
            return [failed(pages[0].page.request, pages[0].taken, error)]
        half = len(pages) // 2
        if lacks_memory:
            self._together = half
            self._waiting.extendleft(reversed(pages[half:]))
            return self._start(pages[:half])
        return self._start(pages[:half]) + self._start(pages[half:])

    def _sequence(self, waiting: WaitingPage) -> PageSequence | Recognition:
        """Return a page ready to start, or its answer if its prompt leaves no room for text."""
        decoder, prompt = self._decoder, waiting.prompt
        assert prompt is not None
        if len(prompt.ids) >= decoder.max_positions:
            of = f"{len(prompt.ids)} of {decoder.max_positions} positions"
            error = EngineError(f"the prompt takes {of}, which leaves none for text: fewer tiles")
            return failed(waiting.page.request, waiting.taken, error)
        return PageSequence(
            waiting, prompt, self._limits, decoder.end_ids, decoder.max_positions, decoder.text
        )

    def _stepped(self, slots: Sequence[int]) -> list[Recognition]:
        """Move pages by one token; should that fail, each alone, so that a bad page fails alone."""
        pages = [self._running[slot] for slot in slots]
        try:
            tokens = self._decoder.step(
                slots, [page.last for page in pages], [page.banned() for page in pages]
            )
        except PageMemoryError:
            return self._shrunk([])
        except DeviceLostError:
            raise
        except Exception as error:  # noqa: BLE001 - told apart by page
            if len(slots) == 1:
                page = self._running.pop(slots[0]).waiting
                return [failed(page.page.request, page.taken, error)]
            answers: list[Recognition] = []
            for slot in slots:
                if slot in self._running:  # memory may run out in between
                    answers += self._stepped([slot])
            return answers
        return self._taken(slots, tokens)

    def _taken(self, slots: Sequence[int], tokens: Sequence[int]) -> list[Recognition]:
        answers = []
        for slot, token in zip(slots, tokens, strict=True):
            reason = self._running[slot].take(token)
            if reason is not None:
                answers.append(self._running.pop(slot).answer(reason))
        return answers

    def _shrunk(self, starting: list[WaitingPage]) -> list[Recognition]:
        """Go on with half the slots: pages begin anew; with one slot, its page fails."""
        before = self._decoder.capacity
        running = [self._running[slot].waiting for slot in self._running]
        self._running.clear()
        capacity = self._decoder.shrink()
        lost = sorted([*running, *starting], key=lambda page: page.taken)
        if before > 1:
            self._intake.narrow(before - capacity)
            self._waiting.extendleft(reversed(lost))
            return []
        error = PageMemoryError("needs more memory than there is, even alone: try a smaller mode")
        return [failed(page.page.request, page.taken, error) for page in lost]


def _base_px(page: WaitingPage) -> int:
    assert page.prompt is not None
    return page.prompt.plan.base_px
