"""Pulling a model, and what is said when that fails; checking what was pulled."""

import errno
import re
import socket
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RevisionNotFoundError,
)
from model_folders import copy_tiny, published_as_tiny

from ocrx.engines.local.catalogue import CATALOGUE
from ocrx.engines.local.hub import pull
from ocrx.engines.local.places import find_checkpoint, snapshot_folder
from ocrx.engines.local.verifying import verify
from ocrx.errors import MissingRequirementError

CARD = CATALOGUE["deepseek-ocr"]
SHARD = "model-00001-of-000001.safetensors"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


def test_the_pinned_revision_and_the_catalogues_files_alone_are_asked_for(monkeypatch):
    asked = {}

    def download(repo_id, **options):
        asked.update(options, repo_id=repo_id)
        return str(snapshot_folder(CARD))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert pull(CARD) == snapshot_folder(CARD)
    assert asked["repo_id"] == CARD.repo_id
    assert asked["revision"] == CARD.revision
    assert sorted(asked["allow_patterns"]) == sorted(file.name for file in CARD.files)


def answer(kind, status):
    return kind("no", response=SimpleNamespace(status_code=status, headers={}, request=None))


def unreachable():
    error = LocalEntryNotFoundError("An error happened\nwhile trying to locate the files")
    error.__cause__ = socket.gaierror(-2, "Name or service not known")
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (unreachable(), "Name or service not known.*same command goes on"),
        (answer(RevisionNotFoundError, 404), "has no deepseek-ai/DeepSeek-OCR at 9f30c71f441d"),
        (answer(GatedRepoError, 403), "refuses .*hf auth login"),
        (answer(HfHubHTTPError, 401), "refuses .*hf auth login"),
        (answer(HfHubHTTPError, 503), "answers 503"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space left.*HF_HOME"),
        (PermissionError(errno.EACCES, "Permission denied"), "cannot be written to.*HF_HOME"),
        (RuntimeError("xet: data\nprocessing error"), "RuntimeError: xet: data processing error"),
    ],
)
def test_a_failed_download_is_told_in_one_line(monkeypatch, error, said):
    def download(repo_id, **options):
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(MissingRequirementError) as told:
        pull(CARD)
    assert re.search(said, str(told.value))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("variable", [None, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_nothing_is_pulled_offline(monkeypatch, variable):
    monkeypatch.setattr(huggingface_hub, "snapshot_download", None)  # calling it would fail
    if variable is not None:
        monkeypatch.setenv(variable, "1")
    with pytest.raises(MissingRequirementError, match="offline"):
        pull(CARD, offline=variable is None)


def test_a_sound_download_is_checked_file_by_file():
    checked = {file.name: file.checked for file in verify(published_as_tiny(CARD))}
    assert checked["config.json"] == checked["tokenizer.json"] == "as published"
    assert checked[SHARD] == "names, shapes and bytes"
    assert list(checked)[-1] == SHARD


@pytest.mark.parametrize("name", ["tokenizer.json", SHARD])
def test_a_changed_file_is_named_with_what_helps(name):
    checkpoint = published_as_tiny(CARD)
    path = (checkpoint.folder / name).resolve()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(MissingRequirementError, match=f"{name}: is not .*ocrx models pull") as told:
        list(verify(checkpoint))
    assert "\n" not in str(told.value)


def test_a_missing_file_is_named():
    checkpoint = published_as_tiny(CARD)
    (checkpoint.folder / "tokenizer_config.json").unlink()
    with pytest.raises(MissingRequirementError, match=r"tokenizer_config.json: is missing"):
        list(verify(checkpoint))


def test_a_folder_of_ones_own_is_checked_without_published_hashes(tmp_path):
    checkpoint = find_checkpoint(str(copy_tiny(tmp_path / "mine")))
    assert {file.name: file.checked for file in verify(checkpoint)}[SHARD] == "names and shapes"


def test_a_corrupt_shard_of_a_folder_is_named(tmp_path):
    folder = copy_tiny(tmp_path / "mine")
    (folder / SHARD).write_bytes((folder / SHARD).read_bytes()[:-100])
    with pytest.raises(MissingRequirementError, match=SHARD):
        list(verify(find_checkpoint(str(folder))))
