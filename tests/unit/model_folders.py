"""Models on disk for tests: the hub's cache and plain folders, filled with a tiny checkpoint."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

from ocrx.engines.local.catalogue import ModelCard, PublishedFile
from ocrx.engines.local.places import Checkpoint, snapshot_folder

TINY = Path(__file__).parents[1] / "parity" / "golden" / "tiny-v1"


def copy_tiny(folder: Path) -> Path:
    """Copy the tiny checkpoint into a folder of its own, writable."""
    folder.mkdir(parents=True)
    for file in TINY.iterdir():
        shutil.copyfile(file, folder / file.name)
    return folder


def fill_cache(card: ModelCard) -> Path:
    """Put the tiny checkpoint where the hub's cache would have a model: links to named blobs."""
    folder = snapshot_folder(card)
    blobs = folder.parents[1] / "blobs"
    blobs.mkdir(parents=True)
    folder.mkdir(parents=True)
    for file in TINY.iterdir():
        data = file.read_bytes()
        large = file.suffix == ".safetensors"
        name = hashlib.sha256(data).hexdigest() if large else git_blob(data)
        (blobs / name).write_bytes(data)
        (folder / file.name).symlink_to(blobs / name)
    return folder


def git_blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def published_as_tiny(card: ModelCard) -> Checkpoint:
    """Return a cached model whose catalogue entry tells the tiny checkpoint's own hashes."""
    folder = fill_cache(card)
    files = tuple(
        PublishedFile(file.name, git_blob=git_blob(file.read_bytes()))
        if file.suffix == ".json"
        else PublishedFile(file.name)
        for file in sorted(TINY.iterdir())
    )
    card = replace(card, files=files)
    return Checkpoint(folder, card, card.revision, card.name, cached=True)
