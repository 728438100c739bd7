"""Every command that the documentation shows is run, and the output that it shows is the real one.

A console block holds commands after ``$ `` and the output of each below it, where ``...`` stands
for any lines. The blocks of a document run in order in one folder, which holds ``examples/``. A
comment just above a block says what is not as usual, such as ``<!-- exit 3 -->`` or
``<!-- not run: why -->``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/guide.md", "docs/design.md"]
_BLOCK = re.compile(
    r"(?:<!-- (?P<comment>[^>]*?) -->\s*)?^```console\n(?P<body>.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Step:
    """A command, the output shown for it, and the exit code it must have."""

    command: str
    shown: str
    exit_code: int


def steps(markdown: str) -> list[Step]:
    found = []
    for block in _BLOCK.finditer(markdown):
        comment = block["comment"] or ""
        if comment.startswith("not run:"):
            continue
        parts = re.split(r"^\$ ", block["body"], flags=re.M)[1:]
        exit_match = re.fullmatch(r"exit (\d+)", comment)
        for number, part in enumerate(parts):
            command, _, shown = part.partition("\n")
            is_last = number == len(parts) - 1
            found.append(Step(command, shown, int(exit_match[1]) if exit_match and is_last else 0))
    return found


def matches(shown: str, real: str) -> bool:
    """Compare line by line, blank ends aside; a line ``...`` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip() + "\n")
        for line in shown.strip().splitlines()
    )
    tidy = "".join(line.rstrip() + "\n" for line in real.strip().splitlines())
    return re.fullmatch(pattern, tidy) is not None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_documented_commands_do_what_is_shown(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__*"))
    scripts = Path(sys.executable).parent
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OCRX_")}
    environment |= {
        "PATH": f"{scripts}:{environment['PATH']}",
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    for step in steps((ROOT / name).read_text(encoding="utf-8")):
        run = subprocess.run(
            ["bash", "-c", step.command],
            cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        assert run.returncode == step.exit_code, f"$ {step.command}\n{run.stderr}"
        assert "Traceback" not in run.stderr, f"$ {step.command}\n{run.stderr}"
        if step.shown.strip():
            assert matches(step.shown, run.stdout), f"$ {step.command}\n{run.stdout}"


def test_every_document_with_commands_is_among_those_run() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    with_commands = {
        str(page.relative_to(ROOT)) for page in pages if "```console" in page.read_text("utf-8")
    }
    assert with_commands <= set(DOCUMENTS)


def test_a_shown_output_must_be_the_real_one() -> None:
    assert matches("one\n...\nfour\n", "one\ntwo\nthree\nfour\n")
    assert matches("one\n...", "one\n")
    assert not matches("one\nfour\n", "one\ntwo\n")


def test_blocks_are_read_with_their_exit_codes() -> None:
    run = "<!-- exit 3 -->\n\n```console\n$ a\nout\n$ b\n```\n"
    not_run = "\n<!-- not run: it downloads -->\n```console\n$ c\n```\n"
    assert steps(run + not_run) == [Step("a", "out\n", 0), Step("b", "", 3)]
