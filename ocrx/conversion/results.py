"""The parent's half of the road: what to ask of a page, and readings to a Document.

Pure functions over plain values: parse, judge, assemble. ``reading.py`` is the half that needs an
engine; ``stream.py`` drives both over many documents.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from ocrx import selection
from ocrx.assembly import assemble
from ocrx.document import (
    Block,
    BlockKind,
    BoundingBox,
    Document,
    Page,
    PageReading,
    PageResult,
    Provenance,
    Recognition,
    Request,
    Route,
    Source,
    StopReason,
    Task,
    Verdict,
    VerdictStatus,
)
from ocrx.engine import DEFAULT_ENGINE, EngineInfo, EngineSettings
from ocrx.errors import (
    OcrxError,
    PageMemoryError,
    PageTimeoutError,
    WorkerCrashedError,
)
from ocrx.modes import DEFAULT_MAX_TILES, ResolutionMode, ViewPlan
from ocrx.parsing import Parsed, parse, parse_page, region_dialect
from ocrx.typesetting.hyphenation import HYPHENS
from ocrx.typesetting.joining import Vocabulary
from ocrx.verification import judge

_READING_VERSION = 1  # raise it when crops or their names change: kept pages are then read anew
_CROPPED = (BlockKind.FIGURE, BlockKind.FORMULA)
_NOT_OF_A_READING = frozenset({"pages", "model", "device", "batch", "offline"})


@dataclass(frozen=True, slots=True)
class RecognitionOptions:
    """What is asked of the engine for every page.

    ``mode`` None is auto. ``pages`` selects pages as on the command line (``1-3,7,-1``). ``query``
    is what task locate looks for. ``verify`` compares a page's words with another reading of it;
    ``climb`` reads a doubtful page again in other ways. The rest is as in ``EngineSettings``.
    """

    engine: str = DEFAULT_ENGINE
    mode: ResolutionMode | None = None
    max_vision_tokens: int | None = None
    max_tiles: int = DEFAULT_MAX_TILES
    task: Task = Task.MARKDOWN
    pages: str | None = None
    query: str | None = None
    verify: bool = False
    climb: bool = True
    model: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    batch: int = 0
    offline: bool = False

    def engine_settings(self) -> EngineSettings:
        """Return what the engine is told when it is made."""
        return EngineSettings(
            model=self.model,
            device=self.device,
            dtype=self.dtype,
            batch=self.batch,
            offline=self.offline,
        )

    def fingerprint(self, info: EngineInfo) -> str:
        """Return a hash of all that decides what a page's reading is, besides the page.

        Which pages are read is not part of it, nor where they are read; the engine's model, by
        whatever name it was asked for, and its revision are.
        """
        asked = {key: value for key, value in asdict(self).items() if key not in _NOT_OF_A_READING}
        known = {"model": info.model, "revision": info.revision, "dialect": info.dialect}
        text = json.dumps({**asked, **known, "reading": _READING_VERSION}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def ocrx_version() -> str:
    """Return the installed version."""
    try:
        return version("ocrx")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


def request_for(page: Page, options: RecognitionOptions, info: EngineInfo) -> Request:
    """Return what to ask for a page.

    Raises:
        UsageError: the engine lacks the mode, or no mode fits the cap on vision tokens.
    """
    return selection.request_for(
        page,
        options.mode,
        info,
        max_vision_tokens=options.max_vision_tokens,
        max_tiles=options.max_tiles,
        task=options.task,
        query=options.query,
    )


def failed_reading(request: Request, error: OcrxError) -> PageReading:
    """Return the reading of a page that could not be read, so that it stays in the document."""
    stop = next(
        (reason for kind, reason in _STOPS.items() if isinstance(error, kind)), StopReason.FAILED
    )
    recognition = Recognition(request.page_id, "", "", stop, failure=str(error))
    return PageReading(request.page, request.plan, recognition)


_STOPS = {
    PageTimeoutError: StopReason.TIMEOUT,
    PageMemoryError: StopReason.MEMORY,
    WorkerCrashedError: StopReason.CRASHED,
}


def crops_of(recognition: Recognition, number: int) -> dict[str, BoundingBox]:
    """Return the names and places of the pictures to cut out of a page."""
    blocks = _named(parse(recognition), number)
    return {
        block.asset: block.bbox
        for block in blocks
        if block.asset is not None and block.bbox is not None
    }


def turned_degrees_of(recognition: Recognition) -> int:
    """Return how far the page was turned clockwise to be read; boxes are relative to that."""
    if recognition.dialect != region_dialect.DIALECT:
        return recognition.turned_degrees
    return region_dialect.loads(recognition.raw).turned_degrees


def page_result(
    reading: PageReading, info: EngineInfo, asset_names: Iterable[str] = (), attempts: int = 1
) -> PageResult:
    """Parse and judge one page; raw text that cannot be parsed makes it a failed page.

    ``asset_names`` are the pictures that were cut out; no block names any other.
    """
    recognition = reading.recognition
    parsed = Parsed()
    blocks: tuple[Block, ...] = ()
    if recognition.failure is None:
        try:
            parsed = parse_page(recognition)
            blocks = _named(parsed.blocks, reading.page.number)
        except Exception as error:  # noqa: BLE001  # raw text is not to be trusted; recorded below
            failure = f"the engine's answer cannot be read: {type(error).__name__}: {error}"
            recognition = replace(
                recognition, stop_reason=StopReason.FAILED, failure=" ".join(failure.split())
            )
    verdict = judge(recognition, blocks)
    if attempts > 1 and verdict.status in (VerdictStatus.OK, VerdictStatus.BLANK):
        reason = "the first worker process died over the page; a second one read it"
        verdict = Verdict(VerdictStatus.RETRIED, (reason,))
    present = set(asset_names)
    return PageResult(
        number=reading.page.number,
        width=reading.page.width,
        height=reading.page.height,
        blocks=tuple(_without_lost_crop(block, present) for block in blocks),
        verdict=verdict,
        provenance=_provenance(reading.plan, recognition, parsed.repairs, info),
    )


def with_shared_words(
    pages: Iterable[PageResult], recognitions: Callable[[], Iterable[tuple[int, Recognition]]]
) -> tuple[PageResult, ...]:
    """Parse pages again that end lines with hyphens, knowing the words of the whole document.

    ``recognitions`` gives those of the pages by page number, and is asked more than once, so that
    they need not be held together; a page that it leaves out stays as it is.
    """
    results = {page.number: page for page in pages}
    divided = any(_divides_words(recognition) for _, recognition in recognitions())
    if len(results) > 1 and divided:
        words: set[str] = set()
        english = False
        for _, recognition in recognitions():
            vocabulary = _vocabulary_of(recognition)
            words |= vocabulary.words
            english |= vocabulary.english
        shared = Vocabulary(frozenset(words), english)
        for number, recognition in recognitions():
            if _divides_words(recognition):
                results[number] = _parsed_again(results[number], recognition, shared)
    return tuple(results[number] for number in sorted(results))


def _divides_words(recognition: Recognition) -> bool:
    """Whether a span of the raw text may end in a hyphen (JSON closes it with a quote)."""
    return recognition.failure is None and any(f'{h}"' in recognition.raw for h in HYPHENS)


def _vocabulary_of(recognition: Recognition) -> Vocabulary:
    try:
        page = region_dialect.loads(recognition.raw)
    except region_dialect.DialectError:
        return Vocabulary(frozenset())
    return Vocabulary.from_lines(
        line.text
        for region in page.regions
        for lines in (region.lines, *(cell.lines for cell in region.cells))
        for line in lines
    )


def _parsed_again(page: PageResult, recognition: Recognition, words: Vocabulary) -> PageResult:
    """Return the page with its blocks parsed anew; the pictures that it names stay the same."""
    if page.verdict.status is VerdictStatus.FAILED:
        return page
    present = {block.asset for block in page.blocks if block.asset is not None}
    blocks = _named(parse(recognition, words), page.number)
    return replace(page, blocks=tuple(_without_lost_crop(block, present) for block in blocks))


def build_document(source: Source, pages: Iterable[PageResult], info: EngineInfo) -> Document:
    """Assemble a document from its pages, in order of their numbers."""
    in_order = sorted(pages, key=lambda page: page.number)
    return Document(
        source=source.name,
        sha256=source.sha256,
        engine=info.name,
        model=info.model,
        ocrx_version=ocrx_version(),
        pages=assemble(in_order),
    )


def _named(blocks: Iterable[Block], number: int) -> tuple[Block, ...]:
    """Name the crop of every figure and every formula without LaTeX: page-0003-figure-1.png."""
    counts: Counter[BlockKind] = Counter()
    named = []
    for block in blocks:
        if block.kind in _CROPPED and block.bbox is not None and block.latex is None:
            counts[block.kind] += 1
            name = f"page-{number:04d}-{block.kind.value}-{counts[block.kind]}.png"
            block = replace(block, asset=name)
        named.append(block)
    return tuple(named)


def _without_lost_crop(block: Block, present: set[str]) -> Block:
    return block if block.asset in present else replace(block, asset=None)


def _provenance(
    asked: ViewPlan | None, recognition: Recognition, repairs: tuple[str, ...], info: EngineInfo
) -> Provenance:
    """Say how the page came to be; another engine had its own plan, or none."""
    plan = recognition.plan
    if plan is None and recognition.engine is None:
        plan = asked
    shown = recognition.vision_tokens > 0 or recognition.route is not Route.NONE  # or blank
    return Provenance(
        engine=recognition.engine or info.name,
        model=recognition.model or info.model,
        mode=selection.AUTO if plan is None else plan.mode.value,
        route=recognition.route,
        vision_tokens=recognition.vision_tokens,
        prompt_positions=plan.prompt_positions if plan and shown else 0,
        output_tokens=recognition.output_tokens,
        read_px=recognition.read_px,
        seconds=recognition.seconds,
        stop_reason=recognition.stop_reason,
        confidence=recognition.confidence,
        attempts=recognition.attempts,
        agreement=recognition.agreement,
        repairs=repairs,
    )
