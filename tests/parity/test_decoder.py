"""Pages in slots: whatever else is read beside it, a page's tokens are its own."""

import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from parity_cases import GOLDEN, V1, Tiny, greedy
from transformers import GenerationConfig

from ocrx.document import Task
from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.decoder import SlotDecoder
from ocrx.engines.local.experts import COPIED_EXPERTS
from ocrx.engines.local.loading import load_model
from ocrx.engines.local.prompt import Prompt
from ocrx.errors import DeviceLostError, PageMemoryError

TINY_PAGES = ["A4_1241x1754__tiny", "small_600x400__tiny"]


@pytest.fixture(scope="module")
def tiny() -> Tiny:
    return Tiny(GOLDEN / "tiny-v1", "model")


@pytest.fixture(scope="module")
def prompts(tiny) -> list[Prompt]:
    """Four prompts of four lengths, two of them of one size of view."""
    asked = [tiny.prompt(V1[name]) for name in [*TINY_PAGES, "A4_1241x1754__small"]]
    page = asked[0].page
    wanted = replace(page.request, task=Task.LOCATE, query="the title of the page")
    return [*asked, tiny.decoder(1).prepare(replace(page, request=wanted))]


@pytest.fixture(scope="module")
def alone(tiny, prompts) -> list[list[int]]:
    return [list(greedy(tiny.decoder(1), prompt, 40, ngram=0)) for prompt in prompts]


class Reading:
    """Several pages in a decoder, and the tokens that each has so far."""

    def __init__(self, decoder: SlotDecoder) -> None:
        self.decoder = decoder
        self.tokens: dict[int, list[int]] = {}

    def start(self, entries: Sequence[tuple[int, Prompt]]) -> None:
        first = self.decoder.start(entries, [()] * len(entries))
        for (slot, _), token in zip(entries, first, strict=True):
            self.tokens[slot] = [token]

    def step(self, slots: Sequence[int], times: int) -> None:
        for _ in range(times):
            last = [self.tokens[slot][-1] for slot in slots]
            after = self.decoder.step(slots, last, [()] * len(slots))
            for slot, token in zip(slots, after, strict=True):
                self.tokens[slot].append(token)


class Replays:
    """Graphs of the CPU: a replay runs the function again and writes where it first wrote."""

    def __init__(self, broken: bool = False) -> None:
        self.made, self.broken = 0, broken

    def renew(self) -> None:
        """A pool of memory is of no matter here."""

    def graph(self, function):
        if self.broken:
            raise RuntimeError("operation not permitted when stream is capturing")
        self.made += 1
        output = function().clone()
        return _Replay(function, output), output


class _Replay:
    def __init__(self, function, output: torch.Tensor) -> None:
        self._function, self._output = function, output

    def replay(self) -> None:
        self._output.copy_(self._function())


def read_all(decoder: SlotDecoder, prompts: list[Prompt]) -> list[list[int]]:
    """Start pages at different times, pause some, and give a slot to another page."""
    reading = Reading(decoder)
    reading.start([(3, prompts[3]), (0, prompts[0])])
    reading.step([0, 3], 5)
    reading.start([(1, prompts[1])])
    reading.step([1, 3], 20)
    reading.step([3, 0, 1], 10)
    ended = reading.tokens[3]
    reading.start([(3, prompts[2])])
    reading.step([3, 1], 9)
    reading.step([3], 30)
    reading.step([0], 24)
    return [*(reading.tokens[slot][:40] for slot in (0, 1, 3)), ended]


def test_pages_read_together_are_read_as_alone(tiny, prompts, alone):
    assert len({tuple(ids) for ids in alone}) == len(alone)
    *whole, ended = read_all(tiny.decoder(slots=4), prompts)
    assert whole == alone[:3]
    assert ended == alone[3][: len(ended)]


def test_prompts_of_different_lengths_start_together(tiny, prompts, alone):
    reading = Reading(tiny.decoder(slots=4))
    reading.start(list(enumerate(prompts)))
    reading.step([0, 1, 2, 3], 39)
    assert [reading.tokens[slot] for slot in range(4)] == alone


