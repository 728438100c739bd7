"""The document's way out: a guarded stdout, UTF-8 everywhere.

Knows nothing of formats; what is written arrives as text or bytes.
"""

from __future__ import annotations

import ctypes
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ocrx.errors import OutputError

_STDOUT_FD = 1
_STDERR_FD = 2


class DocumentStream:
    """Where the document goes when it goes to standard output: UTF-8 bytes, newlines as they are.

    A reader that has gone away raises BrokenPipeError, which ends the command quietly; any other
    failure is an OutputError.
    """

    def __init__(self, descriptor: int | None) -> None:
        """Own a file descriptor; None stands for a standard output that was closed."""
        self._descriptor = descriptor

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads it as it comes."""
        return self._descriptor is not None and os.isatty(self._descriptor)

    def write(self, content: str | bytes) -> int:
        """Write all of it now, so that the next program in the pipe can begin; return its bytes.

        Raises:
            OutputError: standard output is closed or full.
        """
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        if self._descriptor is None:
            raise OutputError("standard output: it is closed; give a file with -o FILE")
        try:
            remaining = memoryview(data)
            while remaining:
                remaining = remaining[os.write(self._descriptor, remaining) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"standard output: {error.strerror}") from error
        return len(data)


@contextmanager
def guard_stdout() -> Iterator[DocumentStream]:
    """Keep file descriptor 1 for the document; whatever else prints there lands on stderr.

    The descriptor itself is moved, so that C libraries and child processes are caught as well as
    ``print``.
    """
    saved_stdout = sys.stdout
    _flush(saved_stdout)
    _occupy(_STDERR_FD)
    try:
        document = os.dup(_STDOUT_FD)  # not inheritable: workers never hold the document's pipe
    except OSError:
        document = None
    os.dup2(_STDERR_FD, _STDOUT_FD)
    sys.stdout = sys.stderr
    try:
        yield DocumentStream(document)
    finally:
        _flush(sys.stderr)
        _flush_c_buffers()
        sys.stdout = saved_stdout
        if document is not None:
            os.dup2(document, _STDOUT_FD)
            os.close(document)


def _occupy(descriptor: int) -> None:
    """Open a closed standard descriptor on nothing, lest the document's copy take its number."""
    try:
        os.fstat(descriptor)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere == descriptor:
            os.set_inheritable(descriptor, True)
        else:
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


def _flush_c_buffers() -> None:
    """Empty what ``printf`` still holds, before descriptor 1 is the document's again."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).fflush(None)


def _flush(stream: object) -> None:
    if isinstance(stream, io.TextIOBase):
        with suppress(OSError, ValueError):
            stream.flush()


def speak_utf8() -> None:
    """Make stdout and stderr UTF-8 whatever the locale says; odd bytes of names are escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def silence_stdout() -> None:
    """After a reader has gone: let nothing at exit complain about the pipe again."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), _STDOUT_FD)
