"""An engine that takes views and reads many pages at once, as a document's name wishes.

``loop@1`` repeats itself at page index 1, and so on. Every try is a line of ``tries`` in the state
folder, every reading by the fallback one of ``fallbacks``.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import BoundedSemaphore, Lock, Thread

from misbehaving import note, recognition

from ocrx.document import Recognition, Request, Route, StopReason, Task
from ocrx.engine import EngineInfo, EngineSettings, PreparedPage
from ocrx.errors import DeviceLostError, MissingRequirementError
from ocrx.modes import ResolutionMode
from ocrx.parsing import region_dialect as regions

SPEC = "decoding:Decoding"
FALLBACK_SPEC = "decoding:Fallback"
DEVICES = "DECODING_DEVICES"
LOADING = "DECODING_LOADING"
CAPACITY = 3
LOOPING = "the same words come again and " * 60
_WISH = re.compile(r"([a-z]+)@(\d+)")


def text_raw(text: str) -> str:
    box = (0.1, 0.1, 0.9, 0.9)
    line = regions.RawLine(box, (regions.RawSpan(text),), 12.0)
    region = regions.RawRegion(regions.RegionClass.TEXT, box, (line,))
    return regions.dumps(regions.RawPage(612, 792, (region,)))


class Decoding:
    """Reads ``CAPACITY`` pages at once, each for as long as its document's name says."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._active = 0
        self._lock = Lock()
        self.info = EngineInfo(
            name="decoding",
            model=settings.model or "none",
            revision="1",
            dialect=regions.DIALECT,
            modes=frozenset(ResolutionMode),
            tasks=frozenset(Task),
            takes_views=True,
            devices=tuple(os.environ.get(DEVICES, "cpu").split()),
        )

    @property
    def capacity(self) -> int:
        note("loads", f"{os.getpid()} {self._settings.device} {self._settings.model}")
        loading = os.environ.get(LOADING, "")
        if loading == "missing":
            raise MissingRequirementError("no weights: ocrx models pull none")
        if loading == "raise":
            raise ValueError("shard of lead")
        if loading == "sleep":
            time.sleep(600)
        if loading == "die":
            os.write(2, b"the driver is too old\n")
            os._exit(3)
        return CAPACITY

    def recognise(self, requests: Iterable[Request]) -> Iterator[Recognition]:
        raise AssertionError("views are prepared elsewhere")

    def recognise_prepared(self, pages: Iterable[PreparedPage]) -> Iterator[Recognition]:
        answers: SimpleQueue[Recognition | BaseException | None] = SimpleQueue()
        Thread(target=self._take, args=(pages, answers), daemon=True).start()
        while (answer := answers.get()) is not None:
            if isinstance(answer, BaseException):
                raise answer
            yield answer

    def close(self) -> None:
        pass

    def _take(
        self,
        pages: Iterable[PreparedPage],
        answers: SimpleQueue[Recognition | BaseException | None],
    ) -> None:
        places = BoundedSemaphore(CAPACITY)

        def read(page: PreparedPage) -> None:
            try:
                answer = self._read(page)
                if answer is not None:
                    answers.put(answer)
            except Exception as error:  # noqa: BLE001  # it ends the engine, as intended
                answers.put(error)
            finally:
                places.release()

        with ThreadPoolExecutor(CAPACITY) as executor:
            for page in pages:
                places.acquire()
                executor.submit(read, page)
        answers.put(None)

    def _read(self, page: PreparedPage) -> Recognition | None:
        request = page.request
        assert request.plan is not None
        assert page.views.global_view.size == (request.plan.base_px,) * 2
        assert len(page.views.tiles) == request.plan.tiles
        with self._lock:
            self._active += 1
            active = self._active
        how = f"{request.plan.mode} {request.turned_degrees} {request.strict_repeats:d}"
        note("tries", f"{os.getpid()} {active} {request.page_id} {how}")
        try:
            for wish, value in _WISH.findall(Path(request.page.source.name).name):
                if wish == "wait":
                    time.sleep(0.02 * int(value) * (1 + request.page.index % 3))
                elif int(value) == request.page.index:
                    return _WISHES[wish](page)
            return recognition(request, seconds=0.01, route=Route.MODEL)
        finally:
            with self._lock:
                self._active -= 1


