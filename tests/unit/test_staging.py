"""A place holds the old file or the new one, whole, whatever happens between."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrx.batch.staging import hash_file, write_whole


def test_hash_and_size_are_those_of_the_file(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    digest, size = write_whole(target, [b"one ", b"two"])
    assert target.read_bytes() == b"one two"
    assert (digest, size) == (hashlib.sha256(b"one two").hexdigest(), 7)
    assert hash_file(target) == digest


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_keeps_the_old_file(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.md"
    target.write_text("old")

    def pieces() -> Iterator[bytes]:
        yield b"new"
        assert target.read_text() == "old"
        raise error

    with pytest.raises(type(error)):
        write_whole(target, pieces())
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_the_new_file_is_synced_before_it_is_moved_and_its_folder_after(tmp_path: Path) -> None:
    """Traced from outside: what a power cut leaves cannot be seen otherwise."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "sys.addaudithook(lambda event, args: print(event) if event == 'os.rename' else None)\n"
        "sync = os.fsync\n"
        "def told(fd):\n"
        "    print('fsync', os.readlink(f'/proc/self/fd/{fd}'))\n"
        "    sync(fd)\n"
        "os.fsync = told\n"
        "from ocrx.batch.staging import write_whole\n"
        "write_whole(Path(sys.argv[1]), [b'new'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.md")],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    trace = done.stdout.splitlines()
    assert len(trace) == 3, trace
    assert trace[0].startswith(f"fsync {tmp_path}/.ocrx-")
    assert trace[1:] == ["os.rename", f"fsync {tmp_path}"]


def test_what_a_killed_run_left_is_taken_over(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    code = (
        "import os, sys; from pathlib import Path; from ocrx.batch.staging import write_whole\n"
        "def pieces():\n"
        "    yield b'half of it, much longer than what follows' * 9999\n"
        "    os.kill(os.getpid(), 9)\n"
        "write_whole(Path(sys.argv[1]), pieces())\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(target)], check=False, timeout=30)
    assert done.returncode == -signal.SIGKILL
    assert not target.exists()
    assert len(list(tmp_path.iterdir())) == 1
    write_whole(target, [b"whole"])
    assert target.read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe"])
def test_a_trap_at_the_staging_place_leads_nowhere(tmp_path: Path, kind: str) -> None:
    victim, target = tmp_path / "victim", tmp_path / "a.md"
    victim.write_text("precious")
    seen: list[Path] = []

    def pieces() -> Iterator[bytes]:
        seen.extend(tmp_path.glob(".ocrx-*"))
        yield b"new"

    write_whole(target, pieces())
    (trap,) = seen
    if kind == "link":
        trap.symlink_to(victim)
    elif kind == "hard link":
        trap.hardlink_to(victim)
    else:
        os.mkfifo(trap)
    write_whole(target, [b"newer"])
    assert victim.read_text() == "precious"
    assert target.read_text() == "newer"
    assert not target.is_symlink()


def test_two_writers_of_one_place_do_not_mix(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    inside, leave = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b"first "
        inside.set()
        leave.wait(10)
        yield b"whole"

    writer = threading.Thread(target=write_whole, args=(target, slowly()))
    writer.start()
    assert inside.wait(10)
    with pytest.raises(OSError, match="another run of ocrx is writing it"):
        write_whole(target, [b"second"])
    leave.set()
    writer.join(10)
    assert target.read_bytes() == b"first whole"


def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    """The limit on a file's size stands in for the disk: it needs no rights and no mount."""
    target = tmp_path / "a.md"
    target.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_whole(target, [b"x" * (1 << 15)] * 4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


@pytest.mark.parametrize("name", ["missing", "folder", "device"])
def test_what_is_no_regular_file_has_no_hash(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    assert hash_file(tmp_path / name) is None
