"""What the command line says on stderr, one line each."""

from __future__ import annotations

import sys
from contextlib import suppress

PROGRAM = "ocrx"


def printable(text: str) -> str:
    r"""Return text that cannot break a line or command a terminal: ``a\nb``, ``caf\xe9``.

    Bytes of a file name that are not UTF-8 (surrogates in Python) are shown as ``\xff``.
    """
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def say(message: str) -> None:
    """Write one line ``ocrx: message`` to stderr."""
    if sys.stderr is None:
        return
    with suppress(ValueError):
        sys.stderr.write(f"{PROGRAM}: {printable(message)}\n")
        sys.stderr.flush()