class Fallback:
    """Reads every page as one line, unless its name says ``both`` (fail) or ``deadly``."""

    def __init__(self, settings: EngineSettings) -> None:
        self.info = EngineInfo(
            name="fallback",
            model="plain",
            revision="1",
            dialect=regions.DIALECT,
            modes=frozenset(ResolutionMode),
            tasks=frozenset({Task.MARKDOWN}),
            reads_text_layer=True,
        )

    def recognise(self, requests: Iterable[Request]) -> Iterator[Recognition]:
        for request in requests:
            note("fallbacks", f"{request.page_id} {request.plan}")
            if "deadly" in request.page.source.name:
                os._exit(3)
            if "both" in request.page.source.name:
                raise ValueError("out of ink")
            found = recognition(request)
            yield replace(found, raw=found.raw + "\n")  # else it would be taken for the same one

    def close(self) -> None:
        pass


def _loop(page: PreparedPage) -> Recognition:
    return recognition(
        page.request,
        text_raw(LOOPING),
        stop_reason=StopReason.REPETITION,
        output_tokens=300,
        seconds=0.01,
        confidence=None,
    )


def _mild(page: PreparedPage) -> Recognition:
    return recognition(page.request) if page.request.strict_repeats else _loop(page)


def _tiny(page: PreparedPage) -> Recognition:
    assert page.request.plan is not None
    return (
        _loop(page) if page.request.plan.mode is ResolutionMode.TINY else recognition(page.request)
    )


def _sideways(page: PreparedPage) -> Recognition:
    return recognition(page.request) if page.request.turned_degrees == 270 else _loop(page)


def _void(page: PreparedPage) -> Recognition:
    return recognition(page.request, "", confidence=None)


def _fail(page: PreparedPage) -> Recognition:
    return recognition(page.request, "", stop_reason=StopReason.FAILED, failure="torn")


def _slow(page: PreparedPage) -> Recognition:
    seconds = page.seconds
    time.sleep(min(seconds, 5.0))
    text = text_raw("This is as far as it came.")
    return recognition(page.request, text, stop_reason=StopReason.TIMEOUT, seconds=seconds)


def _late(page: PreparedPage) -> Recognition:
    time.sleep(min(page.seconds, 5.0))
    return recognition(page.request, "", stop_reason=StopReason.TIMEOUT, seconds=page.seconds)


def _die(page: PreparedPage) -> None:
    time.sleep(0.05)  # for its neighbours to be taken
    os.kill(os.getpid(), signal.SIGKILL)


def _once(page: PreparedPage) -> Recognition | None:
    if note(f"once-{page.request.page_id}", "x") == 0:
        _die(page)
    return recognition(page.request)


def _hang(page: PreparedPage) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)  # nothing in the process moves any more


def _forget(page: PreparedPage) -> None:
    """Never answer, while others go on."""


def _break(page: PreparedPage) -> Recognition:
    if note(f"broken-{page.request.page_id}", "x") == 0:
        raise DeviceLostError("cuda:0 is lost to this process: an illegal memory access")
    return recognition(page.request)


def _lack(page: PreparedPage) -> Recognition:
    raise MissingRequirementError("not enough memory: try --dtype bfloat16")


def _touch(page: PreparedPage) -> Recognition:
    os.utime(page.request.page.source.path, (1, 1))
    return recognition(page.request)


_WISHES = {
    "touch": _touch,
    "loop": _loop,
    "mild": _mild,
    "tiny": _tiny,
    "sideways": _sideways,
    "void": _void,
    "fail": _fail,
    "slow": _slow,
    "late": _late,
    "die": _die,
    "once": _once,
    "hang": _hang,
    "forget": _forget,
    "break": _break,
    "lack": _lack,
}
