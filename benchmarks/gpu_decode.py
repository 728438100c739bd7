"""Measure the local engine with random weights: ``python -m benchmarks.gpu_decode``.

On a GPU the model has its true size and nothing is downloaded; speed depends on sizes, not on what
the weights say. Without a GPU, or with ``--tiny``, a tiny model on the CPU shows what continuous
batching gains over one page at a time; its figures say nothing of a GPU.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks import RESULTS
from benchmarks.decoding import Bench, base_plan, random_model
from ocrx.engines.local.capacity import pages_at_once
from ocrx.engines.local.configuration import sizes_of
from ocrx.engines.local.devices import choose_device, choose_dtype, free_bytes
from ocrx.modes import ResolutionMode

# Of an H200: what reading weights, keys and values once, and multiplying them, must take.
ROOFLINE_TOKENS = {1: 3_480, 8: 8_550, 64: 24_900, 256: 39_900}
ROOFLINE_VISION_MS = {ResolutionMode.BASE: 2.6, ResolutionMode.GUNDAM: 6.5}
PUBLISHED_TOKENS = 2_500  # a second, on an A100-40G, says the paper
PAGE_TOKENS = 1_000
STEPS = 128
GENERATED = (256, 256)
TINY_PAGES, TINY_PAGE_TOKENS, TINY_SLOTS = 32, 100, 8
SPREAD = 0.9  # pages are from a tenth to almost twice the mean long


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report; the ratios are None where there is nothing to compare with.

    A ratio over one is faster than what it is compared with.
    """

    what: str
    value: float
    unit: str
    of_roofline: float | None = None
    of_generate: float | None = None
    of_published: float | None = None


def lengths_of(pages: int, mean: int) -> list[int]:
    """Return lengths of pages, evenly spread around the mean."""
    draw = random.Random(7)
    return [round(mean * (1 + SPREAD * draw.uniform(-1, 1))) for _ in range(pages)]


def real_figures(bench: Bench, pages: int) -> Iterator[Figure]:
    """Measure a model of the true size."""
    generate = sum(GENERATED) / bench.generate_seconds(GENERATED, base_plan())
    yield Figure("plain generate, a page at a time", generate, "tokens/s")
    vision = {mode: bench.vision_ms(mode) for mode in ResolutionMode}
    for mode, ms in vision.items():
        best = ROOFLINE_VISION_MS.get(mode)
        name = f"{mode} 2x3" if mode is ResolutionMode.GUNDAM else str(mode)
        yield Figure(f"vision, {name}", ms, "ms", best / ms if best else None)
    for together in (1, 8):
        ms = bench.start_ms(together)
        yield Figure(f"vision and prompt, {together} in base", ms, "ms")
        if together == 1:
            yield Figure("prompt alone, base", ms - vision[ResolutionMode.BASE], "ms")
    for batch, best in ROOFLINE_TOKENS.items():
        rate = bench.tokens_per_second(batch, STEPS)
        yield _rate(f"decoding, batch {batch}", rate, best, generate)
    yield from _scheduled(bench, pages, generate)


def _scheduled(bench: Bench, pages: int, generate: float) -> Iterator[Figure]:
    loaded = bench.loaded
    slots = pages_at_once(
        sizes_of(loaded.config), bench.card, loaded.dtype.itemsize, str(loaded.device),
        free_bytes(loaded.device),
    )  # fmt: skip
    lengths = lengths_of(pages or 3 * slots, PAGE_TOKENS)
    seconds = bench.scheduled_seconds(slots, lengths, base_plan())
    rate = sum(lengths) / seconds
    yield _rate(f"scheduler, {slots} slots", rate, None, generate)
    yield Figure(
        f"scheduler, base, {PAGE_TOKENS} tokens a page on average",
        len(lengths) / seconds,
        "pages/s",
        None,
        rate / generate,
        rate / PUBLISHED_TOKENS,
    )


def _rate(what: str, rate: float, best: float | None, generate: float) -> Figure:
    of_best = rate / best if best else None
    return Figure(what, rate, "tokens/s", of_best, rate / generate, rate / PUBLISHED_TOKENS)


def tiny_figures(bench: Bench, lengths: Sequence[int]) -> Iterator[Figure]:
    """Measure continuous batching against one page at a time, and against ``generate``."""
    plan, total = base_plan(ResolutionMode.TINY), sum(lengths)
    generate = total / bench.generate_seconds(lengths, plan)
    yield Figure("plain generate, a page at a time", generate, "tokens/s")
    for slots, what in ((1, "scheduler, a page at a time"), (TINY_SLOTS, "scheduler, {} slots")):
        rate = total / bench.scheduled_seconds(slots, lengths, plan)
        yield Figure(what.format(slots), rate, "tokens/s", None, rate / generate)
        if slots == 1:
            alone = rate
    yield Figure("continuous batching over a page at a time", rate / alone, "x")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table; ratios that nothing has are left out."""
    ratios = {
        "of the H200's roofline": [figure.of_roofline for figure in figures],
        "of generate": [figure.of_generate for figure in figures],
        "of the published 2,500": [figure.of_published for figure in figures],
    }
    shown = {name: column for name, column in ratios.items() if any(column)}
    lines = [
        f"| {' | '.join(['what', '', 'unit', *shown])} |",
        "|:--|--:|:--|" + "--:|" * len(shown),
    ]
    for row, figure in enumerate(figures):
        cells = ["" if column[row] is None else f"{column[row]:.2f}" for column in shown.values()]
        digits = 0 if figure.value >= 100 else 2
        value = f"{figure.value:,.{digits}f}"
        lines.append(f"| {' | '.join([figure.what, value, figure.unit, *cells])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print a table, keep it for the README, and write it as JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the CPU")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--pages", type=int, default=0, help="for the scheduler (0: enough)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    device = choose_device("cpu" if options.tiny else options.device)
    tiny = options.tiny or device.type == "cpu"
    dtype = choose_dtype("float32" if tiny else options.dtype, device)
    product = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
    size = "a tiny model: its ratios show the scheduler at work, and say nothing of a GPU"
    about = f"{product}, {dtype}, torch {torch.__version__}, {size if tiny else 'true size'}"
    print(f"Random weights on {about}\n", flush=True)
    bench = Bench(random_model(device, dtype, real=not tiny))
    figures = []
    lengths = lengths_of(options.pages or TINY_PAGES, TINY_PAGE_TOKENS)
    for figure in tiny_figures(bench, lengths) if tiny else real_figures(bench, options.pages):
        print(f"  {figure.what}: {figure.value:.6g} {figure.unit}", flush=True)
        figures.append(figure)
    print("\n" + table(figures))
    RESULTS.mkdir(parents=True, exist_ok=True)
    caption = f"Random weights on {about}."
    (RESULTS / "decoding.md").write_text(f"{table(figures)}\n\n{caption}\n", "utf-8")
    if options.json:
        report = {"about": about, "tiny": tiny, "figures": [asdict(each) for each in figures]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
