"""What a batch did, document by document and page by page: SQLite, one writer.

A document is written down only after its output is safely in place; what is written down here is
therefore done. Deciding what to do with that is left to ``run.py``.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.errors import ExitCode, OutputError, UsageError
from ocrx.source import display_name

JOURNAL = "journal.sqlite"
FORMAT = 1
_BUSY_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY, begun REAL, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    output PRIMARY KEY, name, source, sha256 TEXT, options TEXT, revision TEXT,
    output_sha256 TEXT, files TEXT, status TEXT NOT NULL, pages INTEGER, seconds REAL,
    error TEXT, error_code INTEGER, finished REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
    output, number INTEGER, verdict TEXT NOT NULL, reasons TEXT NOT NULL, seconds REAL,
    PRIMARY KEY (output, number)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """How one page ended."""

    number: int
    verdict: VerdictStatus
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """How one document ended.

    ``output`` is relative to the output folder and names the record. ``options`` is the hash of all
    that decides the output's bytes, ``revision`` the engine's. ``files`` are the figures written
    beside the output, relative to its folder.
    """

    output: str
    name: str
    source: str
    status: DocumentStatus
    sha256: str = ""
    options: str = ""
    revision: str = ""
    output_sha256: str = ""
    files: tuple[str, ...] = ()
    pages: int = 0
    seconds: float = 0.0
    error: str | None = None
    error_code: int = 0
    page_records: tuple[PageRecord, ...] = field(default=(), repr=False)


class Journal:
    """The journal of one output folder."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the journal.

        Raises:
            OutputError: it cannot be opened or written.
            UsageError: there is none, and none shall be created.
        """
        if not create and not os.path.isfile(path):  # noqa: PTH113 - a name of any length
            raise UsageError(f"{path.parent.parent}: no batch was written there")
        self._path = path
        try:
            self._database = _connect(path)
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # of its own message
            reason = display_name(str(error))
            raise OutputError(f"{path}: cannot open the journal: {reason}") from error

    def __enter__(self) -> Self:
        """Return the journal itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the journal."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def begin(self, settings: dict[str, Any]) -> None:
        """Write down what a batch was asked to do, so that it can be asked again."""
        text = json.dumps(settings, ensure_ascii=True, sort_keys=True)
        statement = "INSERT INTO batches (begun, settings) VALUES (?, ?)"
        self._write([(statement, (time.time(), text))])

    def last_settings(self) -> dict[str, Any] | None:
        """Return what the last batch was asked to do."""
        query = "SELECT settings FROM batches ORDER BY id DESC LIMIT 1"
        with self._readable():
            row = self._database.execute(query).fetchone()
            return None if row is None else dict(json.loads(row[0]))

    def record(self, record: DocumentRecord) -> None:
        """Write down how a document ended; once this returns it survives a power cut.

        Raises:
            OutputError: the journal cannot be written.
        """
        output = _stored(record.output)
        statements: list[tuple[str, tuple[Any, ...]]] = [
            ("DELETE FROM pages WHERE output = ?", (output,)),
            (
                "INSERT OR REPLACE INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    output,
                    _stored(record.name),
                    _stored(record.source),
                    record.sha256,
                    record.options,
                    record.revision,
                    record.output_sha256,
                    json.dumps(record.files),
                    record.status.value,
                    record.pages,
                    record.seconds,
                    None if record.error is None else _readable(record.error),
                    record.error_code,
                    time.time(),
                ),
            ),
        ]
        for page in record.page_records:
            reasons = json.dumps(page.reasons)
            values = (output, page.number, page.verdict.value, reasons, page.seconds)
            statements.append(("INSERT INTO pages VALUES (?, ?, ?, ?, ?)", values))
        self._write(statements)

    def find(self, output: str) -> DocumentRecord | None:
        """Return the record of an output, without its pages."""
        query = "SELECT * FROM documents WHERE output = ?"
        with self._readable():
            row = self._database.execute(query, (_stored(output),)).fetchone()
            return None if row is None else _record(row)

    def documents(self) -> Iterator[DocumentRecord]:
        """Yield all records with their pages, by output."""
        with self._readable():
            rows = self._database.execute("SELECT * FROM documents ORDER BY output").fetchall()
        for row in rows:
            with self._readable():
                record = _record(row, self._pages(row["output"]))
            yield record

    def pages(self, output: str) -> tuple[PageRecord, ...]:
        """Return the page records of an output."""
        with self._readable():
            return self._pages(_stored(output))

    def _pages(self, output: str | bytes) -> tuple[PageRecord, ...]:
        query = "SELECT * FROM pages WHERE output = ? ORDER BY number"
        return tuple(
            PageRecord(
                row["number"],
                VerdictStatus(row["verdict"]),
                tuple(json.loads(row["reasons"])),
                row["seconds"],
            )
            for row in self._database.execute(query, (output,))
        )

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Name the file when what it holds is no journal's; the outputs themselves stand."""
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, LookupError) as error:
            raise OutputError(
                f"{self._path}: the journal is damaged ({display_name(str(error))});"
                " remove it and run again"
            ) from error

    def _write(self, statements: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        try:
            with self._database:
                for statement, values in statements:
                    self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise OutputError(f"{self._path}: cannot write the journal: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS)
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        found = database.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"written by another version of ocrx (format {found})")
        database.executescript(_SCHEMA)
        database.execute(f"PRAGMA user_version = {FORMAT}")
    except BaseException:
        database.close()
        raise
    return database


def _stored(name: str) -> str | bytes:
    """A file name as SQLite can hold it: names that are not UTF-8 are kept as their bytes."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name)
    return name


def _named(value: str | bytes) -> str:
    return os.fsdecode(value) if isinstance(value, bytes) else value


def _readable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _record(row: sqlite3.Row, pages: tuple[PageRecord, ...] = ()) -> DocumentRecord:
    return DocumentRecord(
        output=_named(row["output"]),
        name=_named(row["name"]),
        source=_named(row["source"]),
        status=DocumentStatus(row["status"]),
        sha256=row["sha256"],
        options=row["options"],
        revision=row["revision"],
        output_sha256=row["output_sha256"],
        files=tuple(json.loads(row["files"])),
        pages=row["pages"],
        seconds=row["seconds"],
        error=row["error"],
        error_code=ExitCode(row["error_code"]),
        page_records=pages,
    )
