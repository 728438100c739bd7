"""The road of engines that take views: pages stream through devices, none lost, none doubled."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from decoding import CAPACITY, DEVICES, FALLBACK_SPEC, LOADING, SPEC, Decoding
from inked import (
    device_runner,
    make_inked,
    page_tasks,
    recognition_of,
    result_of,
    state_lines,
    submit,
    wait_for_tries,
)
from making import Calls, drain

from ocrx.conversion.pages_store import PageStore
from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.stream import Converted, Job, Stream
from ocrx.conversion.work import PrepareTask, ProbeTask
from ocrx.document import StopReason, VerdictStatus
from ocrx.engine import EngineSettings
from ocrx.errors import EngineError, MissingRequirementError, SourceError
from ocrx.runners.device_process import AHEAD
from ocrx.runners.making import make_inprocess_runner, make_runner
from ocrx.runners.pool import PoolRunner, PoolSettings
from ocrx.source import open_source


@pytest.fixture
def state(calls: Calls) -> Path:
    return calls.path.parent


def test_many_pages_of_different_length_stream_through_few_places(
    tmp_path: Path, state: Path
) -> None:
    pages = 24
    path = make_inked(tmp_path / "wait@2.tif", pages)
    most_prepared = 0
    with device_runner(2) as runner:
        submit(runner, path, pages)
        outcomes = {}
        while len(outcomes) < pages:
            for outcome in runner.wait():
                assert outcome.ticket not in outcomes
                outcomes[outcome.ticket] = outcome
            most_prepared = max(most_prepared, runner.prepared)
    for index, outcome in outcomes.items():
        assert f"This is page {index + 1}." in recognition_of(outcome).raw
        assert result_of(outcome).verdict.status is VerdictStatus.OK
    tries = state_lines(state, "tries")
    assert len(tries) == pages
    assert tries[0][2].endswith(("-0", "-1"))  # first come, first read; two workers prepare
    assert max(int(active) for _, active, *_ in tries) == CAPACITY
    assert 0 < most_prepared <= 4


def test_a_document_is_converted_with_its_pages_in_order(tmp_path: Path, state: Path) -> None:
    pages = 7
    path = make_inked(tmp_path / "wait@3.tif", pages)
    info = Decoding(EngineSettings()).info
    options = RecognitionOptions(engine=SPEC)
    with device_runner(2, options) as runner, PageStore(None) as store:
        job = Job(0, open_source(str(path)))
        events = list(Stream(iter([job]), options, info, runner, store).events())
    converted = events[-1]
    assert isinstance(converted, Converted)
    texts = [page.blocks[0].text for page in converted.document.pages]
    assert texts == [f"This is page {number}." for number in range(1, pages + 1)]
    assert len(converted.assets) == pages


def test_a_blank_page_never_reaches_the_engine(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "a.tif", 3, blank=frozenset({1}))
    with device_runner() as runner:
        submit(runner, path, 3)
        outcomes = drain(runner, 3)
    statuses = [result_of(outcomes[index]).verdict.status for index in range(3)]
    assert statuses == [VerdictStatus.OK, VerdictStatus.BLANK, VerdictStatus.OK]
    assert recognition_of(outcomes[1]).stop_reason is StopReason.END
    positions = [result_of(outcomes[index]).provenance.prompt_positions for index in range(3)]
    assert positions[1] == 0 < positions[0]
    assert len(state_lines(state, "tries")) == 2


def test_every_device_has_a_process_of_its_own(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEVICES, "cuda:0 cuda:1")
    path = make_inked(tmp_path / "wait@5.tif", 12)
    options = RecognitionOptions(engine=SPEC, model="some-model")
    with device_runner(2, options) as runner:
        submit(runner, path, 12)
        drain(runner, 12)
        assert len(runner.device_pids) == 2
    loads = state_lines(state, "loads")
    assert sorted(device for _, device, _ in loads) == ["cuda:0", "cuda:1"]
    assert {model for *_, model in loads} == {"some-model"}
    assert len({pid for pid, *_ in state_lines(state, "tries")}) == 2


def test_a_broken_document_is_a_source_error_and_others_go_on(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    gone = make_inked(tmp_path / "gone.tif")
    with device_runner() as runner:
        runner.submit(ProbeTask(10, open_source(str(bad))))
        submit(runner, gone, first_ticket=20)
        gone.unlink()
        submit(runner, make_inked(tmp_path / "good.tif"), first_ticket=30)
        outcomes = drain(runner, 3)
    assert isinstance(outcomes[10].error, SourceError)
    assert isinstance(outcomes[20].error, SourceError)
    assert result_of(outcomes[30]).verdict.status is VerdictStatus.OK


def test_missing_weights_end_the_run_before_a_page_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOADING, "missing")
    options = RecognitionOptions(engine=SPEC)
    info = Decoding(EngineSettings()).info
    path = make_inked(tmp_path / "a.tif")
    with device_runner(1, options) as runner, PageStore(None) as store:
        stream = Stream(iter([Job(0, open_source(str(path)))]), options, info, runner, store)
        with pytest.raises(MissingRequirementError, match="ocrx models pull none"):
            list(stream.events())


@pytest.mark.parametrize(
    ("loading", "words"),
    [("raise", "cannot be loaded: ValueError: shard of lead"), ("die", "the driver is too old")],
)
def test_an_engine_that_cannot_be_loaded_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loading: str, words: str
) -> None:
    monkeypatch.setenv(LOADING, loading)
    with device_runner() as runner:
        submit(runner, make_inked(tmp_path / "a.tif"))
        with pytest.raises(EngineError, match=words):
            drain(runner, 1)


def test_there_is_room_for_every_place_and_some_more(tmp_path: Path) -> None:
    path = make_inked(tmp_path / "wait@1.tif", 2)
    with device_runner(1) as runner:
        assert runner.room > 0
        submit(runner, path, 2)
        drain(runner, 2)
        assert runner.room == CAPACITY + AHEAD + 2


def test_cancelling_forgets_what_no_device_holds(tmp_path: Path, state: Path) -> None:
    pages = 30
    path = make_inked(tmp_path / "wait@20.tif", pages)
    with device_runner(1) as runner:
        submit(runner, path, pages)
        outcomes = set(wait_for_tries(runner, state, 1))
        forgotten = set(runner.cancel())
        while len(outcomes) + len(forgotten) < pages:
            outcomes |= {outcome.ticket for outcome in runner.wait()}
            forgotten |= set(runner.cancel())
    assert not outcomes & forgotten
    assert 1 <= len(outcomes) <= CAPACITY + AHEAD + 2
    assert Counter(page for _, _, page, *_ in state_lines(state, "tries")).most_common(1)[0][1] == 1


def test_only_work_for_runners_is_taken(tmp_path: Path) -> None:
    task = page_tasks(make_inked(tmp_path / "a.tif"))[0]
    with device_runner() as runner, pytest.raises(TypeError):
        runner.submit(PrepareTask(1, task.request))


def test_closing_ends_the_device_even_in_the_middle_of_a_page(tmp_path: Path, state: Path) -> None:
    from test_pool import gone

    with device_runner() as runner:
        submit(runner, make_inked(tmp_path / "hang@0.tif"))
        while not state_lines(state, "tries"):
            runner.wait()
        pids = [*runner.device_pids, *runner.worker_pids]
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_the_runner_suits_the_engine(tmp_path: Path, state: Path) -> None:
    from misbehaving import SPEC as PLAIN
    from misbehaving import Misbehaving

    plain = make_runner(PLAIN, Misbehaving().info, RecognitionOptions(), PoolSettings(workers=1))
    assert isinstance(plain, PoolRunner)
    plain.close()
    info = Decoding(EngineSettings()).info
    options = RecognitionOptions(engine=SPEC)
    here = make_inprocess_runner(SPEC, info, options, fallback=FALLBACK_SPEC)
    path = make_inked(tmp_path / "loop@1.tif", 3, blank=frozenset({0}))
    for task in page_tasks(path, 3):
        here.submit(task)
    outcomes = drain(here, 3)
    here.close()
    statuses = [result_of(outcomes[index]).verdict.status for index in range(3)]
    assert statuses[0] is VerdictStatus.BLANK
    assert recognition_of(outcomes[1]).engine == "fallback"
    assert "This is page 3." in recognition_of(outcomes[2]).raw


def test_the_device_runner_imports_no_heavy_package() -> None:
    code = (
        "import sys, ocrx.runners.making, ocrx.runners.device_worker;"
        "print([m for m in ('pymupdf', 'rapidocr', 'onnxruntime', 'cv2', 'torch', 'numpy', 'PIL')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
