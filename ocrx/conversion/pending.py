"""A document on its way: asked for, under way, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ocrx.conversion.pages_store import PageStore
from ocrx.document import Asset, Document, Page, PageReading, PageResult, Source
from ocrx.errors import ExitCode, OcrxError
from ocrx.serialization import KeptReading


@dataclass(frozen=True, slots=True)
class Job:
    """One document to convert; ``number`` is the caller's and comes back with it."""

    number: int
    source: Source


@dataclass(frozen=True, slots=True)
class Converted:
    """A whole document. ``failures`` are the exit codes of its failed pages."""

    job: Job
    document: Document
    seconds: float
    failures: frozenset[ExitCode]
    assets: Mapping[str, Asset] = field(repr=False)
    kept: Callable[[], Iterator[KeptReading]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unconverted:
    """A document that failed as a whole."""

    job: Job
    error: OcrxError
    seconds: float


@dataclass(slots=True)
class Pending:
    """A document under way. ``pages`` is None until it is known which pages it has."""

    job: Job
    began: float
    pages: tuple[Page, ...] | None = None
    asked: int = 0
    results: dict[int, PageResult] = field(default_factory=dict)
    readings: dict[int, PageReading] = field(default_factory=dict)  # those not in the store
    keys: dict[int, str] = field(default_factory=dict)  # those in the store
    assets: dict[str, int] = field(default_factory=dict)  # name -> page index
    failures: set[ExitCode] = field(default_factory=set)
    error: OcrxError | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing more is to come for it."""
        if self.error is not None:
            return True
        return self.pages is not None and len(self.results) == len(self.pages)

    @property
    def waiting(self) -> bool:
        """Whether it has pages that nobody was asked for yet."""
        return self.error is None and self.pages is not None and self.asked < len(self.pages)


class StoredAssets(Mapping[str, Asset]):
    """The pictures of a document, fetched one by one."""

    def __init__(self, pending: Pending, store: PageStore) -> None:
        """Look in the document's own hands first, then in the store."""
        self._pending = pending
        self._store = store

    def __getitem__(self, name: str) -> Asset:
        """Return a picture; KeyError when there is none, or it was lost."""
        index = self._pending.assets[name]
        if index in self._pending.readings:
            named = {asset.name: asset for asset in self._pending.readings[index].assets}
            return named[name]
        asset = self._store.asset(self._pending.keys[index], name)
        if asset is None:
            raise KeyError(name)
        return asset

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._pending.assets)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self._pending.assets)
