"""Pages become tokens: prompts into slots, then a token at a time for any of them.

Which pages run together, when one ends and which tokens are forbidden is for ``scheduler``.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

import torch

from ocrx.engine import PreparedPage
from ocrx.engines.local.capacity import PROMPT_POSITIONS_AT_ONCE
from ocrx.engines.local.catalogue import Family, ModelCard
from ocrx.engines.local.devices import free_bytes
from ocrx.engines.local.experts import ExpertsChoice
from ocrx.engines.local.graphs import Capture, StaticStep
from ocrx.engines.local.lean import make_lean
from ocrx.engines.local.loading import LoadedModel
from ocrx.engines.local.pixels import normalised
from ocrx.engines.local.prompt import Prompt
from ocrx.engines.local.slots import SlotCache, length_bucket
from ocrx.engines.local.tokens import Tokens
from ocrx.engines.local.vision import image_features
from ocrx.errors import DeviceLostError, PageMemoryError

_COLUMNS = 4  # of a step's inputs: token, position, where to write, how many to attend to


@dataclass(slots=True)
class _Sequence:
    """What a slot holds: ``prompt`` positions of a prompt, and ``length`` positions in all."""

    prompt: int
    length: int


class SlotDecoder:
    """Runs a model over pages in slots; see ``scheduler.Decoder``.

    A step covers the first slots up to the highest one asked for: low slots are the cheap ones.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        tokens: Tokens,
        card: ModelCard,
        slots: int,
        *,
        experts: str | None = None,
        capture: Capture | None = None,
    ) -> None:
        """Make the model a lean one, and reserve nothing yet.

        ``experts`` names how to multiply by experts, which is measured else. ``capture`` makes
        graphs of steps; on CUDA there is one unasked.
        """
        self._tokens, self._card = tokens, card
        self._model: Any = loaded.model
        self._language: Any = self._model.model.language_model
        self._family, self._device = loaded.family, loaded.device
        make_lean(self._language)
        text = self._model.config.text_config
        self.capacity = slots
        self.max_positions = min(card.limits.max_positions, int(text.max_position_embeddings))
        self.end_ids = tokens.end_ids
        sliding = "reference_sliding_attention" in (getattr(text, "layer_types", None) or ())
        self._window: int | None = text.sliding_window if sliding else None
        self._experts = ExpertsChoice(self._language, experts)
        self._cache = SlotCache(text, slots, self.max_positions, self._model.lm_head.weight)
        if capture is None and self._device.type == "cuda":
            capture = Capture(self._device)
        self._run = StaticStep(self._row_logits, _COLUMNS, slots, self._device, capture)
        self._held: dict[int, _Sequence] = {}

    def prepare(self, page: PreparedPage) -> Prompt:
        """Return what is fed to the model for a page; needs no device."""
        request, plan = page.request, page.request.plan
        if plan is None:
            raise ValueError("the page has no plan")
        prompt = self._card.prompt(request.task, request.query)
        ids = self._tokens.prompt_ids(prompt, plan.prompt_positions, self._card.image_break)
        tiles = normalised(page.views.tiles) if page.views.tiles else None
        return Prompt(page, tuple(ids), normalised([page.views.global_view])[0], tiles)

    def start(
        self, entries: Sequence[tuple[int, Prompt]], banned: Sequence[Collection[int]]
    ) -> list[int]:
        """Read prompts into slots; return the first token of each.

        Raises:
            PageMemoryError: the device has too little memory; other slots hold what they held.
            DeviceLostError: the device failed, and with it all that this process holds there.
        """
        with self._device_work():
            logits = torch.cat([self.prompt_logits(part) for part in _parts(entries)])
            return _best(logits, range(len(entries)), banned)

    def step(
        self, slots: Sequence[int], tokens: Sequence[int], banned: Sequence[Collection[int]]
    ) -> list[int]:
        """Add each slot's last token to it; return the next of each.

        Raises:
            PageMemoryError: the device has too little memory.
            DeviceLostError: the device failed, and with it all that this process holds there.
        """
        with self._device_work():
            logits = self.step_logits(slots, tokens)
            ids = _best(logits, slots, banned)
        for slot in slots:
            self._held[slot].length += 1
        return ids

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of generated ids."""
        return self._tokens.text(ids)

    def shrink(self) -> int:
        """Halve the slots and return how many there are. What was in any of them is forgotten."""
        self.capacity = max(1, self.capacity // 2)
        self._held.clear()
        self._run.forget()
        self._cache.drop(self.capacity)
        self._free()
        return self.capacity

    def prompt_logits(self, entries: Sequence[tuple[int, Prompt]]) -> Any:
        """Read prompts into slots in one pass; return the logits [pages, vocabulary] after each.

        Rows are padded on the right, where no token of theirs looks: attention is causal.
        """
        with self._device_work():
            prompts = [prompt for _, prompt in entries]
            lengths = [len(prompt.ids) for prompt in prompts]
            self._reserve(max(lengths))
            embeds = self._embedded(prompts)
            self._experts.use(embeds.shape[0] * embeds.shape[1])
            self._cache.fill([slot for slot, _ in entries])
            positions = torch.arange(embeds.shape[1], device=embeds.device)[None]
            hidden = self._hidden(embeds, positions, None)
            last = torch.tensor(lengths, device=embeds.device) - 1
            rows = torch.arange(len(entries), device=embeds.device)
            logits = self._model.lm_head(hidden[rows, last])
        for (slot, _), length in zip(entries, lengths, strict=True):
            self._held[slot] = _Sequence(length, length)
        return logits

    def step_logits(self, slots: Sequence[int], tokens: Sequence[int]) -> Any:
        """Return logits [rows, vocabulary] of a step, row by slot; good until the next step."""
        with self._device_work():
            # idle rows attend to one position, of whatever it holds, and write where nobody looks
            rows: dict[int, tuple[int, int, int, int]] = {}
            seen = 1
            for slot, token in zip(slots, tokens, strict=True):
                write, visible = self._place(self._held[slot])
                rows[slot] = (token, self._held[slot].length, write, visible)
                seen = max(seen, visible)
            self._reserve(seen)
            idle = (0, 0, self._cache.scratch, 1)
            count = self._rows(max(slots) + 1)
            self._experts.use(count, self._run.captures)
            length = min(length_bucket(seen), self._cache.positions)
            return self._run([rows.get(slot, idle) for slot in range(count)], length)

    def _place(self, held: _Sequence) -> tuple[int, int]:
        """Return where a slot's next token goes, and how many positions it attends to.

        With a window the prompt stays, and the tokens after it go round in as many positions as the
        window is wide: their keys know their places, so their order is of no matter.
        """
        if self._window is None:
            return held.length, held.length + 1
        behind = held.length - held.prompt
        write = held.prompt + behind % self._window
        return write, held.prompt + min(behind + 1, self._window)

    def _rows(self, count: int) -> int:
        """Return the size of a batch; with graphs a power of two, so that few are captured."""
        if not self._run.captures:
            return count
        return min(self.capacity, 1 << (count - 1).bit_length())

    def _reserve(self, positions: int) -> None:
        if self._cache.reserve(positions):
            self._run.forget()

    def _embedded(self, prompts: Sequence[Prompt]) -> Any:
        """Return embeddings [pages, longest, hidden], each image in its place."""
        features = image_features(self._model, prompts, free_bytes(self._device))
        ids = torch.zeros((len(prompts), max(len(p.ids) for p in prompts)), dtype=torch.int64)
        for row, prompt in enumerate(prompts):
            ids[row, : len(prompt.ids)] = torch.tensor(prompt.ids)
        embeds = self._language.embed_tokens(ids.to(self._device))
        for row, (prompt, image) in enumerate(zip(prompts, features, strict=True)):
            first = prompt.ids.index(self._tokens.image_id)
            embeds[row, first : first + len(image)] = image
        return embeds

    def _row_logits(self, inputs: Any, length: int) -> Any:
        """Return logits [rows, vocabulary]; ``inputs`` are [_COLUMNS, rows] on the device."""
        token, position, write, visible = inputs
        mask = self._cache.step(write, visible, length)
        embeds = self._language.embed_tokens(token[:, None])
        hidden = self._hidden(embeds, position[:, None], mask)
        return self._model.lm_head(hidden[:, -1])

    def _hidden(self, embeds: Any, positions: Any, mask: Any) -> Any:
        """Run the language model. No mask: causal, which the attention kernel knows by itself."""
        masks: Any = mask
        if self._family is not Family.DEEPSEEK_OCR_2:  # its class asks by kind of attention
            masks = {"full_attention": mask, "reference_sliding_attention": mask}
        return self._language(
            inputs_embeds=embeds,
            attention_mask=masks,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
        ).last_hidden_state

    @contextmanager
    def _device_work(self) -> Iterator[None]:
        """Record no gradients; name the errors of the device.

        After a lack of memory what was begun is freed.
        """
        try:
            with torch.inference_mode(), self._device_context():
                yield
        except RuntimeError as error:
            if _is_loss_of_device(error):
                what = str(error).partition("\n")[0]
                raise DeviceLostError(f"{self._device} is lost to this process: {what}") from error
            if not _is_lack_of_memory(error):
                raise
            traceback.clear_frames(error.__traceback__)  # they hold the tensors of the pass
            self._free()
            raise PageMemoryError(f"too little memory on {self._device}") from error

    def _device_context(self) -> AbstractContextManager[Any]:
        """Make the device the current one: graphs are captured on that."""
        if self._device.type != "cuda":
            return nullcontext()
        return cast("AbstractContextManager[Any]", torch.cuda.device(self._device))

    def _free(self) -> None:
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


def _is_lack_of_memory(error: RuntimeError) -> bool:
    """CUDA has a class for it; cuBLAS, MPS and the CPU only words."""
    words = str(error)
    return isinstance(error, torch.OutOfMemoryError) or any(
        part in words for part in ("ALLOC_FAILED", "out of memory", "can't allocate memory")
    )


def _is_loss_of_device(error: RuntimeError) -> bool:
    """A kernel that failed (an assertion, an illegal address) leaves a context where all fails."""
    failed = isinstance(error, torch.AcceleratorError) or "CUDA error" in str(error)
    return failed and not _is_lack_of_memory(error)


def _parts(
    entries: Sequence[tuple[int, Prompt]],
) -> Iterator[Sequence[tuple[int, Prompt]]]:
    """Cut entries into passes: pages of one size of global view, of so many positions in all."""
    part: list[tuple[int, Prompt]] = []
    for entry in entries:
        longest = max(len(prompt.ids) for _, prompt in [*part, entry])
        full = longest * (len(part) + 1) > PROMPT_POSITIONS_AT_ONCE
        if part and (full or part[0][1].plan.base_px != entry[1].plan.base_px):
            yield part
            part = []
        part.append(entry)
    if part:
        yield part


def _best(logits: Any, rows: Sequence[int], banned: Sequence[Collection[int]]) -> list[int]:
    """Return the likeliest token of each row that is not banned there."""
    size = logits.shape[1]
    pairs = zip(rows, banned, strict=True)
    forbidden = [row * size + token for row, tokens in pairs for token in tokens]
    if forbidden:
        where = torch.tensor(forbidden, device=logits.device)
        logits.view(-1).index_fill_(0, where, float("-inf"))
    ids = cast("list[int]", logits.argmax(dim=1).tolist())
    return [ids[row] for row in rows]
