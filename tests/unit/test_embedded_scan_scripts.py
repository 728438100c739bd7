"""Print that the recogniser does not cover: noticed without Tesseract, read with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from embedded_scan_pages import CHINESE, ENGLISH, GREEK, RUSSIAN, THAI, noisy, page, recogniser
from rapidfuzz.distance import Levenshtein

from ocrx.engines.embedded import tesseract
from ocrx.engines.embedded.scan import read_picture

needs_russian = pytest.mark.skipif(
    not tesseract.is_installed() or "rus" not in tesseract.installed_languages(),
    reason="Tesseract with its Russian pack is not installed (tesseract-ocr-rus)",
)


@pytest.fixture
def no_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take every program off the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_tesseract")
@pytest.mark.parametrize("text", [RUSSIAN, THAI], ids=["Russian", "Thai"])
def test_an_uncovered_script_is_noticed_without_tesseract(text: str) -> None:
    reason = read_picture(page(text), recogniser()).uncovered_script
    assert reason is not None
    assert "tesseract-ocr" in reason


@pytest.mark.usefixtures("no_tesseract")
def test_greek_names_its_package() -> None:
    reason = read_picture(page(GREEK), recogniser()).uncovered_script
    assert reason is not None
    assert "tesseract-ocr-ell" in reason


@pytest.mark.usefixtures("no_tesseract")
@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_a_bad_scan_of_covered_print_raises_no_alarm(text: str) -> None:
    assert (
        read_picture(noisy(page(text, size_pt=13), 40, 1.3), recogniser()).uncovered_script is None
    )


@needs_russian
@pytest.mark.parametrize("turn", [0, 180])
def test_russian_is_read_by_an_installed_tesseract(turn: int) -> None:
    reading = read_picture(page(RUSSIAN, dpi=150).rotate(turn), recogniser())
    text = " ".join(line.text for line in reading.lines)
    assert Levenshtein.normalized_distance(text, RUSSIAN) < 0.03
    assert reading.reader == "tesseract rus"
    assert reading.uncovered_script is None
    assert reading.turned_degrees == turn
    first = reading.lines[0].words[0]
    assert first.text == "Все"
    assert first.box[0] < first.box[2] < reading.width_pt / 4


@needs_russian
def test_a_missing_language_names_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A Tesseract that knows the script of a page and has no pack for it."""
    program = tmp_path / "tesseract"
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '  *list-langs*) echo "List of available languages (1):"; echo eng;;\n'
        '  *) echo "Rotate: 0"; echo "Script: Thai"; echo "Script confidence: 90.0";;\n'
        "esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    tesseract.installed_languages.cache_clear()
    try:
        reading = read_picture(page(THAI), recogniser())
    finally:
        tesseract.installed_languages.cache_clear()
    assert reading.uncovered_script is not None
    assert "Thai" in reading.uncovered_script
    assert "tesseract-ocr-tha" in reading.uncovered_script
