"""The example documents and their truths belong together."""

from __future__ import annotations

import re
from pathlib import Path

import pymupdf
from PIL import Image

from benchmarks.measures import word_f1
from benchmarks.plain import fold, read_markdown
from examples.scanner import ScannerFaults, scan_page

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_article_says_what_its_truth_says() -> None:
    with pymupdf.open(EXAMPLES / "article.pdf") as document:
        printed = fold("\n".join(page.get_text() for page in document))
    truth = read_markdown((EXAMPLES / "article.md").read_text(encoding="utf-8"))
    written = fold(truth.text) + fold(re.sub("<[^>]*>", " ", " ".join(truth.tables)))
    for word in ("Dancer's", "903", "Gundam", "4,713", "lunch"):
        assert word in printed
    assert word_f1(written, printed) > 0.93  # running heads, page numbers and formulas differ


def test_the_truths_hold_their_tables_with_spans() -> None:
    for name in ("article", "scan"):
        truth = read_markdown((EXAMPLES / f"{name}.md").read_text(encoding="utf-8"))
        assert len(truth.tables) == 1
        assert "rowspan" in truth.tables[0] and "colspan" in truth.tables[0]


def test_the_examples_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES.iterdir() if path.is_file()) < 400_000


def test_a_scan_is_the_same_for_the_same_seed_and_differs_for_another() -> None:
    page = Image.new("L", (200, 300), 255)
    first, again, other = (scan_page(page, ScannerFaults(), seed) for seed in (1, 1, 2))
    assert first.size == page.size
    assert first.tobytes() == again.tobytes() != other.tobytes()
