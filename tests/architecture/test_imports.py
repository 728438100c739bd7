"""What importing costs, and in which direction imports point."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "transformers", "pymupdf", "fitz", "rapidocr", "onnxruntime", "cv2", "rich"}


def modules_after(code: str) -> set[str]:
    probe = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )
    return {name.split(".")[0] for name in json.loads(done.stderr.strip().splitlines()[-1])}


@pytest.mark.parametrize(
    "code",
    [
        "import ocrx",
        "import ocrx.cli.main",
        "from ocrx.cli.main import run; run(['--help'])",
        "from ocrx.cli.main import run; run(['convert', '--help'])",
        "from ocrx.cli.main import run; run(['no-such-file.pdf'])",
    ],
)
def test_nothing_heavy_is_imported_on_the_way_to_help(code: str) -> None:
    assert modules_after(code) & HEAVY == set()


def test_imports_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--config", ROOT / "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
