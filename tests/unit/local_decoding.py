"""A decoder that writes what it was told to, and pages for it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from PIL import Image

from ocrx.document import Page, Request, Source, SourceKind
from ocrx.engine import PreparedPage
from ocrx.engines.local.catalogue import Limits
from ocrx.engines.local.ngrams import RepeatRule
from ocrx.engines.local.prompt import Prompt
from ocrx.errors import DeviceLostError, PageMemoryError
from ocrx.modes import ResolutionMode, ViewPlan
from ocrx.views import Views

END = 0
PROMPT = (7, 8, 9)
NO_RULE = RepeatRule(0, None)
LIMITS = Limits(
    max_positions=8192, max_output_tokens=8192, repeat_rule=NO_RULE, strict_rule=NO_RULE
)
SOURCE = Source("doc.pdf", "/doc.pdf", SourceKind.PDF, "ab", 1, 1)
VIEWS = Views(Image.new("RGB", (8, 8)), ())


def page(
    index: int,
    *,
    mode: ResolutionMode = ResolutionMode.BASE,
    seconds: float = float("inf"),
    strict: bool = False,
) -> PreparedPage:
    """A page numbered ``index``; a fake decoder knows its script by that."""
    plan = ViewPlan(mode, mode.base_px)
    request = Request(Page(SOURCE, index, 595, 842), plan, strict_repeats=strict)
    return PreparedPage(request, VIEWS, seconds)


def text_of(script: Iterable[int]) -> str:
    return "".join(chr(token) for token in script)


@dataclass
class FakeDecoder:
    """Writes ``scripts[page index]`` and then the end token.

    ``needs[index]`` is how much memory a page takes of ``memory``, shared by the slots in use;
    ``breaks_at[index]`` the token at which it breaks, -1 for its prompt, -2 for its preparation;
    ``loses_at[index]`` likewise the token at which the device is lost.
    """

    scripts: dict[int, Sequence[int]]
    capacity: int = 4
    max_positions: int = 8192
    end_ids: frozenset[int] = frozenset({END})
    memory: float = float("inf")
    needs: dict[int, float] = field(default_factory=dict)
    breaks_at: dict[int, int] = field(default_factory=dict)
    loses_at: dict[int, int] = field(default_factory=dict)
    step_seconds: float = 0.0
    held: dict[int, tuple[int, int]] = field(default_factory=dict)  # slot: page index, tokens
    steps: list[tuple[int, ...]] = field(default_factory=list)
    starts: list[tuple[int, ...]] = field(default_factory=list)
    sizes: list[set[int]] = field(default_factory=list)
    banned: list[set[int]] = field(default_factory=list)

    def prepare(self, page: PreparedPage) -> Prompt:
        if self.breaks_at.get(page.request.page.index) == -2:
            raise ValueError("this page\ncannot be prepared")
        return Prompt(page, PROMPT, None)

    def start(
        self, entries: Sequence[tuple[int, Prompt]], banned: Sequence[Collection[int]]
    ) -> list[int]:
        assert len(entries) == len(banned) > 0
        assert all(0 <= slot < self.capacity for slot, _ in entries)
        assert len({slot for slot, _ in entries}) == len(entries)
        indices = [prompt.page.request.page.index for _, prompt in entries]
        if any(self.breaks_at.get(index) == -1 for index in indices):
            raise ValueError("this prompt cannot be read")
        if any(self.loses_at.get(index) == -1 for index in indices):
            raise DeviceLostError("fake is lost to this process")
        kept = [self.held[slot][0] for slot in set(self.held) - {slot for slot, _ in entries}]
        self._require_memory(indices + kept)
        for slot, prompt in entries:
            self.held[slot] = (prompt.page.request.page.index, 0)
        self.starts.append(tuple(indices))
        self.sizes.append({prompt.plan.base_px for _, prompt in entries})
        return [self._next(slot) for slot, _ in entries]

    def step(
        self, slots: Sequence[int], tokens: Sequence[int], banned: Sequence[Collection[int]]
    ) -> list[int]:
        assert len(set(slots)) == len(slots) == len(tokens) == len(banned) > 0
        assert all(slot < self.capacity for slot in slots)
        for slot, token in zip(slots, tokens, strict=True):
            index, count = self.held[slot]
            assert token == self.scripts[index][count - 1], "the token written before comes back"
            if self.breaks_at.get(index) == count:
                raise ValueError("this page cannot go on")
            if self.loses_at.get(index) == count:
                raise DeviceLostError("fake is lost to this process")
        self._require_memory([self.held[slot][0] for slot in slots])
        time.sleep(self.step_seconds)
        self.steps.append(tuple(slots))
        self.banned.extend(map(set, banned))
        return [self._next(slot) for slot in slots]

    def text(self, ids: Sequence[int]) -> str:
        return text_of(ids)

    def shrink(self) -> int:
        self.capacity = max(1, self.capacity // 2)
        self.held.clear()
        return self.capacity

    def _next(self, slot: int) -> int:
        index, count = self.held.pop(slot)
        script = self.scripts[index]
        if count == len(script):
            return END
        self.held[slot] = (index, count + 1)
        return script[count]

    def _require_memory(self, indices: Sequence[int]) -> None:
        if sum(self.needs.get(index, 0) for index in indices) > self.memory:
            raise PageMemoryError("too little memory on fake")
