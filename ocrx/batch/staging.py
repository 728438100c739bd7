"""Writes that cannot tear: a file is written beside its place, synced, and moved into it.

At any moment the place holds the old file or the new one, whole. What is written, and where, is
for ``outputs``.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(target: Path, pieces: Iterable[bytes]) -> tuple[str, int]:
    """Write a file so that its place never holds half of it; return its hash and size.

    A link is followed; a device or pipe is written to as it is.

    Raises:
        OSError: it cannot be written; then nothing is left behind.
    """
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with target.open("wb") as special:
            return _pour(pieces, special)
    target = Path(os.path.realpath(target))  # not so /dev/fd/63: its real path cannot be opened
    with _staged(target) as (place, file):
        try:
            written = _pour(pieces, file)
            os.fsync(file.fileno())
            place.replace(target)
        except BaseException:
            place.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)
    return written


def _pour(pieces: Iterable[bytes], file: io.BufferedIOBase) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    file.flush()
    return digest.hexdigest(), size


@contextmanager
def _staged(target: Path) -> Iterator[tuple[Path, io.BufferedIOBase]]:
    """Yield an empty file beside the target, held by this process alone.

    One place for each output, so that what a killed run left is taken over by the next.
    """
    name = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
    place = target.with_name(f".ocrx-{name}.part")
    _remove_trap(place)
    while True:
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(place, flags, 0o666), "wb") as file:  # noqa: PTH123 - a descriptor
            _hold(file.fileno())
            if _is_at(place, os.fstat(file.fileno())):  # else another run moved it meanwhile
                file.truncate()
                yield place, file
                return


def _remove_trap(place: Path) -> None:
    """Remove what is no file of this program: a link would lead the writing elsewhere."""
    with suppress(FileNotFoundError):
        status = place.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            place.unlink()


def _hold(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(errno.EBUSY, "another run of ocrx is writing it") from None
    except OSError:
        pass  # a file system without locks: nothing to be had


def _is_at(place: Path, status: os.stat_result) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(place.lstat(), status)
    return False


def sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def hash_file(path: Path) -> str | None:
    """Return the hash of a regular file, None when there is none that can be read."""
    try:
        if not path.is_file():  # a pipe would wait, a device need not end
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
