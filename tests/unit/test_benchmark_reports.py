"""What the benchmarks report, and that a tool's failure is counted and not fatal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import EXAMPLES, from_folders, from_manifest
from benchmarks.measures import Scores
from benchmarks.quality import Result, mean, table
from benchmarks.readme import insert

ROOT = Path(__file__).parents[2]


def result(tool: str, edit_distance: float, teds: float | None, failure: str | None) -> Result:
    return Result(tool, "a", "scan", Scores(edit_distance, 0.5, None, teds), failure, 1.0)


def test_the_table_has_means_failures_and_absent_tools() -> None:
    results = [result("ocrx", 0.1, 0.8, None), result("ocrx", 0.3, None, "ValueError: no")]
    written = table(results, {"other": "no package other"})
    assert "| scan (2) | ocrx | 0.200 | 0.500 | - | 0.800 | 1 |" in written
    assert "other is absent: no package other." in written


def test_a_mean_leaves_out_what_was_not_measured() -> None:
    assert mean([0.5, None, 1.0]) == 0.75
    assert mean([None]) is None


def test_the_readme_gets_the_table_between_its_markers() -> None:
    text = "a\n<!-- speed: begin -->\nold\n<!-- speed: end -->\nb\n"
    filled = insert(text, "speed", "| new |\n")
    assert filled == "a\n<!-- speed: begin -->\n\n| new |\n\n<!-- speed: end -->\nb\n"
    with pytest.raises(ValueError, match="one pair of quality markers"):
        insert(text, "quality", "")


def test_the_examples_are_cases_with_truth() -> None:
    cases = {case.name: case for case in from_folders([EXAMPLES])}
    assert {name: case.group for name, case in cases.items()} == {
        "article": "digital PDF",
        "scan": "scan",
    }
    assert "A Page as a Picture The ocrx Examples" in cases["article"].truth.optional


def test_an_outside_manifest_gives_cases_with_what_may_be_measured(tmp_path: Path) -> None:
    truth = {"blocks": [{"t": "text", "c": "Words."}], "ignore": ["Head"]}
    (tmp_path / "a.json").write_text(json.dumps(truth))
    case = {"id": "a", "file": "a.pdf", "truth": "a.json", "lang": "en", "metrics": ["text", "cer"]}
    unmeasured = case | {"id": "b", "metrics": ["hostile"]}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"cases": [case, unmeasured]}))
    (only,) = from_manifest(manifest)
    assert (only.name, only.measures, only.truth.optional) == ("a", {"text"}, ("Head",))


def test_a_tool_answers_every_document_even_one_that_it_fails_on(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    requests = [{"path": str(tmp_path / "broken.pdf"), "language": "en"}] * 2
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", "pymupdf4llm"],
        input="".join(json.dumps(request) + "\n" for request in requests),
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    ready, *answers = map(json.loads, run.stdout.splitlines())
    assert "ready_seconds" in ready
    assert len(answers) == 2
    assert all("failure" in answer and "markdown" not in answer for answer in answers)
