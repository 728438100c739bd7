"""Names of files as people read them, whatever bytes they are made of."""

from __future__ import annotations

from ocrx.document import Page, Source


def display_name(name: str) -> str:
    r"""Return a printable form on one line: control characters and stray bytes as ``\x..`` escapes.

    Bytes that are not UTF-8 arrive as lone surrogates (``surrogateescape``); they show as the byte
    that they are.
    """
    return "".join(_printable(character) for character in name)


def _printable(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape keeps byte b as U+DC00 + b
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def describe_place(source: Source, index: int | None = None) -> str:
    """Return ``file`` or ``file, page 3``: how every message says where it happened."""
    name = "standard input" if source.name == "-" else display_name(source.name)
    return name if index is None else f"{name}, page {index + 1}"


def describe_page(page: Page) -> str:
    """Return ``file, page 3``."""
    return describe_place(page.source, page.index)
