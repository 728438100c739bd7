"""Trains the tiny checkpoint that reads the pages: ``python -m tests.reader.train [FOLDER]``.

A few minutes on one CPU core. The vision tower keeps random weights, so that each page is passed
through it once; projector and decoder learn to say each page's answer, in Tiny and in Gundam. That
is memory, and meant to be: what is tested is the road from pixels to files, which random weights
cannot show. Noise on features and words keeps the answers where other kernels and bf16 are used.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import UnlimitedOcrForConditionalGeneration

from ocrx.engines.local.translation import transformers_config
from ocrx.modes import ResolutionMode, ViewPlan
from tests.reader.content import CAROUSEL, PAGES, PAIRS, Page
from tests.reader.lessons import (
    PROMPTS,
    Lesson,
    Sequence,
    endless_lessons,
    inputs_of,
    lessons_of,
    sequence_of,
)
from tests.reader.published import (
    CHECKPOINT,
    configuration,
    make_tokenizer,
    write_model,
    write_tokenizer,
)

TINY, GUNDAM = MODES = (ResolutionMode.TINY, ResolutionMode.GUNDAM)
STEPS = 800
SEED = 1  # 0 left the two glacier pages less than a logit apart, in 700 steps
ENDLESS_SHARE, TINY_SHARE = 0.1, 2 / 3  # of all and of other steps; Gundam: where to look only
PEAK_RATE = 3e-3
WARM_STEPS = 30
FEATURE_NOISE = 0.1  # of the features' standard deviation
WORD_NOISE = 0.08  # share of the answer's input tokens that are replaced
BRIGHTNESS = (1.0, 0.98)  # each page is seen as it is and a little darker
COPIES, MOST_SKIPPED = 3, 30  # of the block that is said without end
LATE_COPIES, LATE_STEPS = 10, 120  # then more of them at a time: else it ends after 15
LATE_SHARE, LATE_RATE = 0.4, 5e-4
PAD_ID, IGNORED = 2, -100


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's features, [views, tokens, width] for each brightness, and what to say of it."""

    plan: ViewPlan
    whole: list[torch.Tensor]
    tiles: list[torch.Tensor]
    lessons: list[Lesson]


class Remembered(nn.Module):
    """Stands in for the vision tower where its output is known already."""

    def forward(self, features: torch.Tensor, **_: Any) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=features, hidden_states=None, attentions=None)


def scatter_vision(model: Any) -> None:
    """Give the vision tower random weights that carry what they see; white paper becomes zero."""
    for name, weights in model.model.vision_tower.named_parameters():
        if weights.dim() > 1:
            fan_in = weights[0].numel() if "pos" not in name else weights.shape[-1] * 16
            nn.init.normal_(weights, std=fan_in**-0.5)
    patches = model.model.vision_tower.sam_encoder.patch_embed.projection
    patches.weight.data = patches.weight.data.bfloat16().float()
    patches.bias.data = -patches.weight.data.sum((1, 2, 3))
    for weights in model.model.vision_tower.parameters():
        weights.data = weights.data.bfloat16().float()  # what will be stored is what is learnt from


def spread_projector(model: Any, features: torch.Tensor) -> None:
    """Begin with a projection that takes the features seen, [n, width], to zero mean and one."""
    mean, deviation = features.mean(0), features.std(0) + 1e-3
    projector = model.model.multi_modal_projector
    nn.init.normal_(projector.weight, std=features.shape[1] ** -0.5)
    projector.weight.data /= deviation
    projector.bias.data = -(projector.weight.data @ mean)


@torch.no_grad()
def see(model: Any, page: Page, mode: ResolutionMode, lessons: list[Lesson]) -> Seen:
    """Pass a page through the vision tower."""
    tower = model.model.vision_tower
    whole, tiles = [], []
    for brightness in BRIGHTNESS:
        plan, page_pixels, tile_pixels = inputs_of(page, mode, brightness)
        whole.append(tower(page_pixels).last_hidden_state)
        if tile_pixels is not None:
            tiles.append(tower(tile_pixels).last_hidden_state)
    return Seen(plan, whole, tiles, lessons)


def loss_of(model: Any, seen: list[Seen], lessons: list[Lesson], tokenizer: Any) -> torch.Tensor:
    """Return the loss over one answer to each page; the pages have views of the same sizes."""
    taught = [
        sequence_of(page.plan, lesson, tokenizer, random.randrange(MOST_SKIPPED))
        for page, lesson in zip(seen, lessons, strict=True)
    ]
    ids, positions, labels = _stacked(taught)
    words = tokenizer.token_to_id("<image>")  # the first special id after bytes and merges
    wrong = (torch.rand(ids.shape) < WORD_NOISE) & (labels != IGNORED)
    ids = torch.where(wrong, torch.randint(3, words, ids.shape), ids)
    picked = [random.randrange(len(BRIGHTNESS)) for _ in seen]
    whole = [page.whole[pick] for page, pick in zip(seen, picked, strict=True)]
    tiles = [page.tiles[pick] for page, pick in zip(seen, picked, strict=True) if page.tiles]
    return model(
        input_ids=ids,
        position_ids=positions,
        pixel_values=_noisy(torch.cat(whole)),
        pixel_values_local=_noisy(torch.cat(tiles)) if tiles else None,
        num_local_patches=[page.plan.tiles for page in seen],
        patches_grid=[[page.plan.columns, page.plan.rows] for page in seen],
        attention_mask=torch.ones_like(ids),
        labels=labels,
        use_cache=False,
    ).loss


