"""Devices that die, hang, break or forget: every page comes out once, the guilty ones as failed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from decoding import CAPACITY
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

from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.work import Outcome
from ocrx.document import StopReason, VerdictStatus
from ocrx.errors import MissingRequirementError
from ocrx.runners.device import MAX_DEATHS, DeviceRunner

ONLY_AS_ASKED = RecognitionOptions(engine="decoding:Decoding", climb=False)


@pytest.fixture
def state(calls: Calls) -> Path:
    return calls.path.parent


def tries_by_page(state: Path) -> dict[int, int]:
    """How often each page was tried, by its index."""
    pages = (page for _, _, page, *_ in state_lines(state, "tries"))
    return dict(Counter(int(page.rsplit("-", 1)[1]) for page in pages))


def drain_once(runner: DeviceRunner, count: int) -> dict[int, Outcome]:
    """Wait for that many outcomes and a little longer: none may come twice."""
    outcomes = drain(runner, count)
    for _ in range(3):
        assert runner.wait() == []
    return outcomes


def test_a_device_killed_in_the_middle_loses_no_page(tmp_path: Path, state: Path) -> None:
    pages = 12
    path = make_inked(tmp_path / "wait@10.tif", pages)
    with device_runner(2) as runner:
        submit(runner, path, pages)
        outcomes = wait_for_tries(runner, state, 4)
        os.kill(runner.device_pids[0], signal.SIGKILL)
        outcomes |= drain_once(runner, pages - len(outcomes))
    assert len(outcomes) == pages
    statuses = Counter(result_of(outcome).verdict.status for outcome in outcomes.values())
    assert statuses.keys() == {VerdictStatus.OK, VerdictStatus.RETRIED}
    assert len({pid for pid, *_ in state_lines(state, "tries")}) == 2


def test_a_page_that_kills_once_is_read_the_second_time(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "once@1.tif", 3)
    with device_runner() as runner:
        submit(runner, path, 3)
        outcomes = drain_once(runner, 3)
    assert result_of(outcomes[1]).verdict.status is VerdictStatus.RETRIED
    assert all("This is page" in recognition_of(outcome).raw for outcome in outcomes.values())


def test_a_page_that_always_kills_fails_alone(tmp_path: Path, state: Path) -> None:
    pages = 5
    path = make_inked(tmp_path / "wait@10-die@2.tif", pages)
    with device_runner(1, ONLY_AS_ASKED) as runner:
        submit(runner, path, pages)
        outcomes = drain_once(runner, pages)
    guilty = result_of(outcomes[2])
    assert guilty.verdict.status is VerdictStatus.FAILED
    assert guilty.provenance.stop_reason is StopReason.CRASHED
    assert "SIGKILL" in guilty.verdict.reasons[0]
    for index in (0, 1, 3, 4):
        assert f"This is page {index + 1}." in recognition_of(outcomes[index]).raw
    assert tries_by_page(state)[2] == MAX_DEATHS + 1
    last = [line for line in state_lines(state, "tries") if line[2].endswith("-2")][-1]
    assert last[1] == "1"  # pages at once: it was alone


def test_a_page_that_kills_the_device_is_read_by_the_other_engine(
    tmp_path: Path, state: Path
) -> None:
    path = make_inked(tmp_path / "die@0.tif")
    with device_runner() as runner:
        submit(runner, path)
        outcome = drain_once(runner, 1)[0]
    found = recognition_of(outcome)
    assert found.engine == "fallback"
    assert [attempt.stop_reason for attempt in found.attempts] == [StopReason.CRASHED]


def test_an_engine_that_breaks_is_loaded_again(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "wait@5-break@1.tif", 4)
    with device_runner() as runner:
        submit(runner, path, 4)
        outcomes = drain_once(runner, 4)
    assert all("This is page" in recognition_of(outcome).raw for outcome in outcomes.values())
    assert len(state_lines(state, "loads")) == 2


def test_an_engine_that_lacks_something_is_not_loaded_again(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "lack@1.tif", 2)
    with device_runner() as runner:
        submit(runner, path, 2)
        with pytest.raises(MissingRequirementError, match="try --dtype bfloat16"):
            drain(runner, 2)
    assert len(state_lines(state, "loads")) == 1


@pytest.mark.parametrize("wish", ["hang", "forget"])
def test_a_device_that_gives_no_answer_is_replaced(tmp_path: Path, state: Path, wish: str) -> None:
    path = make_inked(tmp_path / f"{wish}@1.tif", CAPACITY + 1)
    with device_runner(1, ONLY_AS_ASKED, page_seconds=0.6, grace_seconds=0.6) as runner:
        submit(runner, path, CAPACITY + 1)
        outcomes = drain_once(runner, CAPACITY + 1)
    silent = result_of(outcomes.pop(1))
    assert silent.verdict.status is VerdictStatus.FAILED
    assert silent.provenance.stop_reason is StopReason.TIMEOUT
    assert all("This is page" in recognition_of(outcome).raw for outcome in outcomes.values())


def test_a_hostile_page_costs_a_cpu_worker_and_no_device(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "wait@10.tif", 4)
    with device_runner(1) as runner:
        submit(runner, path, 4)
        outcomes = wait_for_tries(runner, state, 1)
        for pid in runner.worker_pids:
            os.kill(pid, signal.SIGSEGV)
        outcomes |= drain_once(runner, 4 - len(outcomes))
        devices = len(state_lines(state, "loads"))
    assert all("This is page" in recognition_of(outcome).raw for outcome in outcomes.values())
    assert devices == 1


def test_a_page_that_cannot_be_finished_keeps_its_text(tmp_path: Path, state: Path) -> None:
    """Verifying it kills the CPU worker, twice; the model had read it before that."""
    path = make_inked(tmp_path / "deadly.tif")
    task = replace(page_tasks(path)[0], verify=True)
    with device_runner() as runner:
        runner.submit(task)
        page = result_of(drain_once(runner, 1)[0])
    assert page.blocks[0].text == "This is page 1."
    assert page.verdict.status is VerdictStatus.SUSPECT
    assert "could not be finished" in page.verdict.reasons[0]


PARENT = """
import sys
from pathlib import Path
from inked import device_runner, submit
with device_runner(1) as runner:
    submit(runner, Path(sys.argv[1]))
    while not runner.device_pids or not runner.worker_pids:
        runner.wait()
    print(*runner.device_pids, *runner.worker_pids, flush=True)
    while True:
        runner.wait()
"""


def test_devices_die_with_their_parent(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "wait@900.tif")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        until = time.monotonic() + 30
        while not state_lines(state, "tries") and time.monotonic() < until:
            time.sleep(0.05)
        parent.kill()
    until = time.monotonic() + 5
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert len(pids) == 2
    assert not any(map(psutil.pid_exists, pids))


def test_ctrl_c_on_the_terminal_does_not_reach_the_device(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "wait@10.tif", 2)
    with device_runner() as runner:
        submit(runner, path, 2)
        outcomes = wait_for_tries(runner, state, 1)
        os.kill(runner.device_pids[0], signal.SIGINT)
        drain_once(runner, 2 - len(outcomes))
    assert len(state_lines(state, "loads")) == 1
