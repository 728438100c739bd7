"""Open what the user named as a Source: hash it, sniff it, and know later whether it changed.

Reads bytes and nothing more: no document is parsed here, for it may be hostile.
"""

from __future__ import annotations

import hashlib
import os
import stat
from io import FileIO

from ocrx.document import Source, SourceKind
from ocrx.errors import SourceChangedError, SourceError
from ocrx.source.names import describe_place, display_name
from ocrx.source.sniffing import HEAD_BYTES, describe_bytes, sniff_kind

CHUNK_BYTES = 1 << 20


def open_source(path: str, *, name: str | None = None, password: str | None = None) -> Source:
    """Return the document at ``path``, hashed and sniffed.

    ``name`` is how messages call it (the path itself when absent, ``-`` for standard input).

    Raises:
        SourceError: missing, a folder, a pipe or device, unreadable, empty, or no document.
        SourceChangedError: it was written to while it was hashed.
    """
    shown = "standard input" if name == "-" else display_name(name or path)
    try:
        with _open_regular(path, shown) as file:
            before = os.fstat(file.fileno())
            head = file.read(HEAD_BYTES)
            kind = require_kind(head, shown)
            digest = hashlib.sha256(head)
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
            after = os.fstat(file.fileno())
    except (OSError, ValueError) as error:
        raise SourceError(f"{shown}: {why_unreadable(error)}") from error
    if _fingerprint(before) != _fingerprint(after):
        raise SourceChangedError(f"{shown}: changed while it was being read; try again")
    return Source(
        name=name or path,
        path=os.path.abspath(path),  # noqa: PTH100 - Path.absolute leaves ".." in place
        kind=kind,
        sha256=digest.hexdigest(),
        size_bytes=after.st_size,
        modified_ns=after.st_mtime_ns,
        password=password,
    )


def check_unchanged(source: Source) -> None:
    """Make sure that the bytes are still those that were hashed, by size and time of change.

    Raises:
        SourceChangedError: the file is gone, or was written to since.
    """
    try:
        now = os.stat(source.path)  # noqa: PTH116 - a path may hold bytes that are not UTF-8
    except (OSError, ValueError) as error:
        where = describe_place(source)
        raise SourceChangedError(f"{where}: is gone since it was opened") from error
    if _fingerprint(now) != (source.size_bytes, source.modified_ns):
        where = describe_place(source)
        raise SourceChangedError(f"{where}: changed since it was opened; try again")


def read_head(path: str) -> bytes:
    """Return the first bytes of a regular file, for sniffing; never waits on a pipe.

    Raises:
        OSError: it cannot be opened or read.
        SourceError: it is no regular file.
    """
    with _open_regular(path, display_name(path)) as file:
        return file.read(HEAD_BYTES)


def _open_regular(path: str, shown: str) -> FileIO:
    """Open without blocking: a pipe that nobody writes to would wait for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _require_regular(os.fstat(descriptor), shown)
    except SourceError:
        os.close(descriptor)
        raise
    return FileIO(descriptor, "rb")


def _require_regular(status: os.stat_result, shown: str) -> None:
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise SourceError(f"{shown}: is a folder")
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise SourceError(f"{shown}: is a pipe; read it as standard input: ocrx - < PIPE")
    if not stat.S_ISREG(mode):
        raise SourceError(f"{shown}: is a device, not a document")


def require_kind(head: bytes, shown: str) -> SourceKind:
    """Return what bytes are; SourceError when they are no document."""
    if not head:
        raise SourceError(f"{shown}: is empty")
    kind = sniff_kind(head)
    if kind is None:
        raise SourceError(
            f"{shown}: is neither a PDF nor a picture, it looks like {describe_bytes(head)}"
        )
    return kind


def _fingerprint(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def why_unreadable(error: Exception) -> str:
    """Return why a file cannot be opened or read, in the system's words or plainer ones."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "does not exist"
    if isinstance(error, PermissionError):
        return "may not be read (permission denied)"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return f"cannot be read: {error}"