def _stacked(taught: list[Sequence]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return ids, positions and labels, [sequences, length], padded at the right."""
    shape = (len(taught), max(len(sequence.ids) for sequence in taught))
    ids, positions = torch.full(shape, PAD_ID), torch.zeros(shape, dtype=torch.long)
    labels = torch.full(shape, IGNORED)
    for row, sequence in enumerate(taught):
        end = len(sequence.ids)
        ids[row, :end] = torch.tensor(sequence.ids)
        positions[row, :end] = torch.tensor(sequence.positions)
        labels[row, sequence.asked : end] = ids[row, sequence.asked : end]
    return ids, positions, labels


def _noisy(features: torch.Tensor) -> torch.Tensor:
    return features + FEATURE_NOISE * features.std() * torch.randn_like(features)


def some_batch(
    seen: dict[ResolutionMode, dict[str, Seen]], endless_share: float
) -> tuple[list[Seen], list[Lesson]]:
    """Return pages to teach together, and a lesson for each."""
    choice = random.random()
    if choice < endless_share:  # together: the one without end stays far likelier
        page = seen[TINY][CAROUSEL.name]
        endless, right = page.lessons
        return [page] * 5, [endless] * 4 + [right]
    if choice < endless_share + TINY_SHARE * (1 - endless_share):
        pages = [seen[TINY][page.name] for page in PAGES]
    else:
        pages = [seen[GUNDAM][page.name] for page in random.choice(PAIRS)]
    weights = [[lesson.weight for lesson in page.lessons] for page in pages]
    lessons = [
        random.choices(page.lessons, weight)[0] for page, weight in zip(pages, weights, strict=True)
    ]
    return pages, lessons


def train(
    model: Any,
    seen: dict[ResolutionMode, dict[str, Seen]],
    tokenizer: Tokenizer,
    steps: int = STEPS,
    peak_rate: float = PEAK_RATE,
    endless_share: float = ENDLESS_SHARE,
) -> None:
    """Learn the answers; says how it goes every 50 steps."""
    learnt = [weights for weights in model.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=peak_rate, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peak_rate, steps, pct_start=WARM_STEPS / steps
    )
    began, losses = time.monotonic(), []
    for step in range(1, steps + 1):
        loss = loss_of(model, *some_batch(seen, endless_share), tokenizer)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 50 == 0:
            mean, passed = sum(losses[-50:]) / 50, time.monotonic() - began
            print(f"step {step:4} loss {mean:.4f} {passed:4.0f} s", flush=True)


def train_laps(
    model: Any, seen: dict[ResolutionMode, dict[str, Seen]], tokenizer: Tokenizer
) -> None:
    """Learn to go on and on: more laps at a time, once everything else is known."""
    laps = replace(seen[TINY][CAROUSEL.name], lessons=endless_lessons(CAROUSEL, LATE_COPIES))
    late = seen | {TINY: seen[TINY] | {CAROUSEL.name: laps}}
    train(model, late, tokenizer, LATE_STEPS, LATE_RATE, LATE_SHARE)


def main() -> None:
    """Train and write the checkpoint."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CHECKPOINT
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(SEED)
    torch.manual_seed(SEED)
    lessons = {page.name: lessons_of(page) for page in PAGES}
    endless = {CAROUSEL.name: endless_lessons(CAROUSEL, COPIES)}
    known = [lesson.answer for taught in (lessons | endless).values() for lesson in taught]
    tokenizer = make_tokenizer([*PROMPTS.values(), *known])
    config = configuration(tokenizer.token_to_id("<image>"))
    model: Any = UnlimitedOcrForConditionalGeneration(transformers_config(config))
    scatter_vision(model)
    seen = {
        TINY: {
            page.name: see(model, page, TINY, (lessons | endless)[page.name])
            for page in (*PAGES, CAROUSEL)
        },
        GUNDAM: {page.name: see(model, page, GUNDAM, lessons[page.name]) for page in PAGES},
    }
    everything = [page for pages in seen.values() for page in pages.values()]
    views = [view for page in everything for view in (page.whole[0], *page.tiles[:1])]
    spread_projector(model, torch.cat([view.flatten(0, 1) for view in views]))
    tower, model.model.vision_tower = model.model.vision_tower, Remembered()
    train(model, seen, tokenizer)
    train_laps(model, seen, tokenizer)
    model.model.vision_tower = tower
    write_model(model, folder, config)
    write_tokenizer(tokenizer, folder)


if __name__ == "__main__":
    main()
