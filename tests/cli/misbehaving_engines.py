"""Engines that behave as badly as real ones sometimes do, for ``--engine misbehaving_engines:X``.

They know a page by its picture's height (100 px a page), so that a test can say which page fails.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from ocrx.document import Recognition, Request, Route, StopReason, Task
from ocrx.engine import EngineInfo, EngineSettings
from ocrx.errors import EngineError, MissingRequirementError
from ocrx.modes import ResolutionMode
from ocrx.parsing.region_dialect import (
    DIALECT,
    RawLine,
    RawPage,
    RawRegion,
    RawSpan,
    RegionClass,
    dumps,
)

WORDS = "The quick brown fox jumps over the lazy dog"


class Quiet:
    """Reads every page at once and well."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self.info = EngineInfo(
            name=type(self).__name__.lower(),
            model="none",
            revision="1",
            dialect=DIALECT,
            modes=frozenset(ResolutionMode),
            tasks=frozenset(Task),
            reads_text_layer=True,
        )

    def recognise(self, requests: Iterable[Request]) -> Iterator[Recognition]:
        for request in requests:
            yield self.read(request)

    def read(self, request: Request, *reasons: str) -> Recognition:
        box = (0.1, 0.1, 0.9, 0.2)
        words = f"{WORDS}, page {request.page.number}: naïve 漢字."
        line = RawLine(box, (RawSpan(words),), size_pt=12.0, confidence=0.99)
        region = RawRegion(RegionClass.TEXT, box, (line,), confidence=0.99)
        return Recognition(
            page_id=request.page_id,
            raw=dumps(RawPage(612, 792, (region,))),
            dialect=DIALECT,
            stop_reason=StopReason.END,
            confidence=0.99,
            route=Route.PIXELS,
            reasons=reasons,
        )

    def close(self) -> None:
        pass


class Chatty(Quiet):
    """Prints from Python, through the descriptor, and from C's buffered stdio."""

    def read(self, request: Request, *reasons: str) -> Recognition:
        print("NOISE from print")
        os.write(1, b"NOISE from a descriptor\n")
        ctypes.CDLL(None).puts(b"NOISE from C")
        return super().read(request, *reasons)


class FailsOnPageTwo(Quiet):
    """Cannot read the second page."""

    def read(self, request: Request, *reasons: str) -> Recognition:
        if request.page.number == 2:
            raise EngineError("the ink is invisible")
        return super().read(request, *reasons)


class FailsAlways(Quiet):
    """Cannot read anything."""

    def read(self, request: Request, *reasons: str) -> Recognition:
        raise EngineError("the ink is invisible")


class Doubtful(Quiet):
    """Reads, but does not believe what it reads."""

    def read(self, request: Request, *reasons: str) -> Recognition:
        return super().read(request, "the page is written in Martian")


class Unavailable(Quiet):
    """Lacks its weights."""

    def read(self, request: Request, *reasons: str) -> Recognition:
        raise MissingRequirementError("weights of the model are missing; run ocrx models pull")


class Slow(Quiet):
    """Takes its time; says that it has begun in the folder that SLOW_ENGINE_SIGNS names."""

    seconds = 1.5

    def read(self, request: Request, *reasons: str) -> Recognition:
        signs = os.environ.get("SLOW_ENGINE_SIGNS")
        if signs:
            (Path(signs) / f"page-{request.page.number}").touch()
        time.sleep(float(os.environ.get("SLOW_ENGINE_SECONDS", self.seconds)))
        return super().read(request, *reasons)


class VerySlow(Slow):
    """Never comes back by itself."""

    seconds = 600.0


class Broken:
    """Cannot even be made."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self.info = 1 // 0
