"""Where models are found on this machine, and which devices, without loading anything."""

import json
import os
import subprocess
import sys

import pytest
from model_folders import copy_tiny, fill_cache

from ocrx.engines.local import availability
from ocrx.engines.local.availability import cuda_devices, devices_for
from ocrx.engines.local.catalogue import CATALOGUE
from ocrx.engines.local.places import find_checkpoint, hub_cache, is_cached, is_offline
from ocrx.errors import MissingRequirementError

CARD = CATALOGUE["deepseek-ocr"]
VARIABLES = (
    "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME",
    "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE",
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"XDG_CACHE_HOME": "/x/cache"},
        {"HF_HOME": "~/models"},
        {"HF_HOME": "$PWD/models", "XDG_CACHE_HOME": "/x"},
        {"HUGGINGFACE_HUB_CACHE": "/old", "HF_HOME": "/h"},
        {"HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "~/new"},
        {"HF_HUB_OFFLINE": "yes"},
        {"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"},
        {"HF_HUB_OFFLINE": "", "TRANSFORMERS_OFFLINE": "1"},
        {"HF_HUB_OFFLINE": "on"},
    ],
)
def test_cache_and_offline_are_what_the_hub_library_says(monkeypatch, variables):
    monkeypatch.delenv("HF_HOME")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    probe = (
        "import json; from huggingface_hub import constants as c;"
        "print(json.dumps([c.HF_HUB_CACHE, c.HF_HUB_OFFLINE]))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True)
    assert [str(hub_cache()), is_offline(False)] == json.loads(done.stdout)


def test_a_model_is_cached_when_its_pinned_revision_is_whole():
    assert not is_cached(CARD)
    folder = fill_cache(CARD)
    assert is_cached(CARD)
    assert find_checkpoint("deepseek-ai/DeepSeek-OCR").folder == folder
    assert find_checkpoint().revision == CARD.revision
    weights = next(folder.glob("*.safetensors"))
    weights.resolve().unlink()  # a link to a blob that was cleaned away
    assert not is_cached(CARD)


def test_a_missing_model_is_told_with_the_command_and_the_size():
    with pytest.raises(MissingRequirementError) as told:
        find_checkpoint()
    said = "deepseek-ocr is not downloaded: ocrx models pull deepseek-ocr (6.7 GB)"
    assert str(told.value) == said
    with pytest.raises(MissingRequirementError, match="offline"):
        find_checkpoint("deepseek-ocr", offline=True)


def test_a_folder_is_a_model_and_goes_by_the_card_of_its_family(tmp_path):
    folder = copy_tiny(tmp_path / "mine")
    found = find_checkpoint(str(folder))
    assert (found.name, found.card, found.cached) == ("mine", CARD, False)
    assert found.folder == folder


def test_a_folder_gets_another_revision_when_a_file_changes(tmp_path):
    folder = copy_tiny(tmp_path / "mine")
    before = find_checkpoint(str(folder)).revision
    assert find_checkpoint(str(folder)).revision == before
    weights = next(folder.glob("*.safetensors"))
    os.utime(weights, ns=(1, 1))
    assert find_checkpoint(str(folder)).revision != before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_folder_without_a_needed_file_is_refused_by_the_files_name(tmp_path, name):
    folder = copy_tiny(tmp_path / "mine")
    (folder / name).unlink()
    with pytest.raises(MissingRequirementError, match=name):
        find_checkpoint(str(folder))


def test_a_folder_of_an_unknown_model_is_refused(tmp_path):
    folder = copy_tiny(tmp_path / "mine")
    (folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    with pytest.raises(MissingRequirementError, match="LlamaForCausalLM"):
        find_checkpoint(str(folder))


def machine(tmp_path, nodes, cuda="'12.8'"):
    for name in nodes:
        (tmp_path / name).touch()
    version = tmp_path / "version.py"
    version.write_text(f"__version__ = '2.13.0'\ncuda: Optional[str] = {cuda}\nhip = None\n")
    return {"nodes": tmp_path, "torch_version": version}


@pytest.mark.parametrize(
    ("visible", "count"),
    [(None, 2), ("0", 1), ("1,0", 2), ("", 0), ("-1", 0), ("0,7,1", 1), ("GPU-8d2c,GPU-77", 2)],
)
def test_devices_are_the_drivers_that_the_variable_leaves(monkeypatch, tmp_path, visible, count):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    here = machine(tmp_path, ["nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "null"])
    assert cuda_devices(**here) == tuple(f"cuda:{index}" for index in range(count))


def test_a_torch_without_cuda_has_no_devices(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert cuda_devices(**machine(tmp_path, ["nvidia0"], cuda="None")) == ()
    assert cuda_devices(**machine(tmp_path, ["dxg"])) == ("cuda:0",)


def test_a_device_setting_means_devices_that_are_here(monkeypatch):
    monkeypatch.setattr(availability, "cuda_devices", lambda: ("cuda:0", "cuda:1"))
    assert devices_for("auto") == devices_for("cuda") == ("cuda:0", "cuda:1")
    assert devices_for("cuda:1") == ("cuda:1",)
    assert devices_for("cpu") == ("cpu",)
    for absent in ("cuda:2", "tpu"):
        with pytest.raises(MissingRequirementError, match=f"{absent}.*cuda:0, cuda:1, cpu"):
            devices_for(absent)
    monkeypatch.setattr(availability, "cuda_devices", lambda: ())
    monkeypatch.setattr(availability, "has_mps", lambda: False)
    assert devices_for("auto") == ("cpu",)


def test_looking_imports_neither_torch_nor_the_hub_library():
    probe = (
        "import sys; from ocrx.conversion.choosing import choose_engine; choose_engine();"
        "print({'torch', 'transformers', 'huggingface_hub', 'safetensors'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
