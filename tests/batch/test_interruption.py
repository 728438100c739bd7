"""Ends of all kinds in the middle of a batch: kill -9 at random moments, Ctrl-C once and twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from making import Calls, convert_folder, make_document, tree
from misbehaving import STATE

HERE = Path(__file__).parent
WORKERS = 2
BATCH = """
import sys
from pathlib import Path
from making import convert_folder, pool
from ocrx.cli.interruption import Interruption
from ocrx.batch.summary import exit_code_for
folder, out, workers = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
with Interruption() as interruption, pool(workers) as runner:
    summary = convert_folder(folder, out, runner=runner, stop=interruption.requested)
print(summary.cached_pages, summary.skipped, flush=True)
sys.exit(exit_code_for(summary))
"""


def start(folder: Path, out: Path, state: Path, seconds: float) -> subprocess.Popen[str]:
    state.mkdir(exist_ok=True)
    environment = {**os.environ, STATE: str(state), "MISBEHAVING_SECONDS": str(seconds)}
    return subprocess.Popen(
        [sys.executable, "-c", BATCH, str(folder), str(out), str(WORKERS)],
        cwd=HERE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(condition: object, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment_and_run_again_gives_the_same_and_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "in"
    for number in range(5):
        make_document(folder / f"{number}.tif", pages=4)
    undisturbed = start(folder, tmp_path / "calm", tmp_path / "calm-state", 0.0)
    _, errors = undisturbed.communicate(timeout=60)
    assert undisturbed.returncode == 0, errors
    out, state = tmp_path / "out", tmp_path / "state"
    calls = Calls(state / "calls")
    kills = 0
    for _ in range(3):
        process = start(folder, out, state, 0.05)
        before = len(calls.lines)
        some = chance.randint(0, 8)
        with process:
            wait_for(lambda: process.poll() is not None or len(calls.lines) > before + some)  # noqa: B023
            time.sleep(chance.random() * 0.1)
            kills += process.poll() is None
            process.kill()
    final = start(folder, out, state, 0.0)
    _, errors = final.communicate(timeout=60)
    assert final.returncode == 0, errors
    assert kills >= 1
    assert tree(out) == tree(tmp_path / "calm")
    times = Counter(calls.pages)
    assert len(times) == 20
    assert sum(times.values()) - 20 <= kills * WORKERS


def test_an_output_stands_whole_before_it_is_written_down(tmp_path: Path, calls: Calls) -> None:
    """Killed between the two: what the journal says would else be a promise, not a fact."""
    folder, out = tmp_path / "in", tmp_path / "out"
    make_document(folder / "a.tif", pages=2)
    code = (
        "import os, sys; from pathlib import Path; import ocrx.batch.journal\n"
        "from making import *\n"
        "ocrx.batch.journal.Journal.record = lambda self, record: os.kill(os.getpid(), 9)\n"
        "convert_folder(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    argv = [sys.executable, "-c", code, str(folder), str(out)]
    done = subprocess.run(argv, cwd=HERE, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    left = tree(out)
    assert len(left) == 3
    convert_folder(folder, out)
    assert tree(out) == left
    assert len(calls.pages) == 2


def test_the_first_ctrl_c_saves_the_pages_in_hand(tmp_path: Path) -> None:
    folder, out, state = tmp_path / "in", tmp_path / "out", tmp_path / "state"
    make_document(folder / "a.tif", pages=20)
    calls = Calls(state / "calls")
    process = start(folder, out, state, 0.3)
    with process:
        wait_for(lambda: len(calls.lines) >= 3)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to parent and workers alike
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    begun = len(calls.lines)
    assert begun < 20
    assert tree(out) == {}
    again = start(folder, out, state, 0.0)
    printed, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors
    assert printed.split() == [str(begun), "0"]
    assert len(calls.lines) == 20


def test_the_second_ctrl_c_stops_at_once_and_takes_the_workers_along(tmp_path: Path) -> None:
    folder, out, state = tmp_path / "in", tmp_path / "out", tmp_path / "state"
    make_document(folder / "hang@0.tif", pages=2)
    calls = Calls(state / "calls")
    process = start(folder, out, state, 600)
    with process:
        wait_for(lambda: len(calls.lines) == 2)
        workers = [int(pid) for pid in calls.pids]
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert process.returncode != 0
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in workers), 5)
    assert tree(out) == {}
