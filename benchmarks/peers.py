"""The tools compared, each as a function from a file to Markdown, and the process that runs one.

``python -m benchmarks.peers TOOL`` reads file names from stdin and answers each with one line of
JSON on stdout, so that a tool runs in its own environment, a crash costs one document, and start-up
is paid once. Only this module knows how a tool is called; every tool is called as its documentation
advises for work without a network.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Converter = Callable[[Path, str], str]
TESSERACT_DPI = 300  # what its documentation recommends
RAPIDOCR_LONG_SIDE_PX = 2000
TESSERACT_LANGUAGES = {"de": "deu", "en": "eng", "fr": "fra", "zh": "chi_sim", "ru": "rus"}
PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"}


class AbsentError(Exception):
    """The tool is not installed here."""


def start_ocrx() -> Converter:
    """The command itself, one process a document, in its default mode."""
    command = shutil.which("ocrx", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if command is None:
        raise AbsentError("no ocrx command")

    def convert(path: Path, _language: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out.md"
            run = subprocess.run(
                [command, str(path), "-o", str(out), "-q"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if not out.exists():
                raise RuntimeError(run.stderr.strip()[-300:] or f"exit {run.returncode}")
            return out.read_text(encoding="utf-8")

    return convert


def start_pymupdf4llm() -> Converter:
    """With its layout model, HTML tables, its choice of OCR (RapidOCR); pictures wrapped as PDF."""
    pymupdf: Any = _import("pymupdf")
    pymupdf4llm: Any = _import("pymupdf4llm")

    def convert(path: Path, _language: str) -> str:
        with pymupdf.open(path) as document:
            wrapped = document
            if not document.is_pdf:
                wrapped = pymupdf.open("pdf", document.convert_to_pdf())
            text = pymupdf4llm.to_markdown(wrapped, header=False, footer=False, table_output="html")
        return str(text)

    return convert


def start_markitdown() -> Converter:
    """With its built-in converters; it has no OCR of its own without a network service."""
    markitdown: Any = _import("markitdown")
    tool = markitdown.MarkItDown(enable_plugins=False)
    return lambda path, _language: str(tool.convert(str(path)).text_content)


def start_tesseract() -> Converter:
    """Its command in the document's language (English where that is missing), at 300 dpi."""
    if shutil.which("tesseract") is None:
        raise AbsentError("no tesseract command")
    _import("pymupdf")
    listing = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True)
    installed = set(listing.stdout.split())

    def convert(path: Path, language: str) -> str:
        code = TESSERACT_LANGUAGES[language]
        code = code if code in installed else "eng"
        with tempfile.TemporaryDirectory() as folder:
            return "\n\n".join(
                _run_tesseract(picture, code) for picture in _pictures(path, Path(folder), None)
            )

    return convert


def start_rapidocr() -> Converter:
    """Its recognised lines in its own order, pages at 2000 px on the long side."""
    rapidocr: Any = _import("rapidocr")
    tool = rapidocr.RapidOCR()

    def convert(path: Path, _language: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            pages = []
            for picture in _pictures(path, Path(folder), RAPIDOCR_LONG_SIDE_PX):
                pages.append("\n".join(tool(str(picture)).txts or ()))
            return "\n\n".join(pages)

    return convert


STARTERS: dict[str, Callable[[], Converter]] = {
    "ocrx": start_ocrx,
    "pymupdf4llm": start_pymupdf4llm,
    "markitdown": start_markitdown,
    "tesseract": start_tesseract,
    "rapidocr": start_rapidocr,
}


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise AbsentError(f"no package {name}") from error


def _pictures(path: Path, folder: Path, long_side_px: int | None) -> list[Path]:
    """Render every page of a PDF, or every frame of a picture, as a PNG."""
    pymupdf: Any = _import("pymupdf")
    pictures = []
    with pymupdf.open(path) as document:
        is_picture = path.suffix.lower() in PICTURES
        for number, page in enumerate(document):
            zoom = TESSERACT_DPI / 72
            if long_side_px:
                zoom = long_side_px / max(page.rect.width, page.rect.height)
            elif is_picture:
                zoom = _own_zoom(page)
            pictures.append(folder / f"{number}.png")
            page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom)).save(pictures[-1])
    return pictures


def _own_zoom(page: Any) -> float:
    """Return the zoom at which a picture is drawn with just its own pixels."""
    images = page.get_images(full=True)
    width_px = images[0][2] if images else page.rect.width
    return float(max(1.0, width_px / page.rect.width))


def _run_tesseract(picture: Path, language: str) -> str:
    run = subprocess.run(
        ["tesseract", str(picture), "-", "-l", language, "--psm", "3"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout


def serve(name: str) -> int:
    """Answer file names from stdin until it ends; stdout carries answers and nothing else."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints goes to stderr
    started = time.perf_counter()
    try:
        convert = STARTERS[name]()
    except AbsentError as error:
        print(json.dumps({"absent": str(error)}), file=answers, flush=True)
        return 0
    ready = {"ready_seconds": time.perf_counter() - started}
    print(json.dumps(ready), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answer(convert, request)), file=answers, flush=True)
    return 0


def answer(convert: Converter, request: dict[str, str]) -> dict[str, object]:
    """Convert one document; say what it cost, or how it failed."""
    started, cpu = time.perf_counter(), _cpu_seconds()
    reply: dict[str, object] = {}
    try:
        with contextlib.redirect_stdout(sys.stderr):
            reply["markdown"] = convert(Path(request["path"]), request["language"])
    except Exception as error:  # noqa: BLE001  a document that a tool fails on is a result
        reply["failure"] = f"{type(error).__name__}: {error}"[:300]
    reply["seconds"] = time.perf_counter() - started
    reply["cpu_seconds"] = _cpu_seconds() - cpu
    reply["peak_rss_mb"] = _peak_rss_mb()
    return reply


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_rss_mb() -> float:
    """Return the largest single process so far: this one or one of its finished children."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, children) / 1024


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