def test_a_page_in_a_high_slot_needs_no_neighbours(tiny, prompts, alone):
    assert list(greedy(tiny.decoder(slots=8), prompts[0], 40, ngram=0, slot=6)) == alone[0]


def test_banned_tokens_are_passed_over_for_the_next_best(tiny, prompts):
    decoder = tiny.decoder(slots=2)
    entries = [(0, prompts[0]), (1, prompts[1])]
    best = decoder.prompt_logits(entries).argsort(dim=1, descending=True)[:, :3].tolist()
    assert decoder.start(entries, [best[0][:2], ()]) == [best[0][2], best[1][0]]
    tokens = [best[0][0], best[1][0]]
    after = decoder.step_logits([0, 1], tokens).argsort(dim=1, descending=True)[:, :2].tolist()
    assert decoder.step([0, 1], tokens, [(), after[1][:1]]) == [after[0][0], after[1][1]]


def test_replayed_steps_read_the_same(tiny, prompts, alone):
    replays = Replays()
    decoder = SlotDecoder(
        tiny.loaded, tiny.tokens, tiny.card, 4, experts=COPIED_EXPERTS, capture=replays
    )
    *whole, ended = read_all(decoder, prompts)
    assert whole == alone[:3]
    assert ended == alone[3][: len(ended)]
    assert replays.made <= 4  # batches of 1, 2 and 4 rows; one length


def test_a_long_page_needs_few_graphs(tiny, prompts):
    replays = Replays()
    decoder = SlotDecoder(
        tiny.loaded, tiny.tokens, tiny.card, 1, experts=COPIED_EXPERTS, capture=replays
    )
    golden = tiny.golden("A4_1241x1754__tiny__long300_ng8")["greedy_ids"].tolist()
    assert list(greedy(decoder, prompts[0], 200, ngram=8)) == golden[:200]
    assert replays.made == 2  # views of 256 and of 512 positions


def test_a_longer_page_makes_room_without_disturbing_the_others(tiny, prompts, alone):
    replays = Replays()
    reading = Reading(
        SlotDecoder(tiny.loaded, tiny.tokens, tiny.card, 2, experts=COPIED_EXPERTS, capture=replays)
    )
    reading.start([(0, prompts[0])])
    reading.step([0], 10)
    made = replays.made
    page = prompts[0].page
    wanted = replace(page.request, task=Task.LOCATE, query="word " * 120)
    reading.start([(1, tiny.decoder(1).prepare(replace(page, request=wanted)))])
    reading.step([0], 29)
    assert reading.tokens[0] == alone[0]
    assert replays.made == 2 * made  # captured anew: the buffers have moved


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_graphs_read_the_same(tiny, prompts, alone, caplog):
    loaded = load_model(tiny.checkpoint, device="cuda", dtype="float32")
    decoder = SlotDecoder(loaded, tiny.tokens, tiny.card, 4)
    *whole, ended = read_all(decoder, prompts)
    assert whole == alone[:3]
    assert ended == alone[3][: len(ended)]
    golden = tiny.golden("A4_1241x1754__tiny__long300_ng8")["greedy_ids"].tolist()
    assert list(greedy(decoder, prompts[0], 300, ngram=8)) == golden
    assert caplog.records == []  # nothing fell back


def test_steps_run_as_they_are_where_nothing_can_be_captured(tiny, prompts, alone, caplog):
    decoder = SlotDecoder(
        tiny.loaded, tiny.tokens, tiny.card, 1, experts="eager", capture=Replays(broken=True)
    )
    with caplog.at_level(logging.WARNING):
        assert list(greedy(decoder, prompts[0], 40, ngram=0)) == alone[0]
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "decoding without CUDA graphs, which is slower"
    ]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 2 bytes"),
        RuntimeError("MPS backend out of memory (MPS allocated: 1 GB, other allocations: 1 GB)"),
    ],
)
def test_a_lack_of_memory_is_the_pages_error_and_leaves_other_slots(tiny, prompts, alone, error):
    reading = Reading(tiny.decoder(slots=2))
    reading.start([(0, prompts[0])])
    failing = fails_once(tiny, error)
    with pytest.raises(PageMemoryError, match="too little memory on cpu"):
        reading.start([(1, prompts[1])])
    failing.remove()
    reading.step([0], 39)
    assert reading.tokens[0] == alone[0]


