"""The cases of the golden data, and what they are read with."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import load_file

from ocrx.document import Page, Request, Source, SourceKind, Task
from ocrx.engine import PreparedPage
from ocrx.engines.local.catalogue import ModelCard, card_of
from ocrx.engines.local.decoder import SlotDecoder
from ocrx.engines.local.loading import LoadedModel, load_model
from ocrx.engines.local.ngrams import NgramGuard, RepeatRule
from ocrx.engines.local.prompt import Prompt
from ocrx.engines.local.tokens import Tokens
from ocrx.modes import DEFAULT_MAX_TILES, ResolutionMode, ViewPlan, plan_for
from ocrx.views import cut_views

GOLDEN = Path(__file__).parent / "golden"
_MODES = {"default": ResolutionMode.GUNDAM}


def cases(manifest: str, folder: str) -> dict[str, Mapping[str, Any]]:
    """Return the cases of a manifest whose model outputs are kept."""
    every = json.loads((GOLDEN / manifest).read_text())["cases"]
    return {
        name: case
        for name, case in every.items()
        if (GOLDEN / folder / f"{name}.safetensors").exists()
    }


V1 = cases("manifest.json", "model")
V2 = cases("manifest-v2.json", "model-v2")


class Tiny:
    """A tiny checkpoint in the published layout, and its golden outputs."""

    def __init__(self, checkpoint: Path, outputs: str = "") -> None:
        self.checkpoint, self._outputs = checkpoint, outputs
        self.loaded: LoadedModel = load_model(checkpoint, device="cpu", dtype="float32")
        self.tokens = Tokens(checkpoint)
        self.card: ModelCard = card_of(self.loaded.family)

    def decoder(self, slots: int, experts: str | None = "eager") -> SlotDecoder:
        return SlotDecoder(self.loaded, self.tokens, self.card, slots, experts=experts)

    def golden(self, name: str) -> dict[str, torch.Tensor]:
        return load_file(GOLDEN / self._outputs / f"{name}.safetensors")

    def page(self, case: Mapping[str, Any]) -> PreparedPage:
        with Image.open(GOLDEN / "pages" / f"{case['page']}.png") as picture:
            picture.load()
        plan = self.plan(case, picture)
        source = Source(case["page"], case["page"], SourceKind.IMAGE, "0" * 64, 1, 1)
        request = Request(Page(source, 0, *picture.size), plan, Task.MARKDOWN)
        return PreparedPage(request, cut_views(picture, plan))

    def prompt(self, case: Mapping[str, Any]) -> Prompt:
        return self.decoder(1).prepare(self.page(case))

    def plan(self, case: Mapping[str, Any], picture: Image.Image) -> ViewPlan:
        tiling = self.card.tiling
        if case["mode"] == "native768":  # no mode of ocrx: stretched, as Small is
            return ViewPlan(ResolutionMode.SMALL, 768, row_ends=tiling.row_ends)
        mode = _MODES.get(case["mode"]) or ResolutionMode(case["mode"])
        return plan_for(mode, *picture.size, DEFAULT_MAX_TILES, tiling)


def greedy(
    decoder: SlotDecoder, prompt: Prompt, count: int, ngram: int, slot: int = 0
) -> Iterator[int]:
    """Read one page in one slot, no n-gram twice in the whole sequence; do not stop at an end."""
    guard = NgramGuard(RepeatRule(ngram, None), prompt.ids)
    [token] = decoder.start([(slot, prompt)], [guard.banned()])
    yield token
    for _ in range(count - 1):
        guard.append(token)
        [token] = decoder.step([slot], [token], [guard.banned()])
        yield token
