"""Devices, as torch sees them: which one, how precise, how much memory, which attention kernels."""

from __future__ import annotations

import gc
import warnings
from dataclasses import dataclass
from typing import cast

import psutil  # type: ignore[import-untyped]  # carries no types
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from ocrx.errors import MissingRequirementError, UsageError

_DTYPES = {
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float32": torch.float32,
}
_KERNELS = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "memory-efficient": SDPBackend.EFFICIENT_ATTENTION,
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "math": SDPBackend.MATH,
}
_BF16_CAPABILITY = (8, 0)  # Ampere, the first with bfloat16 in its tensor cores
_BF16_MACOS = (14, 0)  # the first whose Metal has bfloat16


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What ``ocrx doctor`` says of a device. Memory is in bytes; ``kernels`` are for attention."""

    name: str
    product: str
    dtype: str
    free_bytes: int
    total_bytes: int
    kernels: tuple[str, ...]


def choose_device(setting: str) -> torch.device:
    """Return the device for ``auto``, ``cpu``, ``mps``, ``cuda`` or ``cuda:N``.

    Raises:
        MissingRequirementError: this machine, or this build of torch, has no such device.
        UsageError: the name is none of these.
    """
    if setting == "auto":
        return present_devices()[0]
    try:
        device = torch.device(setting)
    except RuntimeError as error:
        raise UsageError(
            f"no device is called {setting!r}: auto, cpu, cuda, cuda:1, mps"
        ) from error
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", 0)
    present = present_devices()
    if device in present:
        return device
    had = ", ".join(str(other) for other in present)
    raise MissingRequirementError(f"no device {setting} here, only {had}; ocrx doctor says more")


def present_devices() -> tuple[torch.device, ...]:
    """Return the devices of this machine, the fastest first and the CPU last."""
    found = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(torch.device("mps"))
    return (*found, torch.device("cpu"))


def choose_dtype(setting: str, device: torch.device) -> torch.dtype:
    """Return the dtype for ``auto``, ``bfloat16``, ``float16`` or ``float32`` on a device.

    ``auto`` is the published bfloat16 wherever the device computes in it; else float16 on a GPU
    and float32 on a CPU.

    Raises:
        UsageError: the name is none of these.
    """
    if setting == "auto":
        half = torch.float32 if device.type == "cpu" else torch.float16
        return torch.bfloat16 if _has_bfloat16(device) else half
    if setting not in _DTYPES:
        raise UsageError(f"no dtype is called {setting!r}: auto, {', '.join(_DTYPES)}")
    return _DTYPES[setting]


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.get_device_capability(device) >= _BF16_CAPABILITY)
    if device.type == "mps":
        return bool(torch.backends.mps.is_macos_or_newer(*_BF16_MACOS))
    # Older versions of torch do not tell; float32 is right everywhere.
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


def free_bytes(device: torch.device) -> int:
    """Return the memory that new tensors can take, what torch keeps for reuse included."""
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return cast(int, torch.cuda.mem_get_info(device)[0] + kept)
    if device.type == "mps":
        return max(0, total_bytes(device) - cast(int, torch.mps.driver_allocated_memory()))
    return cast(int, psutil.virtual_memory().available)


def total_bytes(device: torch.device) -> int:
    """Return the memory of a device (of Metal: what it may use)."""
    if device.type == "cuda":
        return cast(int, torch.cuda.mem_get_info(device)[1])
    if device.type == "mps":
        return cast(int, torch.mps.recommended_max_memory())
    return cast(int, psutil.virtual_memory().total)


def release_memory() -> None:
    """Give back to the devices what torch keeps for reuse, once its tensors are forgotten."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def describe_devices() -> tuple[DeviceReport, ...]:
    """Describe every device of this machine. Starts CUDA, which takes a second and some memory."""
    return tuple(_describe(device) for device in present_devices())


def _describe(device: torch.device) -> DeviceReport:
    dtype = choose_dtype("auto", device)
    name = next(name for name, value in _DTYPES.items() if value is dtype)
    kernels = tuple(kernel for kernel in _KERNELS if _runs(kernel, device, dtype))
    free, total = free_bytes(device), total_bytes(device)
    return DeviceReport(str(device), _product(device), name, free, total, kernels)


def _product(device: torch.device) -> str:
    if device.type == "cuda":
        return cast(str, torch.cuda.get_device_name(device))
    if device.type == "mps":
        return "Apple Metal"
    cores = psutil.cpu_count(logical=False) or 1
    return f"{torch.backends.cpu.get_cpu_capability()}, {cores} cores"


def _runs(kernel: str, device: torch.device, dtype: torch.dtype) -> bool:
    """Whether attention runs with that kernel alone: tried, on 16 tokens, since builds differ."""
    states = torch.zeros(1, 1, 16, 64, device=device, dtype=dtype)
    try:
        with warnings.catch_warnings(), sdpa_kernel([_KERNELS[kernel]]):
            warnings.simplefilter("ignore")  # torch says at length why a kernel cannot run
            torch.nn.functional.scaled_dot_product_attention(states, states, states)
    except RuntimeError:
        return False
    return True
