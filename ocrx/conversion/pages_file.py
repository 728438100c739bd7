"""The SQLite file under the page store: opened, or begun anew when it is broken."""

from __future__ import annotations

import sqlite3
from pathlib import Path

_FORMAT = 1  # of the tables below
_BUSY_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS probes (
    key TEXT PRIMARY KEY, sizes TEXT NOT NULL, used REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
    key TEXT PRIMARY KEY, recognition BLOB NOT NULL,
    bytes INTEGER NOT NULL, used REAL NOT NULL);
CREATE INDEX IF NOT EXISTS pages_by_use ON pages (used);
CREATE TABLE IF NOT EXISTS assets (
    page_key TEXT NOT NULL REFERENCES pages (key) ON DELETE CASCADE, position INTEGER NOT NULL,
    name TEXT NOT NULL, media_type TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (page_key, position)) WITHOUT ROWID;
"""


def open_pages(path: Path) -> sqlite3.Connection | None:
    """Open the file; one that is broken is put away and begun anew, once."""
    for _ in range(2):
        try:
            return _connect(path)
        except sqlite3.OperationalError:
            return None  # locked, read-only, no place: not the file's fault
        except (sqlite3.DatabaseError, UnicodeDecodeError):  # of its own message
            _remove(path)
        except OSError:
            return None
    return None


def reopen_pages(path: Path | None) -> sqlite3.Connection | None:
    """Begin a store anew whose file turned out to be broken."""
    if path is None:
        return None
    try:
        _remove(path)
    except OSError:
        return None
    return open_pages(path)


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds what documents say
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # a lost page is read again
        database.execute("PRAGMA foreign_keys = ON")
        found = database.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, _FORMAT):
            raise sqlite3.DatabaseError(f"format {found}")
        database.executescript(_SCHEMA)
        database.execute(f"PRAGMA user_version = {_FORMAT}")
        database.execute("SELECT key FROM pages LIMIT 1").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
