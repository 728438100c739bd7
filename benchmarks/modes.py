"""Measure what a mode costs and gives: ``python -m benchmarks.modes``.

Reads the corpus's noisy scans with the embedded engine in every mode and counts wrong characters.
Writes ``results/modes.md``, a table for the README, and ``results/modes.json``, every score.
Documents with tables are left out: at few pixels a table is missed and its cells count as text,
which measures the layout and not what can be read. So is Russian, which another program reads.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import RESULTS
from benchmarks.cases import CORPUS, Case, from_folders
from benchmarks.measures import score
from benchmarks.plain import fold, read_markdown
from ocrx import convert
from ocrx.document import Document
from ocrx.modes import ResolutionMode
from ocrx.selection import AUTO
from ocrx.writers import OutputFormat, write_document

MODES = (*(mode.value for mode in ResolutionMode), AUTO)


@dataclass(frozen=True, slots=True)
class Result:
    """One scan in one mode; ``vision_tokens`` of one page, 0 in auto, which has no plan."""

    mode: str
    case: str
    vision_tokens: int
    characters: int
    edit_distance: float
    word_f1: float


def measurable(cases: Sequence[Case]) -> list[Case]:
    """Return the scans of running text that the packaged recogniser can write."""
    return [c for c in cases if c.group == "scan" and not c.truth.tables and c.language != "ru"]


def measured(case: Case, mode: str, document: Document, markdown: str) -> Result:
    """Compare what was read with the truth."""
    scores = score(case.truth, read_markdown(markdown))
    return Result(
        mode=mode,
        case=case.name,
        vision_tokens=max(page.provenance.vision_tokens for page in document.pages),
        characters=len(fold(case.truth.text)),
        edit_distance=scores.edit_distance,
        word_f1=scores.word_f1,
    )


def table(results: Sequence[Result]) -> str:
    """Return the Markdown table: a row a mode; long documents count for more."""
    lines = ["| mode | vision tokens | character errors, % ↓ | word F1 ↑ |", "|---|---:|---:|---:|"]
    for mode in dict.fromkeys(result.mode for result in results):
        rows = [result for result in results if result.mode == mode]
        characters = sum(row.characters for row in rows)
        errors = sum(row.edit_distance * row.characters for row in rows) / characters
        words = sum(row.word_f1 * row.characters for row in rows) / characters
        tokens = max(row.vision_tokens for row in rows) or "-"
        lines.append(f"| `{mode}` | {tokens} | {100 * errors:.1f} | {words:.3f} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Measure the modes on noisy scans with truth.")
    parser.add_argument("folder", type=Path, nargs="?", default=CORPUS, help="default: the corpus")
    parser.add_argument("--modes", default=",".join(MODES), help="which modes, by comma")
    parser.add_argument("--outputs", type=Path, help="keep what was read in this folder")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    cases = measurable(from_folders([options.folder]))
    results = []
    for mode in options.modes.split(","):
        for case in cases:
            document = convert(case.path, mode=mode)
            markdown = write_document(document, OutputFormat.MD)
            if options.outputs:
                target = options.outputs / mode / f"{case.name}.md"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(markdown, encoding="utf-8")
            results.append(measured(case, mode, document, markdown))
            print(f"{mode:7} {case.name:20} {results[-1].edit_distance:.3f}", flush=True)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "modes.md").write_text(table(results), encoding="utf-8")
    data = {"results": [asdict(result) for result in results]}
    (options.results / "modes.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
