"""ocrx models, doctor's rows on them, and the line that says which engine auto took."""

import json
import re
import shutil
from pathlib import Path

import pytest
from command import Command

from ocrx.engines.local.catalogue import CATALOGUE

TINY = Path(__file__).parents[1] / "parity" / "golden" / "tiny-v1"
CARD = CATALOGUE["deepseek-ocr"]
SHARD = "model-00001-of-000001.safetensors"


def fill_cache(ocrx: Command) -> Path:
    cache = Path(ocrx.environment["XDG_CACHE_HOME"], "huggingface", "hub")
    folder = cache / "models--deepseek-ai--DeepSeek-OCR" / "snapshots" / CARD.revision
    shutil.copytree(TINY, folder)
    return folder


def listed(ocrx: Command) -> dict[str, dict[str, object]]:
    done = ocrx("models", "list")
    assert (done.code, done.err) == (0, "")
    return {model["name"]: model for model in json.loads(done.out)["models"]}


def test_list_tells_what_is_downloaded(ocrx: Command) -> None:
    assert [model["cached"] for model in listed(ocrx).values()] == [False, False, False]
    folder = fill_cache(ocrx)
    model = listed(ocrx)["deepseek-ocr"]
    assert model["cached"] is True
    assert model["path"] == str(folder)
    table = ocrx("models", "list", "-f", "table").text
    assert re.search(r"deepseek-ocr +deepseek-ai/DeepSeek-OCR +9f30c71f441d +6.7 GB +downl", table)
    assert re.search(r"unlimited-ocr .* ocrx models pull unlimited-ocr", table)


def test_verify_of_a_folder_names_its_files(ocrx: Command, tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "mine")
    done = ocrx("models", "verify", "mine")
    assert (done.code, done.err) == (0, "")
    assert done.text.splitlines()[-2].startswith(SHARD)
    assert done.text.endswith("mine is sound\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("models", "verify"), "ocrx models pull deepseek-ocr (6.7 GB)"),
        (("models", "verify", "deepsek-ocr"), "did you mean deepseek-ocr?"),
        (("models", "pull", "--offline"), "offline"),
        (("models", "pull", "nonsense"), "there are deepseek-ocr"),
        (("page.png", "--model", "deepseek-ocr"), "ocrx models pull deepseek-ocr (6.7 GB)"),
        (("page.png", "--engine", "local"), "ocrx models pull deepseek-ocr (6.7 GB)"),
        (("page.png", "--engine", "local", "--offline"), "offline"),
        (("page.png", "--model", "nonsense"), "no model and no folder 'nonsense'"),
        (("page.png", "--model", "broken"), f"broken/{SHARD}"),
        (("page.png", "--model", "whole", "--device", "cuda:99"), "no device cuda:99"),
    ],
)
def test_what_is_missing_is_told_in_one_line_before_a_page_is_read(
    ocrx: Command, page: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    shutil.copytree(TINY, tmp_path / "whole")
    shutil.copytree(TINY, tmp_path / "broken")
    (tmp_path / "broken" / SHARD).write_bytes(b"no safetensors")
    done = ocrx(*words, "-q") if words[0] == page.name else ocrx(*words)
    assert (done.code, done.out) == (4, b"")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_verify_names_the_file_that_is_not_the_published_one(ocrx: Command) -> None:
    folder = fill_cache(ocrx)
    done = ocrx("models", "verify", "deepseek-ocr")
    assert done.code == 4
    assert f"{folder / 'config.json'}: is not the published file" in done.err
    assert f"delete {folder.parent.parent}, then ocrx models pull" in done.err
    assert "ocrx models pull deepseek-ocr" in done.err


def test_the_engine_that_auto_took_is_told_on_stderr_unless_quiet(
    ocrx: Command, page: Path
) -> None:
    done = ocrx(page.name)
    assert done.code == 0
    assert re.match(r"ocrx: engine: embedded \(no (GPU|model weights).*\)\n", done.err)
    assert "engine:" not in ocrx(page.name, "-q").err
    assert "engine:" not in ocrx(page.name, "--engine", "embedded").err
    first = ocrx(page.name, "--progress", "json").err.splitlines()[0]
    assert json.loads(first)["event"] == "engine_chosen"


def test_a_task_that_the_engine_lacks_is_a_usage_error(ocrx: Command, page: Path) -> None:
    done = ocrx(page.name, "--engine", "embedded", "--task", "figure")
    assert done.code == 2
    assert "has only: markdown, text, ocr" in done.err
    assert done.err.count("\n") == 1


def test_doctor_tells_devices_models_and_what_auto_takes(ocrx: Command) -> None:
    fill_cache(ocrx)
    done = ocrx("doctor")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"^device cpu +.*GiB free, attention: \w+", done.text, re.MULTILINE)
    assert re.search(r"^model deepseek-ocr +downloaded, revision 9f30c7", done.text, re.MULTILINE)
    assert re.search(r"^model unlimited-ocr +not here: ocrx models pull", done.text, re.MULTILINE)
    assert re.search(r"^auto takes +engine (embedded|local) \(", done.text, re.MULTILINE)
