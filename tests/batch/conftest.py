from __future__ import annotations

from pathlib import Path

import pytest
from making import Calls
from misbehaving import STATE


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What the engine was asked to recognise, in any process."""
    folder = tmp_path / "state"
    folder.mkdir()
    monkeypatch.setenv(STATE, str(folder))
    return Calls(folder / "calls")


@pytest.fixture(autouse=True)
def no_user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRX_CACHE_DIR", str(tmp_path / "cache"))
