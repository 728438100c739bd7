"""What bytes are, by their first few thousand: never by a file's name.

Only the head is read here; whether the rest holds together is for ``raster``.
"""

from __future__ import annotations

import re

from ocrx.document import SourceKind

HEAD_BYTES = 4096
_PDF_WINDOW = 1024  # Acrobat accepts %PDF- anywhere in the first 1024 bytes

_PDF_HEADER = re.compile(rb"%PDF-|%!PS-Adobe-\d\.\d PDF-\d\.\d")
_HEADLESS_PDF = re.compile(rb"\s*(?:%[^\r\n]*[\r\n]+\s*)*\d{1,10} \d{1,5} obj\b")
_PORTABLE_ANYMAP = re.compile(rb"P[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+(?:#[^\n]*\n\s*)*\d+\s")
_BMP_HEADER_SIZES = (12, 40, 52, 56, 64, 108, 124)
_HEIF_BRANDS = (
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"mif1", b"msf1", b"avif", b"avis"),
)
_IMAGE_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n",  # JPEG 2000
    b"\xff\x4f\xff\x51",  # JPEG 2000 codestream
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",  # BigTIFF
    b"MM\x00+",
)
_OTHER_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"{\\rtf", "a rich text document"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"8BPS", "a Photoshop file"),
    (b"AT&TFORM", "DjVu"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"SQLite format 3\x00", "a database"),
)
_ZIP_HINTS = (
    (b"word/", "a Word document"),
    (b"xl/", "an Excel workbook"),
    (b"ppt/", "a PowerPoint presentation"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"application/epub+zip", "an e-book (EPUB)"),
    (b"[Content_Types].xml", "an Office document"),
)


def sniff_kind(head: bytes) -> SourceKind | None:
    """Return what a file with these first ``HEAD_BYTES`` is, None when it is no document."""
    if _is_image(head):
        return SourceKind.IMAGE
    if _OTHER_PREFIX.match(head) is None and _is_pdf(head):
        return SourceKind.PDF
    return None


def describe_bytes(head: bytes) -> str:
    """Say what bytes that are no document look like: ``text``, ``HTML``, ``a Word document``."""
    for magic, looks_like in _OTHER_MAGIC:
        if head.startswith(magic):
            return looks_like
    if head.startswith(b"PK\x03\x04"):
        return next((name for hint, name in _ZIP_HINTS if hint in head), "a zip archive")
    if head[4:8] == b"ftyp":
        return "a film"
    if head.startswith(b"RIFF"):
        return "sound or a film"
    return _describe_text(head)


_OTHER_PREFIX = re.compile(rb"PK\x03\x04|\x1f\x8b|BZh|\x7fELF|\xd0\xcf\x11\xe0|SQLite format 3")


def _is_pdf(head: bytes) -> bool:
    if _PDF_HEADER.search(head, 0, _PDF_WINDOW):
        return True
    return _HEADLESS_PDF.match(head) is not None


def _is_image(head: bytes) -> bool:
    if head.startswith(_IMAGE_MAGIC):
        return True
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return True
    if head.startswith(b"BM"):
        return int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES
    if head[4:8] == b"ftyp":
        return _has_heif_brand(head)
    return _PORTABLE_ANYMAP.match(head) is not None


def _has_heif_brand(head: bytes) -> bool:
    """Look at the major brand (byte 8) and the compatible ones (four bytes each from byte 16)."""
    end = min(int.from_bytes(head[:4], "big"), len(head), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    return any(brand in _HEIF_BRANDS for brand in brands)


def _describe_text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "HTML"
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in start):
        return "SVG"
    if start.startswith(b"<?xml"):
        return "XML"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    if start.startswith((b"{", b"[")) and _is_text(head):
        return "JSON"
    return "text" if _is_text(head) else "binary data of no known kind"


def _is_text(head: bytes) -> bool:
    controls = sum(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head)
    return controls * 100 <= len(head)
