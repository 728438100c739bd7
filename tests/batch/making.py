"""Small documents, and short ways to convert them with the misbehaving engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from misbehaving import SPEC, Misbehaving
from PIL import Image

from ocrx.batch.outputs import OutputSettings
from ocrx.batch.run import run_batch
from ocrx.batch.settings import BatchSettings
from ocrx.batch.summary import Summary
from ocrx.conversion.events import Event
from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.work import Outcome, Runner
from ocrx.runners.inprocess import InProcessRunner
from ocrx.runners.pool import PoolRunner, PoolSettings
from ocrx.source import Candidate, discover
from ocrx.writers import FigureStyle, OutputFormat, WriteOptions

MIB = 1 << 20
_made = 0


class Calls:
    """The recognitions that were begun, one line each: process, page, document."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def lines(self) -> list[list[str]]:
        if not self.path.exists():
            return []
        return [line.split(" ", 2) for line in self.path.read_text().splitlines()]

    @property
    def pages(self) -> list[str]:
        return [page for _, page, _ in self.lines]

    @property
    def pids(self) -> list[str]:
        return [pid for pid, _, _ in self.lines]


def make_document(path: Path, pages: int = 1, shade: int | None = None) -> Path:
    """A TIFF of small pages, unlike any other made here unless ``shade`` is given."""
    global _made
    _made += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = _made if shade is None else shade
    colours = [(seed % 256, seed // 256 % 256, index % 256) for index in range(pages)]
    images = [Image.new("RGB", (16, 20 + index % 7), c) for index, c in enumerate(colours)]
    images[0].save(path, "TIFF", save_all=True, append_images=images[1:])
    return path


@contextmanager
def pool(workers: int = 2, **limits: Any) -> Iterator[PoolRunner]:
    runner = PoolRunner(SPEC, PoolSettings(workers=workers, **limits))
    try:
        yield runner
    finally:
        runner.close()


def drain(runner: Runner, count: int) -> dict[int, Outcome]:
    """Wait for that many outcomes; return them by ticket."""
    outcomes: dict[int, Outcome] = {}
    while len(outcomes) < count:
        outcomes.update({outcome.ticket: outcome for outcome in runner.wait()})
    return outcomes


def settings(out: Path, format: str = "md", **more: Any) -> BatchSettings:
    write = WriteOptions(figures=FigureStyle.FILES)
    options = {name: more.pop(name) for name in ("pages", "mode") if name in more}
    return BatchSettings(
        out,
        RecognitionOptions(engine=SPEC, **options),
        OutputSettings(OutputFormat(format), write, more.pop("keep_raw", False)),
        **more,
    )


def convert_folder(
    folder: Path,
    out: Path,
    *,
    runner: Runner | None = None,
    events: list[Event] | None = None,
    stop: Callable[[], bool] = lambda: False,
    **more: Any,
) -> Summary:
    candidates = discover([str(folder)], recursive=True).candidates
    return convert_candidates(candidates, out, runner=runner, events=events, stop=stop, **more)


def convert_candidates(
    candidates: tuple[Candidate, ...],
    out: Path,
    *,
    runner: Runner | None = None,
    events: list[Event] | None = None,
    stop: Callable[[], bool] = lambda: False,
    **more: Any,
) -> Summary:
    held = runner or InProcessRunner(SPEC)
    try:
        return run_batch(
            candidates,
            settings(out, **more),
            Misbehaving().info,
            held,
            stop=stop,
            on_event=(lambda event: None) if events is None else events.append,
        )
    finally:
        if runner is None:
            held.close()


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, without the state of the batch."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".ocrx" not in path.parts
    }
