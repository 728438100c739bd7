"""Pages that are not believable climb: what was tried is in their provenance."""

from __future__ import annotations

from pathlib import Path

import pytest
from decoding import LOOPING, SPEC
from inked import device_runner, make_inked, recognition_of, result_of, state_lines, submit
from making import Calls, drain

from ocrx.conversion.ladder import AS_ASKED, STRICTLY
from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.work import Outcome
from ocrx.document import StopReason, VerdictStatus

LOOP, END = StopReason.REPETITION, StopReason.END
MODE_UP, TURNED, TURNED_BACK = "in mode small", "turned by 90 degrees", "turned by 270 degrees"


@pytest.fixture
def state(calls: Calls) -> Path:
    return calls.path.parent


def read_one(path: Path, *, climb: bool = True, **limits: float) -> Outcome:
    with device_runner(1, RecognitionOptions(engine=SPEC, climb=climb), **limits) as runner:
        submit(runner, make_inked(path))
        return drain(runner, 1)[0]


@pytest.mark.parametrize(
    ("wish", "tried"),
    [
        ("mild", [AS_ASKED]),
        ("tiny", [AS_ASKED, STRICTLY]),
        ("sideways", [AS_ASKED, STRICTLY, MODE_UP, TURNED]),
        ("loop", [AS_ASKED, STRICTLY, MODE_UP, TURNED, TURNED_BACK]),
    ],
)
def test_a_page_climbs_until_it_is_believable(
    tmp_path: Path, state: Path, wish: str, tried: list[str]
) -> None:
    outcome = read_one(tmp_path / f"{wish}@0.tif")
    page = result_of(outcome)
    assert [attempt.how for attempt in page.provenance.attempts] == tried
    assert {attempt.stop_reason for attempt in page.provenance.attempts} == {LOOP}
    assert page.provenance.stop_reason is END
    assert page.blocks[0].text == "This is page 1."
    assert len(state_lines(state, "tries")) == len(tried) + (wish != "loop")


def test_provenance_says_how_the_text_that_stands_was_had(tmp_path: Path, state: Path) -> None:
    larger = result_of(read_one(tmp_path / "tiny@0.tif"))
    assert larger.provenance.mode == "small"
    turned = recognition_of(read_one(tmp_path / "sideways@0.tif"))
    assert turned.turned_degrees == 270
    other = result_of(read_one(tmp_path / "loop@0.tif"))
    assert (other.provenance.engine, other.provenance.model) == ("fallback", "plain")


def test_a_page_turned_for_its_text_keeps_its_pictures(tmp_path: Path, state: Path) -> None:
    outcome = read_one(tmp_path / "sideways@0.tif")
    assert outcome.reading is not None
    assert [asset.name for asset in outcome.reading.assets] == ["page-0001-figure-1.png"]


def test_the_reading_of_the_other_engine_keeps_its_pictures(tmp_path: Path, state: Path) -> None:
    outcome = read_one(tmp_path / "fail@0.tif")
    assert outcome.reading is not None
    assert len(outcome.reading.assets) == 1
    lines = state_lines(state, "fallbacks")
    assert [plan for _, plan in lines] == ["None"]  # its own best reading, text layer allowed


def test_an_empty_answer_for_a_page_with_ink_is_not_believed(tmp_path: Path, state: Path) -> None:
    page = result_of(read_one(tmp_path / "void@0.tif"))
    assert page.provenance.engine == "fallback"
    assert "ink" in page.provenance.attempts[0].reason


def test_without_the_ladder_a_loop_stays_suspect(tmp_path: Path, state: Path) -> None:
    page = result_of(read_one(tmp_path / "loop@0.tif", climb=False))
    assert page.verdict.status is VerdictStatus.SUSPECT
    assert page.provenance.attempts == ()
    assert page.blocks[0].text == LOOPING.strip()
    assert state_lines(state, "fallbacks") == []


def test_without_the_ladder_an_empty_answer_is_suspect_not_blank(
    tmp_path: Path, state: Path
) -> None:
    page = result_of(read_one(tmp_path / "void@0.tif", climb=False))
    assert page.verdict.status is VerdictStatus.SUSPECT


def test_a_page_that_nobody_can_read_keeps_its_best_text(tmp_path: Path, state: Path) -> None:
    page = result_of(read_one(tmp_path / "loop@0-both.tif"))
    assert page.verdict.status is VerdictStatus.SUSPECT
    assert page.blocks[0].text == LOOPING.strip()
    assert page.provenance.attempts[-1].how == "with engine fallback"
    assert "out of ink" in page.provenance.attempts[-1].reason


def test_time_that_is_up_leaves_the_best_so_far(tmp_path: Path, state: Path) -> None:
    outcome = read_one(tmp_path / "slow@0.tif", page_seconds=0.4)
    found = recognition_of(outcome)
    assert found.stop_reason is StopReason.TIMEOUT
    assert "as far as it came" in found.raw
    assert state_lines(state, "fallbacks") == []


def test_time_that_is_up_without_any_text_is_a_failure(tmp_path: Path, state: Path) -> None:
    page = result_of(read_one(tmp_path / "late@0.tif", page_seconds=0.4))
    assert page.verdict.status is VerdictStatus.FAILED
    assert page.verdict.reasons == ("took longer than 0.4 s",)
