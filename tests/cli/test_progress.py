"""Progress on a terminal, progress for programs, and none for anyone else."""

import json
import os
import re
import select
import subprocess
import time
from pathlib import Path

from command import Command, draw

FAST = ("--engine", "misbehaving_engines:Quiet", "-j", "1")
SLOW = ("--engine", "misbehaving_engines:Slow", "-j", "2")


def on_a_terminal(ocrx: Command, *words: str | Path, piped: bool = False) -> tuple[int, str]:
    """Run with a terminal as stderr; return the exit code and all that appeared there.

    ``piped`` sends the document through a pipe to the same terminal.
    """
    ours, theirs = os.openpty()
    stdout = subprocess.PIPE if piped else subprocess.DEVNULL
    process = ocrx.start(*words, stdout=stdout, stderr=theirs)
    readers = []
    if process.stdout is not None:
        readers.append(subprocess.Popen(["cat"], stdin=process.stdout, stdout=theirs))
        process.stdout.close()
    os.close(theirs)
    seen = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 1.0)
        try:
            chunk = os.read(ours, 65536) if ready else b""
        except OSError:  # the other end is closed
            break
        seen += chunk
        if not chunk and process.poll() is not None:
            break
    os.close(ours)
    for reader in readers:
        reader.wait(timeout=30)
    return process.wait(timeout=30), seen.decode()


def test_a_terminal_sees_files_pages_and_speed(ocrx: Command, tmp_path: Path) -> None:
    draw(tmp_path / "a.tif", 3)
    draw(tmp_path / "b.png")
    code, seen = on_a_terminal(ocrx, "a.tif", "b.png", "-o", "out", *SLOW)
    assert code == 0
    assert "\x1b[" in seen
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    assert re.search(r"[01]/2 files .* [1-4]/4 pages  \d+\.\d\d pages/s  \d+:\d\d left", plain)
    assert "2 files: 2 done; 4 pages: 4 ok" in plain


def test_the_bar_is_gone_before_a_document_comes_through_a_pipe(
    ocrx: Command, tmp_path: Path
) -> None:
    draw(tmp_path / "a.tif", 2)
    code, seen = on_a_terminal(ocrx, "a.tif", *SLOW, piped=True)
    assert code == 0
    before, _, _ = seen.partition(ocrx("a.tif", *SLOW).text.splitlines()[0])
    assert "pages/s" in before
    assert "\x1b[2K" in before[before.rindex("pages/s") :]


def test_no_color_leaves_no_colour(ocrx: Command, tmp_path: Path) -> None:
    draw(tmp_path / "a.tif", 2)
    ocrx.variables["NO_COLOR"] = "1"
    _, seen = on_a_terminal(ocrx, "a.tif", *SLOW)
    assert "pages/s" in seen
    assert "\x1b[3" not in seen
    assert "\x1b[9" not in seen


def test_a_dumb_terminal_gets_lines_alone(ocrx: Command, page: Path) -> None:
    ocrx.variables["TERM"] = "dumb"
    _, seen = on_a_terminal(ocrx, page, *FAST)
    assert "\x1b" not in seen
    assert seen.count("\n") == 1
    assert seen.startswith("ocrx: 1 file: 1 done")


def test_quiet_and_progress_none_draw_no_bar(ocrx: Command, page: Path) -> None:
    assert on_a_terminal(ocrx, page, "-q", *FAST) == (0, "")
    _, seen = on_a_terminal(ocrx, page, "--progress", "none", *FAST)
    assert "\x1b" not in seen


def test_json_progress_is_an_object_a_line(ocrx: Command, document) -> None:
    done = ocrx(
        document("a.tif", 2), "missing.pdf", "-o", "out", "--progress", "json",
        "--engine", "misbehaving_engines:FailsOnPageTwo",
    )  # fmt: skip
    events = [json.loads(line) for line in done.err.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds.count("page_done") == 2
    assert kinds[-1] == "summary"
    assert events[-1]["exit_code"] == done.code == 7
    assert events[-1]["verdicts"]["failed"] == 1
    failed = [event for event in events if event.get("error")]
    assert len(failed) == 1
    assert "missing.pdf" in failed[0]["error"]
    assert events[-2]["files"] == events[-2]["files_done"] == 2
