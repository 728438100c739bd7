"""Small documents with something on their pages, and a runner of the decoding engine for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from decoding import FALLBACK_SPEC, SPEC, Decoding
from PIL import Image, ImageDraw

from ocrx.conversion.results import RecognitionOptions, page_result
from ocrx.conversion.work import Outcome, ReadTask
from ocrx.document import PageReading, PageResult, Recognition
from ocrx.engine import EngineSettings
from ocrx.modes import ResolutionMode
from ocrx.runners.device import DeviceRunner
from ocrx.runners.making import make_runner
from ocrx.runners.pool import PoolSettings
from ocrx.selection import request_for
from ocrx.source import open_source

_made = 0


def make_inked(path: Path, pages: int = 1, blank: frozenset[int] = frozenset()) -> Path:
    """A TIFF of pages of bars, each unlike any other; those at the indices ``blank`` are white."""
    global _made
    images = []
    for index in range(pages):
        _made += 1
        image = Image.new("RGB", (300, 400 + _made % 100), "white")
        if index not in blank:
            draw = ImageDraw.Draw(image)
            for row in range(10):
                right = 60 + (_made * 37 + row * 53) % 180
                draw.rectangle((40, 40 + 30 * row, right, 50 + 30 * row), "black")
        images.append(image)
    path.parent.mkdir(parents=True, exist_ok=True)
    images[0].save(path, "TIFF", save_all=True, append_images=images[1:])
    return path


@contextmanager
def device_runner(
    workers: int = 1,
    options: RecognitionOptions | None = None,
    **limits: Any,
) -> Iterator[DeviceRunner]:
    info = Decoding(EngineSettings()).info
    options = options or RecognitionOptions(engine=SPEC)
    runner = make_runner(
        SPEC, info, options, PoolSettings(workers=workers, **limits), fallback=FALLBACK_SPEC
    )
    assert isinstance(runner, DeviceRunner)
    try:
        yield runner
    finally:
        runner.close()


def page_tasks(
    path: Path, pages: int = 1, first_ticket: int = 0, mode: ResolutionMode = ResolutionMode.TINY
) -> list[ReadTask]:
    from ocrx.raster import probe

    source = open_source(str(path))
    info = Decoding(EngineSettings()).info
    found = probe(source)
    assert len(found) == pages
    return [ReadTask(first_ticket + page.index, request_for(page, mode, info)) for page in found]


def submit(runner: DeviceRunner, path: Path, pages: int = 1, first_ticket: int = 0) -> None:
    for task in page_tasks(path, pages, first_ticket):
        runner.submit(task)


def reading_of(outcome: Outcome) -> PageReading:
    assert outcome.reading is not None, outcome.error
    return outcome.reading


def recognition_of(outcome: Outcome) -> Recognition:
    return reading_of(outcome).recognition


def result_of(outcome: Outcome) -> PageResult:
    info = Decoding(EngineSettings()).info
    return page_result(reading_of(outcome), info, attempts=outcome.attempts)


def state_lines(folder: Path, what: str) -> list[list[str]]:
    """The lines that engines noted (see ``misbehaving.note``), in words."""
    path = folder / what
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def wait_for_tries(runner: DeviceRunner, state: Path, count: int) -> dict[int, Outcome]:
    """Wait until so many tries have begun; return the outcomes that came meanwhile, by ticket."""
    outcomes: dict[int, Outcome] = {}
    while len(state_lines(state, "tries")) < count:
        outcomes |= {outcome.ticket: outcome for outcome in runner.wait()}
    return outcomes
