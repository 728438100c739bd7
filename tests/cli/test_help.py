"""--help, --version, usage errors and completion: fast, complete, on the right stream."""

import os
import resource
import shlex
import subprocess
import time

import pytest
from command import Command

HELP_SECONDS = 0.4


def test_help_shows_commands_and_examples(ocrx: Command) -> None:
    done = ocrx("--help")
    assert done.code == 0
    assert done.err == ""
    for command in ("convert", "render", "status", "retry", "models", "doctor"):
        assert f"\n  {command} " in done.text
    assert "Examples:" in done.text
    assert "ocrx paper.pdf" in done.text


def test_help_of_convert_lists_every_option_by_section(ocrx: Command) -> None:
    done = ocrx("convert", "--help")
    assert done.code == 0
    sections = ("Output:", "Input and reading:", "Document:", "Batch:", "Messages and settings:")
    assert [done.text.index(section) for section in sections] == sorted(
        done.text.index(section) for section in sections
    )
    for option in ("--output", "--mode", "--pages", "--password-file", "--page-timeout", "--force"):
        assert option in done.text


def test_help_takes_less_than_four_tenths_of_a_second(ocrx: Command) -> None:
    ocrx("--help")  # the first run may compile
    best = min(cpu_seconds_of(ocrx, "--help") for _ in range(3))
    assert best < HELP_SECONDS


def cpu_seconds_of(ocrx: Command, *words: str) -> float:
    """CPU and not wall time: other programs may be running on the same cores."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    subprocess.run(ocrx.argv(*words), env=ocrx.environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return min(used, time.monotonic() - began)


def test_version(ocrx: Command) -> None:
    done = ocrx("--version")
    assert (done.code, done.err) == (0, "")
    assert done.text.startswith("ocrx 0.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to convert"),
        (("--nonsense", "a.pdf"), "--nonsense"),
        (("a.pdf", "--mode", "huge"), "'auto', 'tiny', 'small', 'base', 'large', 'gundam'"),
        (("a.pdf", "--jobs", "many"), "--jobs"),
        (("a.pdf", "--pages"), "--pages"),
        (("a.pdf", "--pages", "3-1"), "backwards"),
        (("a.pdf", "--pages", "0"), "count from 1"),
        (("-", "-"), "only once"),
        (("-", "--files-from", "-"), "only once"),
        (("a.pdf", "--password", "x", "--password-file", "y"), "cannot both"),
        (("a.pdf", "b.pdf"), "-f jsonl"),
        (("a.pdf", "b.pdf", "-o", "out.md"), "is a file"),
        (("a.pdf", "-o", ""), "-o needs"),
        (("a.pdf", "--figures", "files"), "needs -o FILE"),
        (("a.pdf", "--figures", "embed"), "needs -f html"),
        (("a.pdf", "-q", "-v"), "--quiet"),
        (("a.pdf", "--max-tiles", "4", "--mode", "base"), "--max-tiles"),
        (("a.pdf", "--mode", "large", "--max-vision-tokens", "256"), "400"),
        (("a.pdf", "--engine", "embedded", "--model", "other"), "--model"),
        (("a.pdf", "--task", "locate"), "--query"),
        (("a.pdf", "--query", "a word"), "--task locate"),
        (("models",), "command"),
        (("status",), "DIR"),
        (("sttus", "out"), "did you mean ocrx status?"),
        (("", "-o", "x.md"), "empty"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(
    ocrx: Command, words: tuple[str, ...], said: str
) -> None:
    done = ocrx(*words)
    assert done.code == 2
    assert done.out == b""
    assert said in done.err
    assert done.err.startswith("ocrx: ")
    assert done.err.count("\n") == 1


def completions(ocrx: Command, line: str) -> list[str]:
    words = {"_OCRX_COMPLETE": "complete_bash", "COMP_WORDS": line}
    ocrx.variables |= words | {"COMP_CWORD": str(line.count(" "))}
    script = "from ocrx.cli.main import main; import sys; sys.argv[0] = 'ocrx'; main()"
    argv = [ocrx.argv()[0], "-c", script]
    done = subprocess.run(argv, env=ocrx.environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ocrx st", {"status"}),
        ("ocrx --m", {"--mode", "--math", "--model", "--max-tiles", "--max-vision-tokens"}),
        ("ocrx -f ", {"md", "html", "latex", "json", "jsonl", "txt"}),
        ("ocrx a.pdf --mode g", {"gundam"}),
        ("ocrx convert a.pdf --tables ", {"auto", "html", "md"}),
        ("ocrx status out --fo", {"--format"}),
        ("ocrx a.pdf --engine emb", {"embedded"}),
    ],
)
def test_completion_offers_commands_options_and_values(
    ocrx: Command, line: str, offered: set[str]
) -> None:
    assert set(completions(ocrx, line)) == offered


def test_completion_is_shown_for_the_shell_that_asks(ocrx: Command) -> None:
    line = shlex.join(str(word) for word in ocrx.argv("--show-completion"))
    done = subprocess.run(
        ["bash", "-c", f"{line}; exit $?"],  # the second command keeps bash there to be found
        capture_output=True,
        text=True,
        cwd=ocrx.folder,
        env=ocrx.environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "_OCRX_COMPLETE=complete_bash" in done.stdout


def test_help_into_a_closed_pipe_ends_quietly(ocrx: Command) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        process = ocrx.start("--help", stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    _, err = process.communicate(timeout=30)
    assert err == b""
    assert process.returncode == 141
