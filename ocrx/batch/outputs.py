"""Where documents are written and what of them: names, collisions, a lock, pictures beside them.

How a file is written so that it cannot tear is for ``staging``.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocrx.batch.staging import write_whole
from ocrx.conversion.stream import Converted
from ocrx.errors import OutputError
from ocrx.serialization import reading_to_dict
from ocrx.source import Candidate, display_name
from ocrx.writers import FigureStyle, OutputFormat, WriteOptions, iter_document

STATE_FOLDER = ".ocrx"
_PICTURES = "_files"
RAW_ENDING = ".raw.jsonl"
_DOCUMENT_ENDING = re.compile(r"\.(?=[0-9]?[A-Za-z])[A-Za-z0-9]{1,5}\Z")
_OWN_PICTURE = re.compile(r"page-\d{4,}-[a-z]+-\d+\.png\Z")
_MOST_STEM_BYTES = 255 - len(RAW_ENDING)  # 255 bytes are the most that file systems take
_FATAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class OutputPlaceError(OutputError):
    """Nothing more can be written at all: the disk is full or read-only."""


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """All that decides the bytes of an output, besides the document."""

    format: OutputFormat = OutputFormat.MD
    write: WriteOptions = field(default_factory=WriteOptions)
    keep_raw: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A document and where its output goes, relative to the output folder.

    ``name`` is how people call it where that is not its path: ``-`` for standard input.
    """

    path: str
    output: str
    name: str | None = None

    @property
    def shown(self) -> str:
        """The name for events and records."""
        return self.name or self.path


@dataclass(frozen=True, slots=True)
class Published:
    """What was written: the document's hash and size, and the names beside it."""

    sha256: str
    size_bytes: int
    files: tuple[str, ...]


def plan_outputs(
    candidates: Iterable[Candidate], directory: Path, output_format: OutputFormat
) -> tuple[Planned, ...]:
    """Return where every document goes, in the order given.

    A document that is named twice is planned once.

    Raises:
        OutputError: two documents have one output, or an output would replace an input.
    """
    taken: dict[str, Planned] = {}
    for candidate in candidates:
        output = output_name(candidate.relative, output_format)
        other = taken.setdefault(output, Planned(candidate.path, output, candidate.name))
        if other.path != candidate.path and not _same_file(other.path, candidate.path):
            first, second = display_name(other.shown), display_name(candidate.shown)
            place = display_name(str(directory / output))
            raise OutputError(f"{first} and {second} would both be written to {place}")
    planned = tuple(taken.values())
    _require_apart(planned, directory)
    return planned


def output_name(relative: str, output_format: OutputFormat) -> str:
    """Return ``letters/a.md`` for ``letters/a.pdf``."""
    relative = "stdin" if relative == "-" else relative.lstrip("/")
    folder, _, name = relative.rpartition("/")
    stem = _fitting(_DOCUMENT_ENDING.sub("", name))
    return f"{folder}/{stem}{output_format.extension}" if folder else stem + output_format.extension


def _fitting(stem: str) -> str:
    """Cut a name that leaves no room for our endings, and keep it apart from its likes."""
    data = os.fsencode(stem)
    if len(data) <= _MOST_STEM_BYTES:
        return stem
    mark = f"-{hashlib.sha256(data).hexdigest()[:8]}"
    # Bytes cut in the middle of a character would be no name on every file system.
    return os.fsencode(stem)[: _MOST_STEM_BYTES - len(mark)].decode("utf-8", "ignore") + mark


def pictures_folder(output: Path) -> Path:
    """Return the folder of a document's pictures: ``report_files`` beside ``report.md``."""
    return output.with_name(output.stem + _PICTURES)


def is_own_picture(path: str, directory: Path) -> bool:
    """Whether a file is a picture that a run wrote below ``directory``, beside a document.

    Known by its place and name, so that what a killed run left is known, too.
    """
    place = Path(os.path.realpath(path))
    if not place.parent.name.endswith(_PICTURES) or not _OWN_PICTURE.match(place.name):
        return False
    return place.is_relative_to(os.path.realpath(directory))


def publish(target: Path, converted: Converted, settings: OutputSettings) -> Published:
    """Write a document, its pictures and its raw text; pictures of an earlier run go.

    Raises:
        OutputPlaceError: the disk is full or read-only.
        OutputError: this output cannot be written.
    """
    try:
        return _publish(target, converted, settings)
    except OSError as error:
        kind = OutputPlaceError if error.errno in _FATAL else OutputError
        reason = error.strerror or str(error)
        raise kind(f"{display_name(str(target))}: cannot be written: {reason}") from error


def _publish(target: Path, converted: Converted, settings: OutputSettings) -> Published:
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = pictures_folder(target)
    written: list[Path] = []
    if settings.write.figures is FigureStyle.FILES:
        written += _write_pictures(folder, converted)
    options = replace(settings.write, figures_directory=folder.name)
    pieces = iter_document(converted.document, settings.format, options, converted.assets)
    digest, size = write_whole(target, (piece.encode("utf-8") for piece in pieces))
    if settings.keep_raw:
        raw = target.with_name(target.stem + RAW_ENDING)
        write_whole(raw, _raw_lines(converted))
        written.append(raw)
    _remove_stale(folder, {path.name for path in written})
    names = tuple(str(path.relative_to(target.parent)) for path in written)
    return Published(digest, size, names)


def _write_pictures(folder: Path, converted: Converted) -> list[Path]:
    written = []
    for name in converted.assets:
        try:
            asset = converted.assets[name]
        except KeyError:
            where = display_name(converted.document.source)
            raise OutputError(f"{where}: {name} was lost from the page store; run again") from None
        folder.mkdir(exist_ok=True)
        write_whole(folder / name, [asset.data])
        written.append(folder / name)
    return written


def _raw_lines(converted: Converted) -> Iterator[bytes]:
    for kept in converted.kept():
        yield json.dumps(reading_to_dict(kept)).encode() + b"\n"


def _remove_stale(folder: Path, current: set[str]) -> None:
    """Remove pictures that this program once wrote and no longer does; nothing else."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if _OWN_PICTURE.match(path.name) and path.name not in current:
            path.unlink()
    with suppress(OSError):
        folder.rmdir()  # only when it is empty


@contextmanager
def locked(directory: Path) -> Iterator[Path]:
    """Hold an output folder alone; yield the folder of its state, which is created.

    The lock ends with the process, however that ends.

    Raises:
        OutputError: another run holds it, or it cannot be written.
    """
    state = directory / STATE_FOLDER
    shown = display_name(str(directory))
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = (state / "lock").open("ab")
    except OSError as error:
        raise OutputError(f"{shown}: cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(f"{shown}: another run of ocrx is writing there") from None
        except OSError:
            pass  # a file system without locks: nothing to be had
        yield state


def _require_apart(planned: Sequence[Planned], directory: Path) -> None:
    inputs = {os.path.realpath(each.path): each.path for each in planned}
    for each in planned:
        victim = inputs.get(os.path.realpath(directory / each.output))
        if victim is not None:
            place = display_name(str(directory / each.output))
            source = display_name(each.path)
            raise OutputError(f"the output of {source} would replace the input {place}")


def _same_file(first: str, second: str) -> bool:
    return os.path.realpath(first) == os.path.realpath(second)
