"""Pipes become files: what can be read only once, or only by this process, is copied first.

Standard input, ``<(command)``, a named pipe, and names of open descriptors such as ``/dev/stdin``,
which mean something else in a worker.
"""

from __future__ import annotations

import os
import re
import stat
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from ocrx.errors import LimitError, OutputError, SourceError
from ocrx.source.names import display_name
from ocrx.source.opening import CHUNK_BYTES, require_kind, why_unreadable
from ocrx.source.sniffing import HEAD_BYTES, sniff_kind

MAX_SOURCE_BYTES = 16 << 30  # 16 GiB: an endless pipe must end somewhere
_DESCRIPTOR = re.compile(r"/dev/stdin|/dev/fd/\d+|/proc/(self|thread-self|\d+)/fd/\d+")


def is_pipe(path: str) -> bool:
    """Whether ``path`` has to be spooled before workers can open it."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a path may hold bytes that are not UTF-8
    except (OSError, ValueError):
        return False
    if stat.S_ISFIFO(mode):
        return True
    return stat.S_ISREG(mode) and _DESCRIPTOR.fullmatch(os.path.normpath(path)) is not None


def spool_pipe(path: str, target: Path) -> None:
    """Copy a named pipe to ``target``; of what is no document, only the first bytes.

    Waits until somebody writes to it. ``open_source`` says what is wrong with the copy.

    Raises:
        SourceError: it cannot be read.
        LimitError: more than ``MAX_SOURCE_BYTES``.
        OutputError: the copy cannot be written.
    """
    shown = display_name(path)
    try:
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 - takes any bytes
            head = _read_head(stream)
            rest = stream if sniff_kind(head) is not None else None
            _copy(head, rest, target, shown)
    except OSError as error:
        raise SourceError(f"{shown}: {why_unreadable(error)}") from error


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
        raise SourceError(f"standard input: {why_unreadable(error)}") from error
    require_kind(head, "standard input")
    _copy(head, stream, target, "standard input")
    return target


def _copy(head: bytes, rest: BinaryIO | FileIO | None, target: Path, shown: str) -> None:
    try:
        with target.open("xb") as file:
            file.write(head)
            while rest is not None and (chunk := rest.read(CHUNK_BYTES)):
                if file.tell() + len(chunk) > MAX_SOURCE_BYTES:
                    raise LimitError(
                        f"{shown}: more than {MAX_SOURCE_BYTES >> 30} GiB, give a file"
                    )
                file.write(chunk)
    except OSError as error:
        place = display_name(str(target.parent))
        raise OutputError(f"{shown} cannot be kept in {place}: {error.strerror}") from error


def _read_head(stream: BinaryIO | FileIO) -> bytes:
    """A pipe gives what it has: read until the head is whole or the pipe has ended."""
    head = b""
    while len(head) < HEAD_BYTES:
        chunk = stream.read(HEAD_BYTES - len(head))
        if not chunk:
            break
        head += chunk
    return head
