"""The Engine protocol, what an engine says of itself, and the registry of engines.

Engines are found through the entry-point group ``ocrx.engines``; importing this module imports
none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol, cast

from ocrx.document import Recognition, Request, Task
from ocrx.errors import MissingRequirementError
from ocrx.modes import ResolutionMode

ENTRY_POINT_GROUP = "ocrx.engines"
DEFAULT_ENGINE = "embedded"


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine can do, known before any weights are read.

    ``revision`` changes whenever the same page could give another raw text: it is part of the key
    under which results are kept. ``reads_text_layer`` says that the engine wants ``plan=None`` in
    mode auto, and so decides itself how to read a page.
    """

    name: str
    model: str
    revision: str
    dialect: str
    modes: frozenset[ResolutionMode]
    tasks: frozenset[Task]
    reads_text_layer: bool = False


class Engine(Protocol):
    """Machinery that turns pages into raw text.

    ``recognise`` is streaming, may answer in any order, and gives one recognition for every
    request even when a page failed (``stop_reason`` says so); it raises nothing for a bad page.
    """

    info: EngineInfo

    def recognise(self, requests: Iterable[Request]) -> Iterator[Recognition]:
        """Yield one recognition for each request."""
        ...

    def close(self) -> None:
        """Free what the engine holds."""
        ...


def engine_names() -> list[str]:
    """Return the names of all installed engines, sorted."""
    return sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)})


def load_engine(name: str = DEFAULT_ENGINE) -> Engine:
    """Return a new engine; heavy packages and weights are loaded at its first page.

    Raises:
        MissingRequirementError: no engine has that name.
    """
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == name:
            return cast(Callable[[], Engine], point.load())()
    known = ", ".join(engine_names()) or "none"
    raise MissingRequirementError(f"no engine named {name!r} (installed: {known})")
