"""``ocrx doctor``: what is installed, what can be read with it, and where things are kept."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version

import typer

from ocrx.cli.configuration import find_configuration, user_configuration
from ocrx.engine import engine_names
from ocrx.errors import ExitCode

_PACKAGES = ("pymupdf", "rapidocr", "onnxruntime", "pillow", "pillow-heif", "torch", "transformers")
_GIB = 1 << 30
_OTHER_SCRIPTS = {
    "rus": "Cyrillic",
    "kor": "Hangul",
    "ara": "Arabic",
    "tha": "Thai",
    "hin": "Devanagari",
}


def doctor() -> int:
    """Say what is installed, what this machine can run, and what is missing; nothing is changed."""
    from ocrx.conversion.pages_store import default_store_path

    rows = [
        ("ocrx", version("ocrx")),
        ("python", f"{platform.python_version()} ({platform.machine()}, {_cores()} cores)"),
        *((name, _installed(name)) for name in _PACKAGES),
        ("engines", ", ".join(engine_names()) or "none: the installation is broken"),
        *_devices(),
        *_models(),
        ("auto takes", _choice()),
        *_tesseract(),
        ("configuration", _configuration()),
        ("cache of pages", str(default_store_path())),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        typer.echo(f"{name:<{width}}  {value}")
    return ExitCode.OK if engine_names() else ExitCode.MISSING_REQUIREMENT


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _devices() -> list[tuple[str, str]]:
    """Return a row a device: what it is, what it computes in, its memory, its attention kernels."""
    try:
        from ocrx.engines.local.devices import describe_devices

        found = describe_devices()
    except Exception as error:  # noqa: BLE001  # a broken torch or driver is what doctor is for
        why = " ".join(str(error).split())[:200]
        return [("devices", f"torch fails: {type(error).__name__}: {why}")]
    return [
        (
            f"device {device.name}",
            f"{device.product}, {device.dtype}, {device.free_bytes / _GIB:.1f} of "
            f"{device.total_bytes / _GIB:.1f} GiB free, attention: {', '.join(device.kernels)}",
        )
        for device in found
    ]


def _models() -> list[tuple[str, str]]:
    from ocrx.engines.local.catalogue import CATALOGUE
    from ocrx.engines.local.places import hub_cache, is_cached, size_shown

    rows = []
    for card in CATALOGUE.values():
        said = f"not here: ocrx models pull {card.name} ({size_shown(card)})"
        if is_cached(card):
            said = f"downloaded, revision {card.revision[:12]}"
        rows.append((f"model {card.name}", said))
    return [*rows, ("cache of models", str(hub_cache()))]


def _choice() -> str:
    from ocrx.conversion.choosing import choose_engine

    choice = choose_engine()
    return f"engine {choice.engine} ({choice.reason})"


def _tesseract() -> list[tuple[str, str]]:
    """Return rows on Tesseract, which reads the scripts that the packaged models do not know."""
    program = shutil.which("tesseract")
    if program is None:
        scripts = ", ".join(_OTHER_SCRIPTS.values())
        return [("tesseract", f"not installed; without it {scripts} cannot be read")]
    listed = subprocess.run(
        [program, "--list-langs"], capture_output=True, text=True, check=False, timeout=20
    )
    languages = sorted(set(listed.stdout.split("\n")[1:]) - {"", "osd"})
    missing = [name for code, name in _OTHER_SCRIPTS.items() if code not in languages]
    absent = f"; no language data for {', '.join(missing)}" if missing else ""
    return [("tesseract", f"{program} ({', '.join(languages) or 'no languages'}){absent}")]


def _configuration() -> str:
    found = find_configuration(None)
    return str(found) if found else f"none (looked at ./ocrx.toml and {user_configuration()})"
