"""What ``gpu_decode`` measures: the model with random weights, and what of it takes how long."""

from __future__ import annotations

import itertools
import random
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch
from PIL import Image

from ocrx.document import Page, Request, Source, SourceKind
from ocrx.engine import PreparedPage
from ocrx.engines.local.catalogue import Family, ModelCard, card_of
from ocrx.engines.local.decoder import SlotDecoder
from ocrx.engines.local.devices import free_bytes, release_memory
from ocrx.engines.local.loading import LoadedModel
from ocrx.engines.local.prompt import Prompt
from ocrx.engines.local.scheduler import Scheduler
from ocrx.engines.local.tokens import Tokens
from ocrx.engines.local.translation import transformers_class, transformers_config
from ocrx.engines.local.vision import image_features
from ocrx.modes import ResolutionMode, ViewPlan
from ocrx.views import cut_views
from tests.parity.tiny_checkpoints import IMAGE_TOKEN_ID, config_of, tiny_tokenizer

STARTED_TOGETHER = 16
RUNS = 5
MEAN_WORD = 5


def random_model(device: torch.device, dtype: torch.dtype, *, real: bool) -> LoadedModel:
    """Build DeepSeek-OCR on its device, at its published size or tiny; weights as initialised."""
    family = Family.DEEPSEEK_OCR
    config = config_of(family, real=real) | {"image_token_id": IMAGE_TOKEN_ID}
    return _of_config(config, family, device, dtype)


def _of_config(
    config: Mapping[str, Any], family: Family, device: torch.device, dtype: torch.dtype
) -> LoadedModel:
    torch.manual_seed(0)
    with torch.device(device):
        model = transformers_class(family)._from_config(
            transformers_config(config), dtype=dtype, attn_implementation="sdpa"
        )
    model.requires_grad_(False).eval()
    return LoadedModel(model, config, family, device, dtype)


def tokens() -> Tokens:
    """Return a tokenizer of bytes: what the ids of random weights say is of no matter."""
    with tempfile.TemporaryDirectory() as folder:
        tiny_tokenizer().save(str(Path(folder, "tokenizer.json")))
        return Tokens(Path(folder))


def noise_page(index: int, plan: ViewPlan) -> PreparedPage:
    """Return a page of noise: what is on it costs nothing."""
    picture = Image.effect_noise((700, 990), 60).convert("RGB")
    source = Source("noise.png", "noise.png", SourceKind.IMAGE, "0" * 64, 1, 1)
    return PreparedPage(Request(Page(source, index, 700, 990), plan), cut_views(picture, plan))


def base_plan(mode: ResolutionMode = ResolutionMode.BASE) -> ViewPlan:
    """Return the plan of a mode, Gundam with 2 x 3 tiles."""
    if mode is ResolutionMode.GUNDAM:
        return ViewPlan(mode, mode.base_px, columns=2, rows=3)
    return ViewPlan(mode, mode.base_px)


