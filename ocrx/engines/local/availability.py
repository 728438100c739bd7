"""Which devices a model could run on, found without torch: its import takes seconds.

What memory a device has, and what it can compute, is for ``devices``, which asks torch itself.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from ocrx.errors import MissingRequirementError

_NODE = re.compile(r"nvidia(\d+)")
_CUDA_OF_TORCH = re.compile(r"^(?:cuda|hip)\s*(?::[^=]*)?=\s*['\"]", re.MULTILINE)


def cuda_devices(nodes: Path = Path("/dev"), torch_version: Path | None = None) -> tuple[str, ...]:
    """Return the NVIDIA devices that torch would see, as ``cuda:0`` and so on.

    From the driver's device nodes, CUDA_VISIBLE_DEVICES, and the file in which torch says what it
    was built for.
    """
    version = torch_version or _torch_version_file()
    if version is None or not version.is_file():
        return ()
    if not _CUDA_OF_TORCH.search(version.read_text(encoding="utf-8")):
        return ()
    count = _visible(_driver_devices(nodes))
    return tuple(f"cuda:{index}" for index in range(count))


def _torch_version_file() -> Path | None:
    found = find_spec("torch")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)), "version.py")


def _driver_devices(nodes: Path) -> int:
    """Count the device nodes: a container has only those it was given. WSL has one for all."""
    try:
        names = os.listdir(nodes)  # noqa: PTH208  # names are enough
    except OSError:
        return 0
    return sum(_NODE.fullmatch(name) is not None for name in names) or int("dxg" in names)


def _visible(count: int) -> int:
    """Apply CUDA_VISIBLE_DEVICES: indices or UUIDs; the first invalid one ends the list."""
    listed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if listed is None:
        return count
    seen = 0
    for word in (each.strip() for each in listed.split(",")):
        is_index = re.fullmatch(r"\d+", word) is not None
        if not (is_index and int(word) < count) and not word.startswith(("GPU-", "MIG-")):
            break
        seen += 1
    return min(seen, count)


def has_mps() -> bool:
    """Whether this is a Mac with a GPU that torch can use."""
    return sys.platform == "darwin" and platform.machine() == "arm64"


def accelerators() -> tuple[str, ...]:
    """Return the devices on which a model is worth running unasked."""
    return cuda_devices() or (("mps",) if has_mps() else ())


def devices_for(setting: str) -> tuple[str, ...]:
    """Return the devices that a ``--device`` means; one worker runs on each.

    Raises:
        MissingRequirementError: the device is not here, or the word means none.
    """
    if setting == "auto":
        return accelerators() or ("cpu",)
    if setting == "cpu" or (setting == "mps" and has_mps()):
        return (setting,)
    found = cuda_devices()
    if setting == "cuda" and found:
        return found
    if setting in found:
        return (setting,)
    here = ", ".join((*accelerators(), "cpu"))
    raise MissingRequirementError(f"no device {setting} on this machine (there is {here})")
