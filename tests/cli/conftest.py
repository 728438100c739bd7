from collections.abc import Callable
from pathlib import Path

import pytest
from command import Command, draw


@pytest.fixture
def ocrx(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    draw(path)
    return path


@pytest.fixture
def document(tmp_path: Path) -> Callable[[str, int], Path]:
    def make(name: str, pages: int) -> Path:
        path = tmp_path / name
        draw(path, pages)
        return path

    return make
