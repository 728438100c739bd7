"""Standard output carries the document and nothing else; pipes and locales do no harm."""

import os
import subprocess
from pathlib import Path

import pytest
from command import Command, Result
from misbehaving_engines import WORDS

EXPECTED = f"{WORDS}, page 1: naïve 漢字.\n"
QUIET = ("--engine", "misbehaving_engines:Quiet")


def test_the_document_alone_reaches_stdout_when_the_engine_prints(
    ocrx: Command, page: Path
) -> None:
    done = ocrx(page, "-vv", "--engine", "misbehaving_engines:Chatty")
    assert done.code == 0
    assert done.text == EXPECTED
    for noise in ("NOISE from print", "NOISE from a descriptor", "NOISE from C"):
        assert noise in done.err


def test_the_noise_is_not_shown_unless_asked_for(ocrx: Command, page: Path) -> None:
    done = ocrx(page, "--engine", "misbehaving_engines:Chatty")
    assert done.text == EXPECTED
    assert "NOISE" not in done.err


GUARDED = """
import ctypes, os, subprocess, sys
from ocrx.cli.streams import guard_stdout
with guard_stdout() as stream:
    print("NOISE from print")
    os.write(1, b"NOISE from a descriptor\\n")
    ctypes.CDLL(None).printf(b"NOISE from C, buffered\\n")
    subprocess.run(["echo", "NOISE from a child"])
    stream.write("the document, naïve 漢字\\r\\n")
print("after")
"""


def test_the_guard_catches_python_descriptors_c_and_children(ocrx: Command) -> None:
    done = subprocess.run(
        [ocrx.argv()[0], "-X", "utf8", "-c", GUARDED], capture_output=True, check=True, timeout=30
    )
    assert done.stdout.decode() == "the document, naïve 漢字\r\nafter\n"
    assert done.stderr.count(b"NOISE") == 4


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_utf8_whatever_the_locale_says(ocrx: Command, page: Path, locale: str) -> None:
    ocrx.variables |= {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    name = "straße.png"
    page.rename(page.with_name(name))
    done = ocrx(name.encode(), "-v", *QUIET)
    assert done.code == 0, done.err
    assert done.out == EXPECTED.encode("utf-8")


def test_head_ends_the_command_quietly(ocrx: Command, document) -> None:
    documents = [document(f"{number}.tif", 2) for number in range(3)]
    names = " ".join(f"'{path.name}'" for path in documents)
    script = f"python -m ocrx {names} -f jsonl -j 1 {' '.join(QUIET)} | head -1"
    environment = ocrx.environment | {"PATH": f"{Path(ocrx.argv()[0]).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script + '; exit "${PIPESTATUS[0]}"'],
        cwd=ocrx.folder,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.count(b"\n") == 1
    assert done.returncode in (0, 141)  # it may have finished before head went away
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


def test_a_reader_that_is_gone_is_no_error_but_141(ocrx: Command, page: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        process = ocrx.start(page, "-q", *QUIET, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 141
    assert err == b""


def test_a_full_standard_output_is_said_so(ocrx: Command, page: Path) -> None:
    with open("/dev/full", "wb") as full:
        process = ocrx.start(page, *QUIET, stdout=full, stderr=subprocess.PIPE)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 6
    assert err == b"ocrx: standard output: No space left on device\n"


def with_closed(ocrx: Command, closed: str, *words: str | Path) -> Result:
    shell = ["bash", "-c", f'"$@" {closed}', "bash", *(str(word) for word in ocrx.argv(*words))]
    done = subprocess.run(
        shell, env=ocrx.environment, cwd=ocrx.folder, capture_output=True, timeout=60, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr.decode())


def test_a_closed_standard_output_is_said_so(ocrx: Command, page: Path) -> None:
    done = with_closed(ocrx, ">&-", page, *QUIET)
    assert done.code == 6
    assert done.err == "ocrx: standard output: it is closed; give a file with -o FILE\n"


def test_a_closed_standard_error_never_lets_noise_into_the_document(
    ocrx: Command, page: Path
) -> None:
    done = with_closed(ocrx, "2>&-", page, "-vv", "--engine", "misbehaving_engines:Chatty")
    assert (done.code, done.text) == (0, EXPECTED)


def test_a_named_pipe_is_written_to_as_it_is(ocrx: Command, page: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    done = ocrx(page, "-q", "-o", "pipe", *QUIET)
    out, _ = reader.communicate(timeout=30)
    assert (done.code, done.err) == (0, "")
    assert out.decode() == EXPECTED
    assert (tmp_path / "pipe").is_fifo()
