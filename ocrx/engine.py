"""The Engine protocol, what an engine says of itself, and the registry of engines.

Engines are found through the entry-point group ``ocrx.engines``; importing this module imports
none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from ocrx.document import Recognition, Request, Task
from ocrx.errors import MissingRequirementError
from ocrx.modes import DEFAULT_TILING, ResolutionMode, Tiling

if TYPE_CHECKING:
    from ocrx.views import Views  # imports pillow, which --help does not need

ENTRY_POINT_GROUP = "ocrx.engines"
DEFAULT_ENGINE = "embedded"
AUTO_ENGINE = "auto"  # no engine: the choice between them, which is conversion's


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What an engine is told when it is made; an engine ignores what does not concern it.

    ``model`` is a name that the engine knows, or a folder. ``device`` is auto, cpu, mps, cuda or
    cuda:N; ``dtype`` auto, bfloat16, float16 or float32. ``batch`` caps the pages decoded together
    (0: as many as fit). ``offline`` forbids the network.
    """

    model: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    batch: int = 0
    offline: bool = False


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine can do, known before any weights are read.

    ``revision`` changes whenever the same page could give another raw text: it is part of the key
    under which results are kept. ``reads_text_layer`` says that the engine wants ``plan=None`` in
    mode auto, and so decides itself how to read a page. ``takes_views`` says that it is a
    ``BatchEngine``, and ``devices`` where it can run: one worker process is kept for each.
    ``tiling`` is how its model takes tiles.
    """

    name: str
    model: str
    revision: str
    dialect: str
    modes: frozenset[ResolutionMode]
    tasks: frozenset[Task]
    reads_text_layer: bool = False
    takes_views: bool = False
    devices: tuple[str, ...] = ()
    tiling: Tiling = DEFAULT_TILING


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page whose views are cut. ``seconds`` is how long reading it may take from now on."""

    request: Request
    views: Views
    seconds: float = float("inf")


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


@runtime_checkable
class BatchEngine(Engine, Protocol):
    """An engine that reads many pages at once, from their views alone.

    ``recognise_prepared`` takes pages from the iterable on a thread of its own as it has room for
    them, so that an iterable may wait for the next page while others are read. It answers in any
    order, once for every page, and never later than a page's ``seconds``: a page that takes longer
    is answered with what there is of it, and stop reason TIMEOUT.
    """

    @property
    def capacity(self) -> int:
        """How many pages it reads at once; loads the weights.

        Raises:
            MissingRequirementError: weights, memory or a device are missing.
        """
        ...

    def recognise_prepared(self, pages: Iterable[PreparedPage]) -> Iterator[Recognition]:
        """Yield one recognition for each page."""
        ...


Factory = Callable[[EngineSettings], Engine]


def engine_names() -> list[str]:
    """Return the names of all installed engines, sorted."""
    return sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)})


def load_engine(name: str = DEFAULT_ENGINE, settings: EngineSettings | None = None) -> Engine:
    """Return a new engine; heavy packages and weights are loaded at its first page.

    An entry point names a callable that takes ``EngineSettings``.

    Raises:
        MissingRequirementError: no engine has that name.
    """
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == name:
            return cast(Factory, point.load())(settings or EngineSettings())
    known = ", ".join(engine_names()) or "none"
    raise MissingRequirementError(f"no engine named {name!r} (installed: {known})")