@pytest.mark.parametrize(
    "error",
    [
        torch.AcceleratorError("CUDA error: device-side assert triggered\nCompile with ..."),
        RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx`"),
    ],
)
def test_an_error_that_breaks_the_context_is_the_loss_of_the_device(tiny, prompts, error):
    decoder = tiny.decoder(slots=1)
    failing = fails_once(tiny, error)
    with pytest.raises(DeviceLostError, match=r"cpu is lost .*: CUDA error: [^\n]+$"):
        decoder.start([(0, prompts[0])], [()])
    failing.remove()


def test_another_error_keeps_its_name(tiny, prompts):
    decoder = tiny.decoder(slots=1)
    failing = fails_once(tiny, RuntimeError("The size of tensor a (3) must match"))
    with pytest.raises(RuntimeError, match="The size of tensor a"):
        decoder.start([(0, prompts[0])], [()])
    failing.remove()


def fails_once(tiny: Tiny, error: RuntimeError):
    def fail(module, inputs):
        raise error

    return tiny.loaded.model.lm_head.register_forward_pre_hook(fail)


def test_slots_are_halved_down_to_one_and_read_on(tiny, prompts, alone):
    decoder = tiny.decoder(slots=4)
    assert decoder.capacity == 4
    decoder.start([(3, prompts[0])], [()])
    assert [decoder.shrink(), decoder.shrink(), decoder.shrink()] == [2, 1, 1]
    assert decoder.capacity == 1
    assert list(greedy(decoder, prompts[0], 40, ngram=0)) == alone[0]


def test_limits_are_those_of_the_card_and_the_checkpoint(tiny):
    decoder = tiny.decoder(slots=1)
    assert decoder.max_positions == 8192
    assert decoder.end_ids == {1}


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory) -> Tiny:
    """The same weights as a checkpoint of Unlimited-OCR, whose window is 128 tokens."""
    folder: Path = tmp_path_factory.mktemp("unlimited") / "tiny"
    shutil.copytree(GOLDEN / "tiny-v1", folder)
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = ["UnlimitedOCRForCausalLM"]
    config["language_config"]["sliding_window_size"] = config["sliding_window"] = 128
    (folder / "config.json").write_text(json.dumps(config))
    return Tiny(folder)


def test_a_window_over_the_text_reads_as_transformers_does(unlimited, tiny, prompts):
    assert unlimited.loaded.family is Family.UNLIMITED_OCR
    prompt = prompts[0]
    ids = list(greedy(unlimited.decoder(slots=2), prompt, 300, ngram=8, slot=1))
    assert ids == generated(unlimited.checkpoint, prompt, 300, ngram=8)
    full = tiny.golden("A4_1241x1754__tiny__long300_ng8")["greedy_ids"].tolist()
    assert ids[:128] == full[:128]
    assert ids != full


def generated(checkpoint: Path, prompt: Prompt, count: int, ngram: int) -> list[int]:
    ids = torch.tensor([prompt.ids])
    config = GenerationConfig(
        max_new_tokens=count,
        min_new_tokens=count,
        do_sample=False,
        no_repeat_ngram_size=ngram,
        pad_token_id=2,
        eos_token_id=299,
    )
    model: Any = load_model(checkpoint, device="cpu", dtype="float32").model
    out = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        pixel_values=prompt.global_pixels[None].float(),
        generation_config=config,
    )
    return out[0, ids.shape[1] :].tolist()
