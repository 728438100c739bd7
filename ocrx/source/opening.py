"""Open what the user named as a Source: hash it, sniff it, and know later whether it changed.

Reads bytes and nothing more: no document is parsed here, for it may be hostile.
"""

from __future__ import annotations

import hashlib
import os
import stat
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from ocrx.document import Source, SourceKind
from ocrx.errors import (
    LimitError,
    OutputError,
    SourceChangedError,
    SourceError,
)
from ocrx.source.names import describe_place, display_name
from ocrx.source.sniffing import HEAD_BYTES, describe_bytes, sniff_kind

MAX_SOURCE_BYTES = 16 << 30  # 16 GiB: an endless pipe must end somewhere
_CHUNK_BYTES = 1 << 20


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
            kind = _require_kind(head, shown)
            digest = hashlib.sha256(head)
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
            after = os.fstat(file.fileno())
    except (OSError, ValueError) as error:
        raise SourceError(f"{shown}: {_why_unreadable(error)}") from error
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


def spool_stdin(stream: BinaryIO, directory: str | Path) -> Path:
    """Copy a pipe to a file in ``directory`` so that it can be opened again; return its path.

    What is no document is refused from its first bytes, without waiting for the end.

    Raises:
        SourceError: nothing came, or no document.
        LimitError: more than ``MAX_SOURCE_BYTES``.
        OutputError: the copy cannot be written (disk full, folder read-only).
    """
    target = Path(directory) / "stdin"
    try:
        head = _read_head(stream)
    except OSError as error:
        raise SourceError(f"standard input: {_why_unreadable(error)}") from error
    _require_kind(head, "standard input")
    try:
        with target.open("xb") as file:
            file.write(head)
            while chunk := stream.read(_CHUNK_BYTES):
                if file.tell() + len(chunk) > MAX_SOURCE_BYTES:
                    raise LimitError(
                        f"standard input: more than {MAX_SOURCE_BYTES >> 30} GiB, give a file"
                    )
                file.write(chunk)
    except OSError as error:
        raise OutputError(
            f"standard input cannot be kept in {display_name(str(directory))}: {error.strerror}"
        ) from error
    return target


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


def _read_head(stream: BinaryIO) -> bytes:
    """A pipe gives what it has: read until the head is whole or the pipe has ended."""
    head = b""
    while len(head) < HEAD_BYTES:
        chunk = stream.read(HEAD_BYTES - len(head))
        if not chunk:
            break
        head += chunk
    return head


def _require_regular(status: os.stat_result, shown: str) -> None:
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise SourceError(f"{shown}: is a folder")
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise SourceError(f"{shown}: is a pipe; read it as standard input: ocrx - < PIPE")
    if not stat.S_ISREG(mode):
        raise SourceError(f"{shown}: is a device, not a document")


def _require_kind(head: bytes, shown: str) -> SourceKind:
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


def _why_unreadable(error: Exception) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "does not exist"
    if isinstance(error, PermissionError):
        return "may not be read (permission denied)"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return f"cannot be read: {error}"
