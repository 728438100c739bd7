"""What importing costs, and in which direction imports point."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "transformers", "pymupdf", "fitz", "rapidocr", "onnxruntime", "cv2", "rich"}


def modules_after(code: str) -> set[str]:
    probe = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=120, check=True
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


def test_the_embedded_engine_reads_without_torch(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    image = Image.new("L", (600, 200), 255)
    ImageDraw.Draw(image).text((40, 60), "Hello there", fill=0, font_size=40)
    image.save(path)
    loaded = modules_after(f"import ocrx; assert ocrx.convert({str(path)!r}).pages")
    assert loaded & {"torch", "transformers"} == set()
    assert {"pymupdf", "rapidocr"} & loaded  # the test can fail: the engine was really there


def test_choosing_and_making_the_local_engine_imports_no_torch() -> None:
    loaded = modules_after(
        "from ocrx.conversion.choosing import choose_engine; from ocrx.engine import load_engine;"
        "choose_engine(); load_engine('local').close()"
    )
    assert loaded & {"torch", "transformers", "huggingface_hub"} == set()


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
