from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from making import MIB, Calls, drain, make_document, pool

from ocrx.conversion.work import ProbeTask, ReadTask
from ocrx.document import Page, Request
from ocrx.errors import (
    EngineError,
    MissingRequirementError,
    PageMemoryError,
    PageTimeoutError,
    SourceError,
    WorkerCrashedError,
)
from ocrx.runners.pool import PoolRunner, PoolSettings
from ocrx.source import open_source


def read_task(ticket: int, path: Path, index: int = 0) -> ReadTask:
    source = open_source(str(path))
    return ReadTask(ticket, Request(Page(source, index, 16, 20), None))


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_document_is_probed_and_its_pages_read(tmp_path: Path) -> None:
    path = make_document(tmp_path / "a.tif", pages=3)
    with pool() as runner:
        runner.submit(ProbeTask(1, open_source(str(path))))
        pages = drain(runner, 1)[1].pages
        assert pages is not None
        assert [page.number for page in pages] == [1, 2, 3]
        for page in pages:
            runner.submit(ReadTask(page.number, Request(page, None)))
        outcomes = drain(runner, 3)
    for page in pages:
        reading = outcomes[page.number].reading
        assert reading is not None
        assert f"This is page {page.number}." in reading.recognition.raw
        assert [asset.name for asset in reading.assets] == [f"page-000{page.number}-figure-1.png"]


def test_a_document_that_cannot_be_opened_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pool(1) as runner:
        runner.submit(ProbeTask(1, open_source(str(path))))
        assert isinstance(drain(runner, 1)[1].error, SourceError)


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        ("crash", WorkerCrashedError, "SIGSEGV"),
        ("raise", EngineError, "out of ink"),
        ("exit", EngineError, "SystemExit"),
        ("fail", EngineError, "cannot read this"),
        ("missing", MissingRequirementError, "no weights"),
        ("answer", EngineError, "no answer"),
        ("unpicklable", EngineError, "cannot be sent"),
        ("swallow", PageMemoryError, "memory"),
    ],
)
def test_a_bad_page_fails_alone(
    tmp_path: Path, wish: str, error: type[Exception], words: str
) -> None:
    bad = make_document(tmp_path / f"{wish}@0.tif")
    good = make_document(tmp_path / "good.tif")
    with pool(1, memory_bytes=1024 * MIB) as runner:
        runner.submit(read_task(1, good))
        runner.submit(read_task(2, bad))
        runner.submit(read_task(3, good))
        outcomes = drain(runner, 3)
    assert type(outcomes[2].error) is error
    assert words in str(outcomes[2].error)
    assert outcomes[1].reading is not None
    assert outcomes[3].reading is not None


def test_a_crash_is_tried_once_more_in_a_fresh_worker(tmp_path: Path, calls: Calls) -> None:
    with pool(1) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "once@0.tif")))
        outcome = drain(runner, 1)[1]
    assert outcome.reading is not None
    assert outcome.attempts == 2
    assert len(set(calls.pids)) == 2


def test_a_page_that_always_crashes_is_tried_twice_and_no_more(
    tmp_path: Path, calls: Calls
) -> None:
    with pool(1) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "crash@0.tif")))
        assert drain(runner, 1)[1].attempts == 2
    assert len(calls.lines) == 2


def test_a_hung_page_ends_at_its_time_limit(tmp_path: Path, calls: Calls) -> None:
    with pool(1, page_seconds=0.6, first_page_seconds=0.0) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "hang@0.tif")))
        runner.submit(read_task(2, make_document(tmp_path / "good.tif")))
        outcomes = drain(runner, 2)
    assert isinstance(outcomes[1].error, PageTimeoutError)
    assert "0.6 s" in str(outcomes[1].error)
    assert outcomes[2].reading is not None
    assert len(calls.lines) == 2


def test_a_page_that_devours_memory_is_stopped_at_the_cap(tmp_path: Path) -> None:
    with pool(1, memory_bytes=300 * MIB) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "devour@0.tif")))
        runner.submit(read_task(2, make_document(tmp_path / "good.tif")))
        outcomes = drain(runner, 2)
    assert isinstance(outcomes[1].error, PageMemoryError)
    assert outcomes[2].reading is not None


def test_workers_are_replaced_after_their_share(tmp_path: Path, calls: Calls) -> None:
    path = make_document(tmp_path / "a.tif", pages=5)
    with pool(1, recycle_after=2) as runner:
        for index in range(5):
            runner.submit(read_task(index, path, index))
        outcomes = drain(runner, 5)
    assert all(outcome.reading for outcome in outcomes.values())
    shares = [calls.pids.count(pid) for pid in dict.fromkeys(calls.pids)]
    assert shares == [2, 2, 1]


