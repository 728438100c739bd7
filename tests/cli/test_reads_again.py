"""A page on which the model runs in circles, and what else a model can be asked, end to end.

``carousel`` of ``tests/reader`` is said without end, and read right where repeats are forbidden
more strictly.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import Command, Result

from tests.reader.content import CAROUSEL, HARBOUR, JUNE, Page, Paragraph, Title
from tests.reader.drawing import answer_of, boxes_in, picture_of
from tests.reader.lessons import free_text
from tests.reader.published import CHECKPOINT

LOCAL = ("--model", CHECKPOINT, "--engine", "local", "--device", "cpu", "--dtype", "float32")
FIRST, LAST = (block.words for block in CAROUSEL.blocks if isinstance(block, Paragraph))


@pytest.fixture
def ocrx(tmp_path: Path) -> Command:
    return Command(tmp_path, {"OMP_NUM_THREADS": "1"})


def _read(ocrx: Command, page: Page, *options: str) -> tuple[dict[str, Any], Result]:
    """Return a page as JSON has it, and how the command ended."""
    done = ocrx(picture_of(page.name), *LOCAL, "-f", "json", *options)
    assert done.text, done.err
    (only,) = json.loads(done.text)["pages"]
    return only, done


def test_a_page_that_runs_in_circles_is_stopped_and_called_suspect(ocrx: Command) -> None:
    page, done = _read(ocrx, CAROUSEL, "--mode", "tiny", "--no-retries", "--strict")
    assert page["provenance"]["stop_reason"] == "repetition"
    assert page["provenance"]["output_tokens"] < 4000  # of 8,192
    assert page["verdict"]["status"] == "suspect"
    assert done.code == 7
    said = [block["text"] for block in page["blocks"] if block["kind"] == "paragraph"]
    assert FIRST in said
    assert LAST not in said


def test_it_is_read_again_and_right(ocrx: Command) -> None:
    page, done = _read(ocrx, CAROUSEL, "--mode", "tiny")
    assert done.code == 0
    said = [block["text"] for block in page["blocks"] if block["kind"] == "paragraph"]
    assert said == [FIRST, LAST]
    assert page["provenance"]["stop_reason"] == "end"
    assert page["verdict"]["status"] == "retried"
    first, *_ = page["provenance"]["attempts"]
    assert first["stop_reason"] == "repetition"


@pytest.mark.parametrize("page", [HARBOUR, JUNE], ids=lambda page: page.name)
def test_plain_text_is_another_task(ocrx: Command, page: Page) -> None:
    read, _ = _read(ocrx, page, "--mode", "tiny", "--task", "text")
    title = page.one(Title).words
    assert title in [block["text"] for block in read["blocks"]]
    assert all("bbox" not in block for block in read["blocks"])
    assert len(read["blocks"]) >= free_text(page).count("\n\n")


def test_a_title_is_located(ocrx: Command) -> None:
    title = HARBOUR.one(Title).words
    read, _ = _read(ocrx, HARBOUR, "--mode", "tiny", "--task", "locate", "--query", title)
    (block,) = read["blocks"]
    (place,) = boxes_in(answer_of(HARBOUR.name), "title")
    assert block["bbox"] == pytest.approx(place, abs=2 / 999)
