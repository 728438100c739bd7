"""Load a checkpoint with transformers' own classes, straight to a device.

Everything that can be wrong with a folder is found in its small files and headers first; then the
tensors are read one by one, from the files that were checked and no others. No code of a
checkpoint is run, no other file of its folder is read, and the network is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers.utils import logging as transformers_logging

from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.configuration import family_of
from ocrx.engines.local.devices import choose_device, choose_dtype, free_bytes
from ocrx.engines.local.headers import TensorHeader, checked_checkpoint
from ocrx.engines.local.layout import UNUSED_TENSOR
from ocrx.engines.local.translation import transformers_class, transformers_config
from ocrx.errors import MissingRequirementError

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in evaluation mode on its device. ``config`` is the published one."""

    model: torch.nn.Module
    config: Mapping[str, Any]
    family: Family
    device: torch.device
    dtype: torch.dtype


def load_model(folder: Path, *, device: str = "auto", dtype: str = "auto") -> LoadedModel:
    """Load the checkpoint in a folder. ``device`` and ``dtype`` are as in ``EngineSettings``.

    Raises:
        MissingRequirementError: the device is not there, the checkpoint is not one that can be
            loaded, or there is not enough memory; nothing has been loaded.
        UsageError: no device or dtype has that name.
    """
    config, tensors = checked_checkpoint(folder)
    place = choose_device(device)
    precision = choose_dtype(dtype, place)
    tensors.pop(UNUSED_TENSOR, None)
    needed = sum(tensor.elements for tensor in tensors.values()) * precision.itemsize
    if needed > free_bytes(place):
        raise _too_little_memory(folder, needed, place, precision)
    try:
        with _quiet(), _slices(tensors, place) as slices:
            model, info = transformers_class(family_of(config)).from_pretrained(
                None,
                config=transformers_config(config),
                state_dict=slices,
                dtype=precision,
                device_map={"": place},
                attn_implementation="sdpa",
                output_loading_info=True,
            )
    except torch.OutOfMemoryError as error:
        raise _too_little_memory(folder, needed, place, precision) from error
    _require_complete(folder, info)
    model.requires_grad_(False)
    return LoadedModel(model, config, family_of(config), place, precision)


def _too_little_memory(
    folder: Path, needed: int, device: torch.device, dtype: torch.dtype
) -> MissingRequirementError:
    """``needed`` is in bytes, for the weights alone."""
    smaller = [] if dtype.itemsize == 2 else ["--dtype bfloat16"]
    elsewhere = [] if device.type == "cpu" else ["--device cpu"]
    helps = " or ".join(smaller + elsewhere) or "another machine, or --engine embedded"
    return MissingRequirementError(
        f"{folder}: the weights need {needed / _GIB:.1f} GiB on {device}, where"
        f" {free_bytes(device) / _GIB:.1f} GiB are free: try {helps}"
    )


@contextmanager
def _slices(tensors: Mapping[str, TensorHeader], device: torch.device) -> Iterator[dict[str, Any]]:
    """Open the weight files; each tensor is read from its own when transformers places it.

    As in transformers, files are mapped into memory, but for Metal, which cannot copy from there.
    """
    metal = device.type == "mps"
    how = {"device": "mps", "backend": "pread"} if metal else {"device": "cpu"}
    with ExitStack() as stack:
        files = {
            file: stack.enter_context(safe_open(file, framework="pt", **how))
            for file in {tensor.file for tensor in tensors.values()}
        }
        yield {name: files[tensor.file].get_slice(name) for name, tensor in tensors.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' own progress bar off the terminal."""
    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()


def _require_complete(folder: Path, info: Mapping[str, Any]) -> None:
    """Check transformers' own account: nothing missing, left over, reshaped or failed."""
    for problem, names in info.items():
        if names:
            raise MissingRequirementError(
                f"{folder}: loading left {problem.replace('_', ' ')}: {str(names)[:200]};"
                " the installed transformers may be too new: pip install 'transformers~=5.23'"
            )