def test_one_document_spreads_over_all_workers(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISBEHAVING_SECONDS", "0.3")
    path = make_document(tmp_path / "a.tif", pages=8)
    with pool(2) as runner:
        for index in range(8):
            runner.submit(read_task(index, path, index))
        drain(runner, 8)
    assert len(set(calls.pids)) == 2


def test_pages_of_a_document_stay_with_the_worker_that_has_it(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISBEHAVING_SECONDS", "0.2")
    paths = [make_document(tmp_path / f"{name}.tif", pages=5) for name in "ab"]
    with pool(2) as runner:
        for index in range(5):
            for number, path in enumerate(paths):
                runner.submit(read_task(2 * index + number, path, index))
        drain(runner, 10)
    changes = 0
    for pid in set(calls.pids):
        names = [name for each, _, name in calls.lines if each == pid]
        changes += sum(a != b for a, b in pairwise(names))
    assert changes <= 2  # only while the two start, and when one document runs out


def test_a_worker_killed_while_idle_is_replaced(tmp_path: Path) -> None:
    path = make_document(tmp_path / "a.tif")
    with pool(1) as runner:
        runner.submit(read_task(1, path))
        drain(runner, 1)
        os.kill(runner.worker_pids[0], signal.SIGKILL)
        runner.submit(read_task(2, path))
        assert drain(runner, 1)[2].reading is not None


def test_cancelling_forgets_what_nobody_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    monkeypatch.setenv("MISBEHAVING_SECONDS", "0.5")
    path = make_document(tmp_path / "a.tif", pages=4)
    with pool(1) as runner:
        for index in range(4):
            runner.submit(read_task(index, path, index))
        while not calls.lines:
            runner.wait()
        assert runner.cancel() == [1, 2, 3]
        assert list(drain(runner, 1)) == [0]


def test_workers_that_cannot_start_are_an_error_and_not_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pool(1) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "a.tif")))
        with pytest.raises(EngineError, match="cannot start"):
            drain(runner, 1)


def test_workers_that_cannot_start_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text(
        "#!/bin/sh\necho 'lots of talk' >&2\necho 'libmagic is missing' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pool(1) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "a.tif")))
        with pytest.raises(
            EngineError, match=r"cannot start \(exit status 1\): libmagic is missing$"
        ):
            drain(runner, 1)


def test_a_system_that_starts_no_process_is_an_engine_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pool(1) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "a.tif")))
        with pytest.raises(EngineError, match="cannot start: No such file"):
            drain(runner, 1)


def test_closing_ends_every_worker_even_a_hung_one(tmp_path: Path, calls: Calls) -> None:
    with pool(2) as runner:
        runner.submit(read_task(1, make_document(tmp_path / "hang@0.tif")))
        runner.submit(read_task(2, make_document(tmp_path / "hang@0-2.tif")))
        while len(calls.lines) < 2:
            runner.wait()
        pids = runner.worker_pids
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


PARENT = """
import sys, time
from pathlib import Path
from making import pool
from test_pool import read_task
with pool(2) as runner:
    for number, path in enumerate(sys.argv[1:]):
        runner.submit(read_task(number, Path(path)))
    while len(runner.worker_pids) < 2:
        runner.wait()
    print(*runner.worker_pids, flush=True)
    while True:
        runner.wait()
"""


def test_workers_die_with_their_parent_even_in_the_middle_of_a_page(
    tmp_path: Path, calls: Calls
) -> None:
    paths = [str(make_document(tmp_path / f"hang@0-{name}.tif")) for name in "ab"]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *paths],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        until = time.monotonic() + 30
        while len(calls.lines) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        parent.kill()
    deadline = time.monotonic() + 5
    while not all(gone(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_nothing_that_a_worker_prints_reaches_standard_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for shown in (False, True):
        runner = PoolRunner("misbehaving:Misbehaving", PoolSettings(workers=1, show_messages=shown))
        runner.submit(read_task(1, make_document(tmp_path / f"chat@0-{shown}.tif")))
        assert drain(runner, 1)[1].reading is not None
        runner.close()
        out, err = capfd.readouterr()
        assert out == ""
        assert ("CHATTER" in err) is shown


def test_the_pool_imports_no_heavy_package() -> None:
    code = (
        "import sys, ocrx.runners.pool, ocrx.batch.run, ocrx.library;"
        "print([m for m in ('pymupdf', 'rapidocr', 'onnxruntime', 'cv2', 'torch', 'numpy')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