class ForcedLengths:
    """A decoder whose pages end where they are told to: random weights never end at a right place.

    Its text is words in no order, so that nothing is taken for a loop; the model's own is decoded
    too, since that costs time.
    """

    def __init__(self, inner: SlotDecoder, lengths: Sequence[int]) -> None:
        """Let the page of index ``i`` end after ``lengths[i]`` tokens."""
        self._inner, self._lengths = inner, lengths
        self._left: dict[int, int] = {}
        self._end = min(inner.end_ids)
        self.end_ids, self.max_positions = inner.end_ids, inner.max_positions
        self.prepare = inner.prepare
        draw = random.Random(0)
        letters = "abcdefghijklmnopqrstuvwxyz" + " " * (26 // MEAN_WORD)
        self._words = "".join(draw.choice(letters) for _ in range(100_000))
        self._at = itertools.count(step=131)

    @property
    def capacity(self) -> int:
        """Slots of the decoder behind."""
        return self._inner.capacity

    def start(
        self, entries: Sequence[tuple[int, Prompt]], banned: Sequence[Collection[int]]
    ) -> list[int]:
        """Start pages and note how long each will be."""
        found = self._inner.start(entries, [{*each, self._end} for each in banned])
        for slot, prompt in entries:
            self._left[slot] = self._lengths[prompt.page.request.page.index]
        return found

    def step(
        self, slots: Sequence[int], tokens: Sequence[int], banned: Sequence[Collection[int]]
    ) -> list[int]:
        """Move pages on; those that are long enough end."""
        found = self._inner.step(slots, tokens, [{*each, self._end} for each in banned])
        for row, slot in enumerate(slots):
            self._left[slot] -= 1
            if self._left[slot] == 0:
                found[row] = self._end
        return found

    def text(self, ids: Sequence[int]) -> str:
        """Decode as the model's text is decoded, and return words."""
        self._inner.text(ids)
        start = next(self._at) % (len(self._words) // 2)
        return self._words[start : start + 4 * len(ids)]

    def shrink(self) -> int:
        """Shrink the decoder behind."""
        return self._inner.shrink()


class Bench:
    """One model on one device, and how long it takes."""

    def __init__(self, loaded: LoadedModel) -> None:
        """Take a model."""
        self.loaded, self.tokens = loaded, tokens()
        self.card: ModelCard = card_of(loaded.family)

    def decoder(self, slots: int) -> SlotDecoder:
        """Return a decoder of so many slots."""
        release_memory()
        return SlotDecoder(self.loaded, self.tokens, self.card, slots)

    def vision_ms(self, mode: ResolutionMode) -> float:
        """Return milliseconds from pixels to embeddings of one page."""
        prompt = self.decoder(1).prepare(noise_page(0, base_plan(mode)))

        @torch.inference_mode()
        def encode() -> None:
            image_features(self.loaded.model, [prompt], free_bytes(self.loaded.device))

        return self._ms(encode)

    def start_ms(self, pages: int) -> float:
        """Return milliseconds to start so many pages of Base together: vision and prompt."""
        decoder = self.decoder(pages)
        prompt = decoder.prepare(noise_page(0, base_plan()))
        entries = [(slot, prompt) for slot in range(pages)]
        return self._ms(lambda: decoder.start(entries, [()] * pages))

    def tokens_per_second(self, batch: int, steps: int) -> float:
        """Return tokens a second of ``batch`` pages of Base, from their first tokens on."""
        decoder = self.decoder(batch)
        prompt = decoder.prepare(noise_page(0, base_plan()))
        last: list[int] = []
        for first in range(0, batch, STARTED_TOGETHER):
            slots = range(first, min(batch, first + STARTED_TOGETHER))
            last += decoder.start([(slot, prompt) for slot in slots], [()] * len(slots))
        nothing = [()] * batch
        for _ in range(4):  # the first steps choose how to multiply by experts and capture graphs
            last = decoder.step(range(batch), last, nothing)
        self._wait()
        began = time.perf_counter()
        for _ in range(steps):
            last = decoder.step(range(batch), last, nothing)
        self._wait()
        return batch * steps / (time.perf_counter() - began)

    def scheduled_seconds(self, slots: int, lengths: Sequence[int], plan: ViewPlan) -> float:
        """Return seconds in which the scheduler reads pages of these lengths, start to end."""
        decoder = self.decoder(slots)
        pages = [noise_page(index, plan) for index in range(len(lengths))]
        warm = ForcedLengths(decoder, [8] * len(lengths))
        list(Scheduler(warm, self.card.limits).run(pages[:slots]))
        scheduler = Scheduler(ForcedLengths(decoder, lengths), self.card.limits)
        began = time.perf_counter()
        found = list(scheduler.run(pages))
        seconds = time.perf_counter() - began
        written = sorted(each.output_tokens for each in found)
        assert written == sorted(lengths), "every page is as long as it was told to be"
        return seconds

    def generate_seconds(self, lengths: Sequence[int], plan: ViewPlan) -> float:
        """Return seconds in which transformers' ``generate`` reads the pages one after another."""
        from transformers import GenerationConfig

        device = self.loaded.device
        prompt = self.decoder(1).prepare(noise_page(0, plan))
        ids = torch.tensor([prompt.ids], device=device)
        pixels = prompt.global_pixels[None].to(device, self.loaded.dtype)
        # built anew, as transformers has it: a decoder rewrites the one that it is given
        loaded = self.loaded
        model: Any = _of_config(loaded.config, loaded.family, device, loaded.dtype).model

        def read(length: int) -> None:
            settings = GenerationConfig(
                do_sample=False,
                max_new_tokens=length,
                min_new_tokens=length,
                no_repeat_ngram_size=35,  # as the published runner calls it
                eos_token_id=min(self.tokens.end_ids),
                pad_token_id=0,
            )
            mask = torch.ones_like(ids)
            out = model.generate(
                input_ids=ids, attention_mask=mask, pixel_values=pixels, generation_config=settings
            )
            assert out.shape[1] == len(prompt.ids) + length

        read(4)
        self._wait()
        began = time.perf_counter()
        for length in lengths:
            read(length)
        self._wait()
        return time.perf_counter() - began

    def _ms(self, call: Callable[[], object]) -> float:
        call()
        times = []
        for _ in range(RUNS):
            self._wait()
            began = time.perf_counter()
            call()
            self._wait()
            times.append(time.perf_counter() - began)
        return 1000 * median(times)

    def _wait(self) -> None:
        if self.loaded.device.type == "cuda":
            torch.cuda.synchronize()
