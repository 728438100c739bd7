"""Ctrl-C once saves the page in hand, twice stops now; SIGTERM leaves nothing behind."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from command import Command


@pytest.fixture
def signs(ocrx: Command, tmp_path: Path) -> Path:
    folder = tmp_path / "signs"
    folder.mkdir()
    ocrx.variables["SLOW_ENGINE_SIGNS"] = str(folder)
    return folder


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def started(ocrx: Command, path: Path, engine: str, signs: Path) -> subprocess.Popen[bytes]:
    process = ocrx.start(
        path, "-o", "out/", "-j", "1", "--engine", f"misbehaving_engines:{engine}",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    wait_for(lambda: any(signs.iterdir()))
    return process


def test_once_keeps_the_page_in_hand(ocrx: Command, document, signs: Path) -> None:
    path = document("a.tif", 4)
    process = started(ocrx, path, "Slow", signs)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"stopping after the page in hand" in err
    assert b"Traceback" not in err
    assert len(list(signs.iterdir())) < 4

    read_before = len(list(signs.iterdir()))
    for sign in signs.iterdir():
        sign.unlink()
    ocrx.variables["SLOW_ENGINE_SECONDS"] = "0"
    again = ocrx(path, "-o", "out/", "-j", "2", "--engine", "misbehaving_engines:Slow")
    assert again.code == 0, again.err
    assert len(list(signs.iterdir())) == 4 - read_before
    assert f"{read_before} of them read before" in again.err


def test_twice_stops_now(ocrx: Command, document, signs: Path) -> None:
    process = started(ocrx, document("a.tif", 2), "VerySlow", signs)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None  # the page in hand takes ten minutes
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    wait_for(lambda: not any(worker.is_running() for worker in workers))


def test_sigterm_stops_now_and_takes_the_workers_along(
    ocrx: Command, document, signs: Path
) -> None:
    process = started(ocrx, document("a.tif", 2), "VerySlow", signs)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert b"Traceback" not in err
    wait_for(lambda: not any(worker.is_running() for worker in workers))
