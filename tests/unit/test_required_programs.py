"""The rule of tests/conftest.py: with OCRX_REQUIRE_PROGRAMS set, a skip is a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SKIPPING = "import pytest\n\ndef test_it():\n    pytest.skip({reason!r})\n"
SKIPPING_MODULE = "import pytest\n\npytest.skip({reason!r}, allow_module_level=True)\n"


def run(folder: Path, source: str, required: bool) -> int:
    shutil.copy(CONFTEST, folder)
    (folder / "test_it.py").write_text(source, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "OCRX_REQUIRE_PROGRAMS"}
    if required:
        environment["OCRX_REQUIRE_PROGRAMS"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True).returncode


@pytest.mark.parametrize("source", [SKIPPING, SKIPPING_MODULE])
def test_a_missing_program_fails_the_run_when_programs_are_required(
    tmp_path: Path, source: str
) -> None:
    assert run(tmp_path, source.format(reason="no chromium"), required=True) != 0


def test_a_missing_program_skips_otherwise(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPING.format(reason="no chromium"), required=False) == 0


@pytest.mark.parametrize("reason", ["needs a GPU", "real weights are not here"])
def test_a_missing_gpu_or_weights_always_skips(tmp_path: Path, reason: str) -> None:
    assert run(tmp_path, SKIPPING.format(reason=reason), required=True) == 0
