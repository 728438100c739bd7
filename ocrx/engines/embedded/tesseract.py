"""An installed Tesseract, for scripts that the recogniser does not cover.

Run as a program and not through PyMuPDF: a time limit holds, a crash harms nobody, and its table
of words (TSV) carries confidences. It says which script a page has and reads it when the language
is installed.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
from PIL import Image

from ocrx.engines.embedded.recogniser import Pixels

TIMEOUT_SECONDS = 120.0
MIN_SCRIPT_CONFIDENCE = 1.0  # of Tesseract's own scale; wrong guesses stay below
PACKAGE = "tesseract-ocr"
WORD_LEVEL = "5"
# Tesseract's script names, and its languages in that script, the most read first.
LANGUAGES = {
    "Cyrillic": ("rus", "ukr", "bul", "bel", "srp", "mkd"),
    "Korean": ("kor",),
    "Hangul": ("kor",),
    "Arabic": ("ara", "fas", "urd"),
    "Thai": ("tha",),
    "Devanagari": ("hin", "mar", "nep", "san"),
    "Hebrew": ("heb",),
    "Greek": ("ell",),
    "Vietnamese": ("vie",),
    "Georgian": ("kat",),
    "Armenian": ("hye",),
    "Bengali": ("ben",),
    "Tamil": ("tam",),
    "Telugu": ("tel",),
    "Kannada": ("kan",),
    "Malayalam": ("mal",),
    "Gujarati": ("guj",),
    "Gurmukhi": ("pan",),
    "Khmer": ("khm",),
    "Lao": ("lao",),
    "Myanmar": ("mya",),
    "Sinhala": ("sin",),
    "Ethiopic": ("amh",),
    "Tibetan": ("bod",),
}
COVERED = frozenset({"Latin", "Fraktur", "Han", "HanS", "HanT", "Japanese", "Hiragana", "Katakana"})


@dataclass(frozen=True, slots=True)
class Script:
    """What Tesseract says of a page: the script, and how far to turn it clockwise to be upright."""

    name: str
    turn_degrees: int


@dataclass(frozen=True, slots=True)
class TesseractWord:
    """One word, its box in px of the picture that was read, its confidence in [0, 1]."""

    text: str
    box: tuple[int, int, int, int]
    confidence: float


def is_installed() -> bool:
    """Tell whether the program is on the PATH."""
    return shutil.which("tesseract") is not None


@lru_cache(maxsize=1)
def installed_languages() -> frozenset[str]:
    """Return the language packs that Tesseract has, without those that are no languages."""
    output = _run(["--list-langs"], b"")
    names = frozenset(line.strip() for line in output.splitlines()[1:])
    return names - {"osd", "snum", "equ", ""}


def detect_script(rgb: Pixels) -> Script | None:
    """Return the page's script, None when Tesseract cannot tell or is not installed."""
    output = _run(["-", "-", "--psm", "0"], _png(rgb))
    said = dict(line.split(": ", 1) for line in output.splitlines() if ": " in line)
    try:
        confidence, turn = float(said["Script confidence"]), int(said["Rotate"])
    except (KeyError, ValueError):
        return None
    return Script(said["Script"], turn % 360) if confidence >= MIN_SCRIPT_CONFIDENCE else None


def languages_for(script: str) -> tuple[str, ...]:
    """Return the installed languages of a script, the most read first."""
    return tuple(code for code in LANGUAGES.get(script, ()) if code in installed_languages())


def package_for(script: str) -> str:
    """Return the Debian package that reads a script."""
    codes = LANGUAGES.get(script)
    return f"{PACKAGE}-{codes[0].replace('_', '-')}" if codes else f"{PACKAGE}-all"


def read_lines(rgb: Pixels, languages: tuple[str, ...]) -> list[list[TesseractWord]]:
    """Read an upright picture; return its lines of words, in Tesseract's order.

    Empty when Tesseract fails or takes over two minutes.
    """
    output = _run(["-", "-", "-l", "+".join(languages), "--psm", "3", "tsv"], _png(rgb))
    rows = csv.DictReader(io.StringIO(output), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row.get("level") == WORD_LEVEL and (row["text"] or "").strip()]
    lines = groupby(words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"]))
    return [[_word(row) for row in line] for _, line in lines]


def _word(row: dict[str, str]) -> TesseractWord:
    left, top = int(row["left"]), int(row["top"])
    box = (left, top, left + int(row["width"]), top + int(row["height"]))
    return TesseractWord(row["text"].strip(), box, max(0.0, float(row["conf"]) / 100))


def _png(rgb: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _run(arguments: list[str], data: bytes) -> str:
    """Return what Tesseract writes, nothing when it is missing, fails or hangs."""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *arguments],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # one worker a core
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
