"""Checking a model's files: tensors of the right names and shapes, bytes of the right hashes.

Reads every byte, which takes as long as the disk is slow; loading checks names and shapes alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocrx.engines.local.catalogue import PublishedFile
from ocrx.engines.local.headers import checked_checkpoint
from ocrx.engines.local.places import WEIGHTS_ENDING, Checkpoint, disposable
from ocrx.errors import MissingRequirementError

_CHUNK_BYTES = 1 << 22
_SHA256_NAME = re.compile(r"[0-9a-f]{64}")
_GIT_NAME = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that is as it should be; ``checked`` says what of it was compared."""

    name: str
    size_bytes: int
    checked: str


def verify(checkpoint: Checkpoint) -> Iterator[CheckedFile]:
    """Yield the files of a model as they are found sound; the weights come last.

    A published hash is compared where the catalogue has one. Of others the hub's cache names the
    content by its hash (``blobs/``); a plain folder has no such names.

    Raises:
        MissingRequirementError: a file is missing or not what was published, or a tensor is; the
            line names the file.
    """
    checked_checkpoint(checkpoint.folder)
    published = {file.name: file for file in checkpoint.card.files}
    known = [*(published if checkpoint.cached else ()), *_present(checkpoint.folder)]
    for name in sorted(
        dict.fromkeys(known), key=lambda name: (name.endswith(WEIGHTS_ENDING), name)
    ):
        expected = published.get(name, PublishedFile(name)) if checkpoint.cached else None
        yield _checked(checkpoint, checkpoint.folder / name, expected)


def _present(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.suffix in (".json", WEIGHTS_ENDING)]


def _checked(checkpoint: Checkpoint, path: Path, expected: PublishedFile | None) -> CheckedFile:
    """Compare one file with the hash that is known of it.

    In a folder of one's own nothing is expected: a fine-tuned model is not the published one.
    """
    if not path.is_file():
        raise MissingRequirementError(f"{path}: is missing; {_remedy(checkpoint)}")
    what = "names and shapes" if path.suffix == WEIGHTS_ENDING else "readable"
    size = path.stat().st_size
    git_blob, sha256 = _expected_hashes(path, expected)
    if git_blob is not None:
        _compare(path, _hash_of(path, "sha1", b"blob %d\0" % size), git_blob, checkpoint)
        what = "as published"
    elif sha256 is not None:
        _compare(path, _hash_of(path, "sha256"), sha256, checkpoint)
        what = "names, shapes and bytes" if path.suffix == WEIGHTS_ENDING else "as published"
    return CheckedFile(path.name, size, what)


def _expected_hashes(path: Path, expected: PublishedFile | None) -> tuple[str | None, str | None]:
    """Return the git and the SHA-256 hash that a file must have, at most one of them known."""
    if expected is None:
        return None, None
    if expected.git_blob or expected.sha256:
        return expected.git_blob, expected.sha256
    blob = path.resolve().name if path.is_symlink() else ""
    if _SHA256_NAME.fullmatch(blob):
        return None, blob
    return (blob, None) if _GIT_NAME.fullmatch(blob) else (None, None)


def _hash_of(path: Path, algorithm: str, prefix: bytes = b"") -> str:
    found = hashlib.new(algorithm, prefix, usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                found.update(chunk)
    except OSError as error:
        raise MissingRequirementError(f"{path}: cannot be read ({error.strerror})") from error
    return found.hexdigest()


def _compare(path: Path, found: str, expected: str, checkpoint: Checkpoint) -> None:
    if found != expected:
        raise MissingRequirementError(
            f"{path}: is not the published file (hash {found[:12]}, not {expected[:12]}); "
            f"{_remedy(checkpoint)}"
        )


def _remedy(checkpoint: Checkpoint) -> str:
    if checkpoint.cached:
        return f"delete {disposable(checkpoint.folder)}, then ocrx models pull {checkpoint.name}"
    return "copy it again"
