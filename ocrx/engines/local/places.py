"""Where a model's files lie on this machine: in the hub's usual cache, or in a folder.

Looks at names and sizes only, and imports neither torch nor huggingface_hub; what is inside the
files is for ``verifying`` and ``loading``.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from ocrx.engines.local.catalogue import (
    CONFIG_FILE,
    DEFAULT_MODEL,
    TOKENIZER_FILE,
    ModelCard,
    card_named,
    card_of,
    require_card,
)
from ocrx.engines.local.configuration import family_of, read_config
from ocrx.errors import MissingRequirementError

WEIGHTS_ENDING = ".safetensors"
_TRUE = frozenset({"1", "ON", "YES", "TRUE"})  # huggingface_hub.constants
_GIGA = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that is on this machine.

    ``card`` says how it is asked; for a folder it is that of the published model of its family.
    ``revision`` is the hub's commit, or for a folder a hash that changes when its files do.
    """

    folder: Path
    card: ModelCard
    revision: str
    name: str
    cached: bool


def hub_cache() -> Path:
    """Return the hub's cache, by the rules of ``huggingface_hub.constants``."""
    around = os.environ.get("XDG_CACHE_HOME", str(Path("~", ".cache").expanduser()))
    home = _expanded(os.environ.get("HF_HOME", f"{around}/huggingface"))
    older = os.environ.get("HUGGINGFACE_HUB_CACHE", f"{home}/hub")
    return Path(_expanded(os.environ.get("HF_HUB_CACHE", older)))


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111  # the hub's own order


def is_offline(asked: bool) -> bool:
    """Whether the network is forbidden: by ``--offline``, or by the hub's own variables."""
    variable = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return asked or variable.upper() in _TRUE


def snapshot_folder(card: ModelCard) -> Path:
    """Return where the pinned revision of a model is, or would be."""
    return hub_cache() / f"models--{card.repo_id.replace('/', '--')}" / "snapshots" / card.revision


def disposable(folder: Path) -> Path:
    """Return what to delete of a model before it is got again.

    The hub's cache keeps contents beside its snapshots: a snapshot alone would be linked to the
    same bad file anew.
    """
    cached = folder.parent.name == "snapshots" and folder.parent.parent.name.startswith("models--")
    return folder.parent.parent if cached else folder


def is_cached(card: ModelCard) -> bool:
    """Whether all files that a model cannot do without are in the cache."""
    folder = snapshot_folder(card)
    return all((folder / name).is_file() for name in _needed(card))


def _needed(card: ModelCard) -> list[str]:
    weights = [file.name for file in card.files if file.name.endswith(WEIGHTS_ENDING)]
    return [CONFIG_FILE, TOKENIZER_FILE, *weights]


def is_folder(spec: str) -> bool:
    """Whether a ``--model`` means a folder: it is one, and no model of the catalogue."""
    return card_named(spec) is None and Path(spec).expanduser().is_dir()


def find_checkpoint(spec: str | None = None, *, offline: bool = False) -> Checkpoint:
    """Return the model of that name, of that id on the hub, or in that folder.

    Raises:
        MissingRequirementError: it is unknown, or not on this machine; the line says what helps.
    """
    wanted = DEFAULT_MODEL if spec is None else spec
    if is_folder(wanted):
        return _in_folder(Path(wanted).expanduser())
    card = require_card(wanted)
    if not is_cached(card):
        raise MissingRequirementError(not_downloaded(card, offline=offline))
    return Checkpoint(snapshot_folder(card), card, card.revision, card.name, cached=True)


def not_downloaded(card: ModelCard, *, offline: bool = False) -> str:
    """Return the line for a model that is not in the cache."""
    command = f"ocrx models pull {card.name}"
    if is_offline(offline):
        return f"{card.name} is not downloaded, and offline nothing is: first, online, {command}"
    return f"{card.name} is not downloaded: {command} ({size_shown(card)})"


def size_shown(card: ModelCard) -> str:
    """Return the size of a model's weights for people: ``6.7 GB``."""
    return f"{card.size_bytes / _GIGA:.1f} GB"


def _in_folder(folder: Path) -> Checkpoint:
    card = card_of(family_of(read_config(folder)))
    if not (folder / TOKENIZER_FILE).is_file():
        raise MissingRequirementError(f"{folder}: {TOKENIZER_FILE} is missing")
    name = folder.resolve().name
    return Checkpoint(folder, card, _state_of(folder), name, cached=False)


def _state_of(folder: Path) -> str:
    """Hash the small files, and of the weights names, sizes and times: reading them takes long."""
    state = hashlib.sha256()
    for name in (CONFIG_FILE, TOKENIZER_FILE):
        state.update((folder / name).read_bytes())
    for file in sorted(folder.glob(f"*{WEIGHTS_ENDING}")):
        about = file.stat()
        state.update(f"\n{file.name} {about.st_size} {about.st_mtime_ns}".encode())
    return state.hexdigest()
