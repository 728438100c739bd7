"""What the command line says on stderr, one line each."""

from __future__ import annotations

import sys
from contextlib import suppress

from ocrx.source.names import display_name

PROGRAM = "ocrx"


def say(message: str) -> None:
    """Write one line ``ocrx: message`` to stderr; nothing in it can command a terminal."""
    if sys.stderr is None:
        return
    with suppress(ValueError):
        sys.stderr.write(f"{PROGRAM}: {display_name(message)}\n")
        sys.stderr.flush()
