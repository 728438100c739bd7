"""An engine that does what a document's name says: ``crash@1`` crashes at page index 1.

``STATE`` (a folder in the environment) remembers what outlives a process: ``calls`` holds one line
a recognition, so that a test can say what was recognised and how often.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from ocrx.document import Recognition, Request, Route, StopReason, Task
from ocrx.engine import EngineInfo, EngineSettings
from ocrx.errors import EngineError, MissingRequirementError
from ocrx.modes import ResolutionMode
from ocrx.parsing import region_dialect as regions
from ocrx.source import describe_page

STATE = "MISBEHAVING_STATE"
SPEC = "misbehaving:Misbehaving"
_WISH = re.compile(r"([a-z]+)@(\d+)")
_hoard: list[bytes] = []


class Misbehaving:
    """Reads every page as one line that names it, unless the name wishes otherwise."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self.info = EngineInfo(
            name="misbehaving",
            model="none",
            revision=os.environ.get("MISBEHAVING_REVISION", "1"),
            dialect=regions.DIALECT,
            modes=frozenset(ResolutionMode),
            tasks=frozenset(Task),
            reads_text_layer=True,
        )

    def recognise(self, requests: Iterable[Request]) -> Iterator[Recognition]:
        for request in requests:
            yield self._read(request)

    def close(self) -> None:
        pass

    def _read(self, request: Request) -> Recognition:
        note("calls", f"{os.getpid()} {request.page_id} {request.page.source.name}")
        name = Path(request.page.source.name).name
        for wish, index in _WISH.findall(name):
            if int(index) == request.page.index:
                answer = _WISHES[wish](request)
                if answer is not None:
                    return answer
        time.sleep(float(os.environ.get("MISBEHAVING_SECONDS", "0")))
        return recognition(request)


def recognition(request: Request, raw: str | None = None, **more: object) -> Recognition:
    box = (0.1, 0.1, 0.9, 0.2)
    line = regions.RawLine(box, (regions.RawSpan(f"This is page {request.page.number}."),), 12.0)
    lines = regions.RawRegion(regions.RegionClass.TEXT, box, (line,))
    picture = regions.RawRegion(regions.RegionClass.PICTURE, (0.2, 0.4, 0.8, 0.8))
    page = regions.RawPage(612, 792, (lines, picture))
    fields: dict[str, object] = {
        "stop_reason": StopReason.END,
        "confidence": 0.99,
        "route": Route.PIXELS,
        **more,
    }
    raw = regions.dumps(page) if raw is None else raw
    return Recognition(request.page_id, raw, regions.DIALECT, **fields)  # type: ignore[arg-type]


def note(what: str, line: str) -> int:
    """Append a line to a file of the state folder; return how many there were."""
    folder = os.environ.get(STATE)
    if folder is None:
        return 0
    path = Path(folder) / what
    before = len(path.read_text().splitlines()) if path.exists() else 0
    with path.open("a") as file:
        file.write(line + "\n")
    return before


def _hang(request: Request) -> None:
    time.sleep(600)


def _crash(request: Request) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _once(request: Request) -> None:
    if note(f"once-{request.page_id}", "x") == 0:
        os._exit(3)


def _devour(request: Request) -> None:
    for _ in range(400):
        _hoard.append(os.urandom(1 << 20) * 8)
        time.sleep(0.02)


def _swallow(request: Request) -> None:
    _hoard.append(bytes(1 << 36))


def _raise(request: Request) -> None:
    raise ValueError("out of ink")


def _exit(request: Request) -> None:
    raise SystemExit(5)


def _fail(request: Request) -> None:
    raise EngineError("cannot read this")


def _empty(request: Request) -> Recognition:
    return recognition(request, raw=regions.dumps(regions.RawPage(612, 792, ())))


def _place(request: Request) -> None:
    raise EngineError(f"{describe_page(request.page)}: is torn")


def _named(request: Request) -> Recognition:
    failure = f"{describe_page(request.page)}: is torn"
    return recognition(request, raw="", stop_reason=StopReason.FAILED, failure=failure)


def _change(request: Request) -> None:
    os.utime(request.page.source.path, (1, 1))


def _missing(request: Request) -> None:
    raise MissingRequirementError("no weights")


def _chat(request: Request) -> None:
    print("CHATTER from python", flush=True)
    os.write(1, b"CHATTER from the descriptor\n")


def _garble(request: Request) -> Recognition:
    return recognition(request, raw="this is not the dialect")


def _doubt(request: Request) -> Recognition:
    return recognition(request, reasons=("the page is written in Martian",))


def _cut(request: Request) -> Recognition:
    return recognition(request, stop_reason=StopReason.LENGTH)


def _answer(request: Request) -> Recognition:
    return "nonsense"  # type: ignore[return-value]


def _unpicklable(request: Request) -> Recognition:
    return recognition(request, reasons=(lambda: None,))


_WISHES = {
    "hang": _hang,
    "crash": _crash,
    "once": _once,
    "devour": _devour,
    "swallow": _swallow,
    "raise": _raise,
    "exit": _exit,
    "fail": _fail,
    "empty": _empty,
    "place": _place,
    "named": _named,
    "change": _change,
    "missing": _missing,
    "chat": _chat,
    "garble": _garble,
    "doubt": _doubt,
    "cut": _cut,
    "answer": _answer,
    "unpicklable": _unpicklable,
}
