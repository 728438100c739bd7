"""Documents of our own making for the tests of the embedded engine's layout."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path
from typing import Any

from ocrx.document import Page, Source, SourceKind
from ocrx.raster import load_pymupdf

_TEXT = """
The river carries sand from the northern hills to a broad and shallow bay where ships once lay at
anchor and merchants traded wool for salt and iron before the harbour filled with silt and the town
moved south along the coast to deeper water and a new market
"""
WORDS = _TEXT.split()
_SHIFTED = "hijklmnopqrstuvwxyzabcdefg"


def prose(start: int, count: int) -> str:
    """Return ``count`` words, the same for the same start."""
    return " ".join(WORDS[(start + i) % len(WORDS)] for i in range(count))


def new_page(width: float = 595, height: float = 842) -> Any:
    """Return an empty page of a new document (``page.parent``)."""
    return load_pymupdf().open().new_page(width=width, height=height)


def write(page: Any, box: tuple[float, float, float, float], text: str, size: float = 10) -> None:
    """Set text in a box, in an embedded font with a map to Unicode."""
    pymupdf = load_pymupdf()
    html = "".join(f"<p>{part}</p>" for part in text.split("\n"))
    style = f"* {{font-family: sans-serif; font-size: {size}px;}} p {{margin: 0 0 6px 0;}}"
    page.insert_htmlbox(pymupdf.Rect(box), html, css=style)


def cipher(document: Any, letters: str = _SHIFTED) -> int:
    """Give every font a map to Unicode with other small letters; the page looks as before."""
    changed = 0
    for xref in range(1, document.xref_length()):
        if not document.xref_is_stream(xref):
            continue
        text = document.xref_stream(xref).decode("latin-1")
        if "begincmap" not in text:
            continue
        swap = partial(_swapped, letters)
        shifted = re.sub(r"<([0-9A-Fa-f]{4})>(?=\s*(?:\n|$))", swap, text)
        document.update_stream(xref, shifted.encode("latin-1"))
        changed += shifted != text
    return changed


def _swapped(letters: str, found: re.Match[str]) -> str:
    code = int(found[1], 16)
    if 0x61 <= code <= 0x7A:
        code = ord(letters[code - 0x61])
    return f"<{code:04x}>"


def reopened(document: Any) -> Any:
    """Return the document as a reader would open it."""
    return load_pymupdf().open("pdf", document.tobytes(garbage=3, deflate=True))


def as_source(path: Path, kind: SourceKind = SourceKind.PDF) -> Source:
    """Return a file as a source."""
    data, stat = path.read_bytes(), path.stat()
    digest = hashlib.sha256(data).hexdigest()
    return Source(path.name, str(path), kind, digest, len(data), stat.st_mtime_ns)


def saved(document: Any, path: Path) -> list[Page]:
    """Save a document and return its pages."""
    from ocrx.raster import probe

    document.save(path, garbage=3, deflate=True)
    return list(probe(as_source(path)))
