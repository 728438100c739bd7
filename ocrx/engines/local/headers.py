"""What the weight files of a folder say they hold, and whether that is a model's tensors.

Reads the headers of safetensors files alone, so that a wrong checkpoint is refused before any of
it is loaded. Whether the numbers inside are the published ones is for ``verifying``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from ocrx.engines.local.catalogue import TOKENIZER_FILE
from ocrx.engines.local.configuration import read_config
from ocrx.engines.local.layout import published_tensors
from ocrx.engines.local.places import disposable
from ocrx.errors import MissingRequirementError

INDEX_FILE = "model.safetensors.index.json"
SINGLE_FILE = "model.safetensors"
MAX_INDEX_BYTES = 2**24  # the published ones have 2**18
MAX_SHARDS = 1000
_DTYPES = frozenset({"BF16", "F16", "F32"})
_PICKLES = (".bin", ".pt", ".pth", ".ckpt")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class TensorHeader:
    """One tensor of a weight file."""

    file: Path
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


def checked_checkpoint(folder: Path) -> tuple[dict[str, Any], dict[str, TensorHeader]]:
    """Return a folder's configuration and tensors, once they are known to make a model.

    Raises:
        MissingRequirementError: they do not: a file is missing or corrupt, or a tensor is missing,
            unexpected or of another shape. The line says which.
    """
    config = read_config(folder)
    expected = published_tensors(config)
    if not (folder / TOKENIZER_FILE).is_file():
        raise MissingRequirementError(f"{folder}: {TOKENIZER_FILE} is missing")
    found = read_headers(folder)
    check_tensors(folder, found, expected)
    return config, found


def read_headers(folder: Path) -> dict[str, TensorHeader]:
    """Return every tensor of a checkpoint by its name; no tensor is read.

    The files are those that the index names, or ``model.safetensors`` where there is no index.

    Raises:
        MissingRequirementError: there are no weights, they are pickles, a file is missing, corrupt
            or cut short, or holds numbers of a kind that is not loaded.
    """
    tensors: dict[str, TensorHeader] = {}
    for file in _weight_files(folder):
        for name, header in _headers_of(file).items():
            if name in tensors:
                raise MissingRequirementError(
                    f"{file}: {name} is also in {tensors[name].file.name}; {_remedy(folder)}"
                )
            tensors[name] = header
    return tensors


def check_tensors(
    folder: Path, found: Mapping[str, TensorHeader], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Check that a checkpoint holds exactly a model's tensors.

    Raises:
        MissingRequirementError: one is missing, unexpected, or of another shape.
    """
    problems = {
        "lacks": [name for name in expected if name not in found],
        "holds what its config.json has no place for:": [
            name for name in found if name not in expected
        ],
        "differs from its config.json in": [
            f"{name} ({_shown(found[name].shape)} instead of {_shown(shape)})"
            for name, shape in expected.items()
            if name in found and found[name].shape != shape
        ],
    }
    for problem, names in problems.items():
        if names:
            raise MissingRequirementError(
                f"{folder}: the checkpoint {problem} {_some(names)}; {_remedy(folder)}"
            )


def _weight_files(folder: Path) -> list[Path]:
    index = folder / INDEX_FILE
    if index.is_file():
        return [folder / name for name in _indexed(index)]
    if (folder / SINGLE_FILE).is_file():
        return [folder / SINGLE_FILE]
    try:
        pickles = sorted(file.name for file in folder.iterdir() if file.suffix in _PICKLES)
    except OSError as error:
        raise MissingRequirementError(f"{folder}: cannot be read ({error.strerror})") from error
    why = f"; {pickles[0]} is a pickle, which is never loaded" if pickles else ""
    raise MissingRequirementError(
        f"{folder}: no {INDEX_FILE} or {SINGLE_FILE} here{why}; ocrx models list shows what can be"
        " pulled"
    )


def _indexed(index: Path) -> list[str]:
    try:
        with index.open("rb") as file:
            text = file.read(MAX_INDEX_BYTES + 1)
        index_bytes = text if len(text) <= MAX_INDEX_BYTES else b""
        names = sorted(set(json.loads(index_bytes)["weight_map"].values()))
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise MissingRequirementError(
            f"{index}: is not the index of a checkpoint; {_remedy(index.parent)}"
        ) from error
    for name in names:
        plain = isinstance(name, str) and Path(name).name == name and name.endswith(".safetensors")
        if not plain or len(names) > MAX_SHARDS:
            raise MissingRequirementError(
                f"{index}: names {name!r:.80}, which is no safetensors file of its folder;"
                f" {_remedy(index.parent)}"
            )
    return names


def _headers_of(file: Path) -> dict[str, TensorHeader]:
    """Read one header; safetensors checks that the data after it is all there."""
    try:
        with safe_open(file, framework="np") as weights:
            slices = {name: weights.get_slice(name) for name in weights.keys()}  # noqa: SIM118  # no mapping
            for name, part in slices.items():
                if part.get_dtype() not in _DTYPES:
                    raise MissingRequirementError(
                        f"{file}: {name} is {part.get_dtype()}, not one of "
                        + ", ".join(sorted(_DTYPES))
                    )
            return {
                name: TensorHeader(file, tuple(part.get_shape())) for name, part in slices.items()
            }
    except (OSError, SafetensorError) as error:
        why = "missing" if isinstance(error, FileNotFoundError) else f"corrupt ({error})"
        raise MissingRequirementError(f"{file}: is {why}; {_remedy(file.parent)}") from error


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    rest = len(listed) - _SHOWN
    return ", ".join(listed[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _shown(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"


def _remedy(folder: Path) -> str:
    return f"delete {disposable(folder)} and get it again (ocrx models pull NAME)"
