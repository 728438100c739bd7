"""Measure how well ocrx and its peers read the same documents: ``python -m benchmarks.quality``.

Writes ``results/quality.md``, a table for the README, and ``results/quality.json``, every score. A
tool that is not installed is named as absent; a document that a tool fails on counts as empty
output, and the failures are counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import RESULTS
from benchmarks.cases import CORPUS, EXAMPLES, Case, from_folders, from_manifest
from benchmarks.measures import Scores, score
from benchmarks.peers import STARTERS
from benchmarks.plain import read_markdown
from benchmarks.tool_process import ToolProcess

LIMIT_SECONDS = 180.0
MEASURES = {
    "edit_distance": "edit distance ↓",
    "word_f1": "word F1 ↑",
    "order": "reading order ↑",
    "teds": "tables TEDS ↑",
}


@dataclass(frozen=True, slots=True)
class Result:
    """One document through one tool."""

    tool: str
    case: str
    group: str
    scores: Scores
    failure: str | None
    seconds: float


def run_tool(tool: ToolProcess, cases: Sequence[Case], outputs: Path | None) -> list[Result]:
    """Convert and score every document."""
    results = []
    for case in cases:
        answer = tool.convert(case.path, case.language, LIMIT_SECONDS)
        markdown = answer.markdown or ""
        if outputs:
            target = outputs / tool.name / f"{case.name}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(markdown, encoding="utf-8")
        scores = _measured(score(case.truth, read_markdown(markdown)), case.measures)
        results.append(
            Result(tool.name, case.name, case.group, scores, answer.failure, answer.seconds)
        )
        print(f"{tool.name:12} {case.name:28} {_line(scores)} {answer.failure or ''}", flush=True)
    return results


def _measured(scores: Scores, measures: frozenset[str]) -> Scores:
    """Keep what the truth allows; where there is no text to measure it counts as perfect."""
    return Scores(
        scores.edit_distance if "text" in measures else 0.0,
        scores.word_f1 if "text" in measures else 1.0,
        scores.order if "order" in measures else None,
        scores.teds if "table" in measures else None,
    )


def _line(scores: Scores) -> str:
    return "  ".join(_number(getattr(scores, name)) for name in MEASURES)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are there, None without any."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def table(results: Sequence[Result], absent: dict[str, str]) -> str:
    """Return the Markdown table: a row for each group and tool."""
    head = ["documents", "tool", *MEASURES.values(), "failed"]
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    groups = sorted({result.group for result in results})
    tools = list(dict.fromkeys(result.tool for result in results))
    for group in groups:
        for tool in tools:
            rows = [r for r in results if (r.group, r.tool) == (group, tool)]
            values = [_number(mean(getattr(r.scores, name) for r in rows)) for name in MEASURES]
            failed = str(sum(r.failure is not None for r in rows))
            lines.append(
                "| " + " | ".join([f"{group} ({len(rows)})", tool, *values, failed]) + " |"
            )
    for tool, reason in absent.items():
        lines.append(f"\n{tool} is absent: {reason}.")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Measure quality on documents with truth.")
    parser.add_argument("folders", type=Path, nargs="*", help="default: examples and build/corpus")
    parser.add_argument("--manifest", type=Path, help="an outside set in place of folders")
    parser.add_argument("--tools", default=",".join(STARTERS), help="which tools, by comma")
    parser.add_argument("--python", action="append", default=[], help="TOOL=INTERPRETER")
    parser.add_argument("--outputs", type=Path, help="keep what the tools wrote in this folder")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    folders = options.folders or [folder for folder in (EXAMPLES, CORPUS) if folder.exists()]
    cases = from_manifest(options.manifest) if options.manifest else from_folders(folders)
    pythons = dict(item.split("=", 1) for item in options.python)
    results: list[Result] = []
    absent: dict[str, str] = {}
    for name in options.tools.split(","):
        with ToolProcess(name, pythons.get(name, sys.executable)) as tool:
            if tool.absent:
                absent[name] = tool.absent
                continue
            results += run_tool(tool, cases, options.outputs)
        _keep(results, absent, options.results)  # a tool a time: an interrupted run is not lost
    print(table(results, absent))
    return 0


def _keep(results: Sequence[Result], absent: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quality.md").write_text(table(results, absent), encoding="utf-8")
    data = {"absent": absent, "results": [asdict(result) for result in results]}
    (folder / "quality.json").write_text(json.dumps(data, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
