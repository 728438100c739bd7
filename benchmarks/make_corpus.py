"""Make documents with exact truth to measure on: ``python -m benchmarks.make_corpus FOLDER``.

Every document exists as a digital PDF and as a noisy scan (TIFF, one picture a page), with its
truth as Markdown beside both. Deterministic; needs xelatex and the Liberation, DejaVu and Noto CJK
fonts. Nothing here is used by any test of what ocrx reads.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from PIL import Image

from benchmarks.corpus_documents import Block, Layout, Writer
from examples.make_examples import typeset
from examples.scanner import ScannerFaults, scan_page

SCAN_DPI = 200
_PREAMBLE = r"""\documentclass[%(size)dpt,a4paper]{article}
\usepackage[a4paper,margin=%(margin)dmm]{geometry}
\usepackage{fontspec,multicol,multirow,booktabs,fancyhdr}
\setmainfont{%(font)s}
%(breaking)s
\setlength{\columnsep}{7mm}
\pagestyle{%(style)s}
\fancyhf{}\fancyhead[L]{%(head)s}\fancyfoot[C]{\thepage}
\emergencystretch=2em
\begin{document}
\begin{center}{\LARGE\bfseries %(title)s}\end{center}
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """One document: its name, its layout, its words, and how badly it is scanned."""

    name: str
    layout: Layout
    title: str
    language: str
    blocks: tuple[Block, ...]
    faults: ScannerFaults


def plans() -> list[Plan]:
    """Return every document of the corpus."""
    return [
        _report(), _paper(), _newsletter(), _ledger(), _open_tables(),
        _foreign("german", "de", "Jahresbericht der Hafenverwaltung", "Liberation Serif", 3),
        _foreign("french", "fr", "Rapport annuel du port", "Latin Modern Roman", 3),
        _foreign("chinese", "zh", "港口年度报告", "Noto Serif CJK SC", 3),
        _foreign("russian", "ru", "Годовой отчёт порта", "DejaVu Serif", 3),
    ]  # fmt: skip


def _report() -> Plan:
    w = Writer("en", 11)
    blocks: list[Block] = [w.heading(), w.paragraph(4), w.heading(2), w.paragraph(3), w.bullets(4)]
    blocks += [w.heading(), w.paragraph(3), w.grid(ruled=True, spans=False), w.paragraph(4)]
    layout = Layout(size_pt=11, running_head="Report of the Harbour Office")
    return Plan("report", layout, "A Year on the Quay", "en", tuple(blocks), ScannerFaults(0.5))


def _paper() -> Plan:
    w = Writer("en", 12)
    blocks: list[Block] = []
    for paragraphs in (2, 3, 2, 3):
        blocks += [w.heading(), *(w.paragraph(3) for _ in range(paragraphs))]
    layout = Layout(columns=2, margin_mm=20, running_head="Proceedings of the River Society")
    return Plan("paper", layout, "On Rivers and Roads", "en", tuple(blocks), ScannerFaults(-0.8))


def _newsletter() -> Plan:
    w = Writer("en", 13)
    blocks: list[Block] = []
    for _ in range(4):
        blocks += [w.heading(2), w.paragraph(4), w.paragraph(3)]
    layout = Layout(columns=3, font="Liberation Sans", margin_mm=16)
    faults = ScannerFaults(1.1, noise=10.0)
    return Plan("newsletter", layout, "The Northhaven Gazette", "en", tuple(blocks), faults)


def _ledger() -> Plan:
    w = Writer("en", 14)
    blocks = (
        w.paragraph(2), w.grid(ruled=True, spans=True), w.paragraph(2),
        w.grid(ruled=True, spans=True), w.paragraph(1),
    )  # fmt: skip
    return Plan("ledger", Layout(), "Ledger of Goods", "en", blocks, ScannerFaults(-0.4, 0.8))


def _open_tables() -> Plan:
    w = Writer("en", 15)
    blocks = (
        w.heading(), w.paragraph(2), w.grid(ruled=False, spans=False), w.paragraph(2),
        w.grid(ruled=False, spans=False), w.paragraph(2),
    )  # fmt: skip
    layout = Layout(font="DejaVu Sans", margin_mm=22)
    return Plan("open-tables", layout, "Goods Received", "en", blocks, ScannerFaults(0.9))


def _foreign(name: str, language: str, title: str, font: str, sentences: int) -> Plan:
    w = Writer(language, sum(map(ord, name)))
    blocks: list[Block] = []
    for _ in range(3):
        blocks += [w.heading(), w.paragraph(sentences)]
    blocks.append(w.bullets(3))
    return Plan(name, Layout(font=font), title, language, tuple(blocks), ScannerFaults(-0.6))


def tex(plan: Plan) -> str:
    """Return the whole TeX source of a document."""
    layout = plan.layout
    breaking = '\\XeTeXlinebreaklocale "zh"\\XeTeXlinebreakskip=0pt plus 1pt'
    start = _PREAMBLE % {
        "size": layout.size_pt,
        "margin": layout.margin_mm,
        "font": layout.font,
        "breaking": breaking if plan.language == "zh" else "",
        "style": "fancy" if layout.running_head else "empty",
        "head": layout.running_head,
        "title": plan.title,
    }
    body = "\n\n".join(block.tex() for block in plan.blocks)
    if layout.columns > 1:
        body = f"\\begin{{multicols}}{{{layout.columns}}}\n{body}\n\\end{{multicols}}"
    return f"{start}\n{body}\n\\end{{document}}\n"


def truth(plan: Plan) -> str:
    """Return the document as Markdown, running head and page numbers marked as optional."""
    optional = []
    if plan.layout.running_head:
        optional = [f"<!-- optional: {text} -->" for text in (plan.layout.running_head, "1", "2")]
    blocks = [block.markdown() for block in plan.blocks]
    return "\n\n".join([*optional, f"# {plan.title}", *blocks]) + "\n"


def write(plan: Plan, target: Path) -> None:
    """Write the PDF, the scan and their truths."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source" / f"{plan.name}.tex"
        source.parent.mkdir()
        source.write_text(tex(plan), encoding="utf-8")
        pdf = typeset(source, folder)
        shutil.copy(pdf, target / f"{plan.name}.pdf")
        pictures = _scan(pdf, plan)
    pictures[0].save(
        target / f"{plan.name}-scan.tif",
        save_all=True,
        append_images=pictures[1:],
        compression="jpeg",
        quality=70,
        dpi=(SCAN_DPI, SCAN_DPI),
    )
    for stem in (plan.name, f"{plan.name}-scan"):
        (target / f"{stem}.md").write_text(truth(plan), encoding="utf-8")


def _scan(pdf: Path, plan: Plan) -> list[Image.Image]:
    pictures = []
    with pymupdf.open(pdf) as document:
        for number, page in enumerate(document):
            pixmap = page.get_pixmap(dpi=SCAN_DPI, colorspace=pymupdf.csGRAY)
            picture = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
            pictures.append(scan_page(picture, plan.faults, seed=1000 + number))
    return pictures


def main() -> None:
    """Write the corpus."""
    parser = argparse.ArgumentParser(description="Make the documents that the benchmarks read.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/corpus"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans():
        write(plan, folder)
        print(folder / f"{plan.name}.pdf")


if __name__ == "__main__":
    main()
