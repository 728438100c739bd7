"""Pages already recognised, kept by content: one SQLite file, shared by formats and by runs.

A key is page content and recognition fingerprint, never a file name. The store is a convenience:
whatever is wrong with its file (broken, locked, read-only, full), a conversion goes on without.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import platformdirs

from ocrx.conversion.pages_file import open_pages, reopen_pages
from ocrx.document import Asset, Page, PageReading, Recognition, Source
from ocrx.errors import OcrxError
from ocrx.modes import ViewPlan
from ocrx.serialization import recognition_from_dict, recognition_to_dict

MIB = 1 << 20
DEFAULT_MAX_BYTES = 2048 * MIB
PRUNE_TO = 0.8  # of the cap, so that not every page prunes
_PRUNABLE_SECONDS = 3600.0  # younger pages may be of a document that is not written yet
_TOUCH_SECONDS = 24 * 3600.0  # how stale "last used" may be: reading should not mean writing
_FAILURES_ALLOWED = 3
_MAX_BYTES = 256 * MIB  # of a recognition unpacked: another may have written the file
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as it was kept, and the names of its pictures (``PageStore.asset`` has them)."""

    recognition: Recognition
    assets: tuple[str, ...]


class PageStore:
    """A store of pages; every method answers "not kept" rather than fail."""

    def __init__(self, path: Path | None, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        """Open or create the file; None keeps nothing.

        A file that is not a store, or not of this format, is replaced by an empty one.
        """
        self._path = path
        self._max_bytes = max_bytes
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._failures = 0
        self._full = False
        self._writes = 0
        self._database = None if path is None else open_pages(path)

    @classmethod
    def temporary(cls) -> Self:
        """Return a store that lives as long as the object: keeps pictures out of memory."""
        folder = tempfile.TemporaryDirectory(prefix="ocrx-", ignore_cleanup_errors=True)
        store = cls(Path(folder.name) / "pages.sqlite")
        store._folder = folder
        return store

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Prune and close; the store then keeps nothing."""
        if self._writes:
            self._try(self._prune, None)
        if self._database is not None:
            self._database.close()
            self._database = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def pages_of(self, source: Source) -> tuple[Page, ...] | None:
        """Return the pages that the source is known to have."""

        def read(database: sqlite3.Connection) -> tuple[Page, ...] | None:
            query = "SELECT sizes FROM probes WHERE key = ?"
            row = database.execute(query, (_probe_key(source),)).fetchone()
            if row is None:
                return None
            sizes = json.loads(row[0])
            return tuple(
                Page(source, index, float(width), float(height))
                for index, (width, height) in enumerate(sizes)
            )

        return self._try(read, None)

    def keep_pages_of(self, source: Source, pages: tuple[Page, ...]) -> None:
        """Remember which pages a source has."""
        sizes = json.dumps([(page.width, page.height) for page in pages])

        def write(database: sqlite3.Connection) -> None:
            with database:
                statement = "INSERT OR REPLACE INTO probes VALUES (?, ?, ?)"
                database.execute(statement, (_probe_key(source), sizes, time.time()))

        self._try(write, None, writes=True)

    def get(self, key: str) -> KeptPage | None:
        """Return a kept page, or None."""

        def read(database: sqlite3.Connection) -> KeptPage | None:
            query = "SELECT recognition, used FROM pages WHERE key = ?"
            row = database.execute(query, (key,)).fetchone()
            if row is None:
                return None
            recognition = _unpack(row[0])
            if time.time() - row[1] > _TOUCH_SECONDS:
                self._try(lambda database: _touch(database, key), None, writes=True)
            query = "SELECT name FROM assets WHERE page_key = ? ORDER BY position"
            names = tuple(str(name) for (name,) in database.execute(query, (key,)))
            return KeptPage(recognition, names)

        return self._try(read, None)

    def asset(self, key: str, name: str) -> Asset | None:
        """Return one picture of a kept page."""

        def read(database: sqlite3.Connection) -> Asset | None:
            query = "SELECT media_type, data FROM assets WHERE page_key = ? AND name = ?"
            row = database.execute(query, (key, name)).fetchone()
            return None if row is None else Asset(name, row[0], row[1])

        return self._try(read, None)

    def keep(self, key: str, reading: PageReading) -> bool:
        """Keep a page; whether it is now safe on disk."""
        if self._database is None:
            return False
        data = _pack(reading.recognition)
        size = len(data) + sum(len(asset.data) for asset in reading.assets)

        def write(database: sqlite3.Connection) -> bool:
            with database:
                database.execute("DELETE FROM pages WHERE key = ?", (key,))
                row = (key, data, size, time.time())
                database.execute("INSERT INTO pages VALUES (?, ?, ?, ?)", row)
                database.executemany(
                    "INSERT INTO assets VALUES (?, ?, ?, ?, ?)",
                    [
                        (key, position, asset.name, asset.media_type, asset.data)
                        for position, asset in enumerate(reading.assets)
                    ],
                )
            return True

        self._writes += 1
        return self._try(write, False, writes=True)

    def _prune(self, database: sqlite3.Connection) -> None:
        """Drop the pages used longest ago until the store fits its cap."""
        total = database.execute("SELECT coalesce(sum(bytes), 0) FROM pages").fetchone()[0]
        if total <= self._max_bytes:
            return
        surplus = total - int(self._max_bytes * PRUNE_TO)
        doomed: list[tuple[str]] = []
        old = time.time() - _PRUNABLE_SECONDS
        query = "SELECT key, bytes FROM pages WHERE used < ? ORDER BY used"
        for key, size in database.execute(query, (old,)):
            if surplus <= 0:
                break
            doomed.append((key,))
            surplus -= size
        with database:
            database.executemany("DELETE FROM pages WHERE key = ?", doomed)
        database.execute("PRAGMA incremental_vacuum")

    def _try(
        self, action: Callable[[sqlite3.Connection], T], otherwise: T, *, writes: bool = False
    ) -> T:
        """Do something with the database; after a few failures leave it alone.

        One that cannot be written any more (the disk is full) still gives what it holds.
        """
        if self._database is None or (writes and self._full):
            return otherwise
        try:
            return action(self._database)
        except (sqlite3.Error, OSError, zlib.error, ValueError, TypeError, OcrxError) as error:
            self._failures += 1
            broken = type(error) is sqlite3.DatabaseError  # malformed, not busy or full
            if writes and not broken:
                self._full = self._failures >= _FAILURES_ALLOWED
            elif broken or self._failures >= _FAILURES_ALLOWED:
                self._database.close()
                self._database = (
                    reopen_pages(self._path) if broken and self._failures == 1 else None
                )
            return otherwise


def page_key(page_id: str, plan: ViewPlan | None, fingerprint: str) -> str:
    """Return the key of a page: what it shows, how it is looked at, and by whom."""
    look = "free" if plan is None else f"{plan.mode}-{plan.base_px}-{plan.columns}x{plan.rows}"
    return f"{page_id}-{look}-{fingerprint}"


def default_store_path() -> Path:
    """Return the user's own store: under OCRX_CACHE_DIR, else where the system keeps caches."""
    named = os.environ.get("OCRX_CACHE_DIR")
    folder = Path(named) if named else Path(platformdirs.user_cache_dir("ocrx"))
    return folder / "pages.sqlite"


def _probe_key(source: Source) -> str:
    """The password is part of the key: pages known to one who had it stay closed to others."""
    secret = hashlib.sha256((source.password or "").encode("utf-8", "surrogateescape"))
    return f"{source.sha256}-{secret.hexdigest()[:16]}"


def _touch(database: sqlite3.Connection, key: str) -> None:
    with database:
        database.execute("UPDATE pages SET used = ? WHERE key = ?", (time.time(), key))


def _pack(recognition: Recognition) -> bytes:
    text = json.dumps(recognition_to_dict(recognition), ensure_ascii=True, separators=(",", ":"))
    return zlib.compress(text.encode("ascii"), 6)


def _unpack(data: bytes) -> Recognition:
    return recognition_from_dict(json.loads(zlib.decompressobj().decompress(data, _MAX_BYTES)))
