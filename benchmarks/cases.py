"""The documents that a benchmark reads, with their truth: a folder, or an outside manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus_text import LANGUAGES
from benchmarks.plain import Plain, fold, read_markdown

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
CORPUS = ROOT / "build" / "corpus"
DOCUMENTS = (".pdf", ".tif", ".tiff", ".png", ".jpg")
_NAMES = {"german": "de", "french": "fr", "chinese": "zh", "russian": "ru"}


@dataclass(frozen=True, slots=True)
class Case:
    """A document and its truth. ``group`` is the row of the result table that it counts in.

    ``measures`` names what of the truth may be measured: ``text``, ``order``, ``table``.
    """

    name: str
    path: Path
    truth: Plain
    language: str
    group: str
    measures: frozenset[str] = frozenset({"text", "order", "table"})


def from_folders(folders: Iterable[Path]) -> list[Case]:
    """Return every document that has a Markdown file of the same stem beside it."""
    cases = []
    for folder in folders:
        for path in sorted(folder.iterdir()):
            truth = path.with_suffix(".md")
            if path.suffix.lower() in DOCUMENTS and truth.exists():
                language = _NAMES.get(path.stem.split("-")[0], "en")
                group = "digital PDF" if path.suffix == ".pdf" else "scan"
                plain = read_markdown(truth.read_text(encoding="utf-8"))
                cases.append(Case(path.stem, path, plain, language, group))
    return cases


def from_manifest(manifest: Path) -> list[Case]:
    """Return the measurable documents of an outside set.

    ``cases`` in the manifest give id, file, truth, lang and metrics; a truth file holds ``blocks``
    in reading order, each with its type ``t`` and content ``c`` (Markdown, a table as HTML), and
    ``ignore``, text that may but need not be there.
    """
    described = json.loads(manifest.read_text(encoding="utf-8"))
    cases = []
    for item in described["cases"]:
        measures = frozenset(item["metrics"]) & {"text", "order", "table"}
        if not measures:
            continue
        truth = json.loads((manifest.parent / item["truth"]).read_text(encoding="utf-8"))
        markdown = "\n\n".join(str(block["c"]) for block in truth["blocks"])
        plain = read_markdown(markdown)
        optional = tuple(fold(str(text)) for text in truth.get("ignore", ()))
        plain = Plain(plain.text, plain.tables, optional)
        path = manifest.parent / item["file"]
        group = "digital PDF" if path.suffix == ".pdf" else "picture"
        language = item["lang"] if item["lang"] in LANGUAGES else "en"
        cases.append(Case(item["id"], path, plain, language, group, measures))
    return cases
