"""Which documents a command means: files as named, folders walked, lists read.

Folders give what sniffs as a document; what they hold besides is reported, never lost in silence.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ocrx.document import SourceKind
from ocrx.errors import LimitError, SourceError, UsageError
from ocrx.source.names import display_name
from ocrx.source.opening import read_head
from ocrx.source.sniffing import describe_bytes, sniff_kind

STDIN = "-"
MAX_LIST_BYTES = 256 << 20
_SUFFIXES = frozenset(
    (
        *(".pdf", ".png", ".jpg", ".jpeg", ".jpe", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
        *(".jp2", ".j2k", ".jpx", ".jpf", ".heic", ".heif", ".hif", ".avif"),
        *(".pbm", ".pgm", ".ppm", ".pnm"),
    )
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document to open.

    ``path`` opens it and names it to people, unless there is a ``name``, because it is a copy.
    ``relative`` is its place below the folder that was named, or its bare file name: where its
    output goes in a mirrored tree.
    """

    path: str
    relative: str
    name: str | None = None

    @property
    def shown(self) -> str:
        """The name for messages and records."""
        return self.name or self.path


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry of a folder that is not read, and why.

    ``named_like_document`` says that its name promises a document, so that leaving it out deserves
    a warning.
    """

    path: str
    reason: str
    named_like_document: bool


@dataclass(frozen=True, slots=True)
class Discovery:
    """Documents in the order they are to be read, and what was left out."""

    candidates: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...]


def discover(
    inputs: Iterable[str],
    *,
    recursive: bool = False,
    files_from: str | None = None,
    stdin: BinaryIO | None = None,
) -> Discovery:
    """Return the documents that ``inputs`` and the list in ``files_from`` name, in that order.

    A file that is named outright is always a candidate, even when it is missing: opening it says
    what is wrong. A folder gives its documents sorted by name, those of its subfolders only when
    ``recursive``; hidden entries are passed over, links are followed, each real folder once.

    Raises:
        UsageError: standard input is asked for twice.
        SourceError: the list cannot be read.
    """
    named = list(inputs)
    if named.count(STDIN) + (files_from == STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    if files_from is not None:
        named.extend(read_file_list(files_from, stdin))
    candidates: dict[str, Candidate] = {}
    skipped: list[Skipped] = []
    for name in named:
        if name != STDIN and os.path.isdir(name):  # noqa: PTH112 - keeps the name as typed
            for found in _walk(name, recursive):
                if isinstance(found, Candidate):
                    candidates.setdefault(found.path, found)
                else:
                    skipped.append(found)
        else:
            candidates.setdefault(name, Candidate(name, _base_name(name)))
    return Discovery(tuple(candidates.values()), tuple(skipped))


def read_file_list(path: str, stdin: BinaryIO | None = None) -> list[str]:
    """Return the names in a list that is NUL-separated when it holds a NUL, else one a line.

    Raises:
        SourceError: the list cannot be read.
        LimitError: it is larger than ``MAX_LIST_BYTES``.
    """
    shown = "standard input" if path == STDIN else display_name(path)
    try:
        if path == STDIN:
            data = b"" if stdin is None else stdin.read(MAX_LIST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_LIST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SourceError(f"--files-from {shown}: cannot be read: {error}") from error
    if len(data) > MAX_LIST_BYTES:
        raise LimitError(f"--files-from {shown}: larger than {MAX_LIST_BYTES >> 20} MiB")
    if b"\0" in data:
        entries = data.split(b"\0")
    else:
        entries = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    return [os.fsdecode(entry) for entry in entries if entry]


def _walk(top: str, recursive: bool) -> Iterator[Candidate | Skipped]:
    """Walk without recursion, so that no depth of folders can exhaust the stack."""
    seen: set[tuple[int, int]] = set()
    pending = [top]
    while pending:
        folder = pending.pop()
        try:
            status = os.stat(folder)  # noqa: PTH116
            names = sorted(os.listdir(folder), key=os.fsencode)  # noqa: PTH208
        except OSError as error:
            yield Skipped(folder, error.strerror or "cannot be read", named_like_document=True)
            continue
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            yield Skipped(folder, "a link to a folder already read", named_like_document=False)
            continue
        seen.add(identity)
        folders: list[str] = []
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118
            if name.startswith("."):
                continue
            if os.path.isdir(path):  # noqa: PTH112
                folders.append(path)
            else:
                yield _judge(path, os.path.relpath(path, top))
        if recursive:
            pending.extend(reversed(folders))
        else:
            for path in folders:
                yield Skipped(path, "a folder (give -r to read it)", named_like_document=False)


def _judge(path: str, relative: str) -> Candidate | Skipped:
    promises = os.path.splitext(path)[1].lower() in _SUFFIXES  # noqa: PTH122
    try:
        head = read_head(path)
    except SourceError:
        return Skipped(path, "not a regular file", promises)
    except (OSError, ValueError) as error:
        if promises:
            return Candidate(path, relative)  # which fails when it is opened, and counts
        return Skipped(path, f"cannot be read: {getattr(error, 'strerror', error)}", promises)
    kind: SourceKind | None = sniff_kind(head)
    if kind is not None:
        return Candidate(path, relative)
    if not head:
        return Skipped(path, "empty", promises)
    return Skipped(path, f"looks like {describe_bytes(head)}", promises)


def _base_name(name: str) -> str:
    return os.path.basename(name.rstrip("/")) or name  # noqa: PTH119
