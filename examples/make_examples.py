"""Make the example documents from their sources: ``python -m examples.make_examples``.

``article.tex`` becomes ``article.pdf`` with a drawn figure; ``scan.tex`` is typeset, printed on
imaginary paper and scanned into ``scan.tif``. Needs xelatex with Latin Modern; the same sources
and the same TeX give the same bytes. The truths ``article.md`` and ``scan.md`` are written by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pymupdf
from PIL import Image

from examples.scanner import ScannerFaults, scan_page

HERE = Path(__file__).parent
SCAN_DPI = 150
SCAN_SEED = 1947
A4_HEIGHT_INCHES = 11.69
# Long side of the page in each mode; the three rows of tiles in Gundam see it as 3 x 640 px.
MODE_EDGES_PX = (512, 640, 1024, 1280, 1920)
EPOCH = "1792540800"  # a fixed moment, so that no file depends on when it was made


def typeset(source: Path, folder: Path) -> Path:
    """Run xelatex in ``folder`` until cross-references stand; return the PDF."""
    shutil.copy(source, folder)
    command = ["xelatex", "-interaction=nonstopmode", "-halt-on-error", source.name]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "FORCE_SOURCE_DATE": "1"}
    for _ in range(3):
        run = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise SystemExit(f"xelatex failed on {source.name}:\n{run.stdout[-2000:]}")
    return folder / f"{source.stem}.pdf"


def render(pdf: Path, dpi: float) -> Image.Image:
    """Return the first page as a gray picture."""
    with pymupdf.open(pdf) as document:
        pixmap = document[0].get_pixmap(dpi=round(dpi), colorspace=pymupdf.csGRAY)
    return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)


def draw_figure(letter: Image.Image) -> Image.Image:
    """Return one line of the letter as it looks when the page has the height of each mode."""
    strip_width, strip_height, gap = 760, 50, 10
    rows = len(MODE_EDGES_PX)
    figure = Image.new("L", (strip_width, rows * (strip_height + gap) - gap), 255)
    for row, edge in enumerate(MODE_EDGES_PX):
        width = round(letter.width * edge / letter.height)
        seen = letter.resize((width, edge), Image.Resampling.LANCZOS)
        seen = seen.resize(letter.size, Image.Resampling.NEAREST)
        left, top = round(letter.width * 0.123), round(letter.height * 0.2055)
        height = round(letter.height * 0.0155)
        line = seen.crop(
            (left, top, left + round(height * strip_width / strip_height), top + height)
        )
        strip = line.resize((strip_width, strip_height), Image.Resampling.BICUBIC)
        figure.paste(strip, (0, row * (strip_height + gap)))
    return figure


def make(target: Path) -> None:
    """Write article.pdf and scan.tif into ``target``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        letter = typeset(HERE / "scan.tex", folder)
        figure = draw_figure(render(letter, 300))
        figure.quantize(16).save(folder / "figure.png", optimize=True)
        shutil.copy(typeset(HERE / "article.tex", folder), target / "article.pdf")
        scan = scan_page(render(letter, SCAN_DPI), ScannerFaults(), SCAN_SEED)
        scan.save(target / "scan.tif", compression="jpeg", quality=45, dpi=(SCAN_DPI, SCAN_DPI))


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
