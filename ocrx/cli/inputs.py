"""The command line's own rules for inputs and passwords; finding documents is ``source``'s."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from ocrx.errors import SourceError, UsageError
from ocrx.source import display_name

STDIN = "-"


def standard_input(arguments: list[str], files_from: str | None) -> BinaryIO | None:
    """Return standard input when an input or the list is ``-``, else None.

    Raises:
        UsageError: there is no input at all; standard input is asked for twice, closed, or a
            terminal, on which nobody can type a document.
    """
    if not arguments and files_from is None:
        raise UsageError("nothing to convert: give a file, a folder, or - for standard input")
    if "" in arguments:
        raise UsageError("an input's name is empty")
    asked = arguments.count(STDIN) + (files_from == STDIN)
    if asked > 1:
        raise UsageError("standard input (-) can be given only once")
    if not asked:
        return None
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    if sys.stdin.isatty():
        raise UsageError(
            "standard input is a terminal: pipe something in (ocrx - < scan.pdf), or name a file"
        )
    return sys.stdin.buffer


def password_from(password: str | None, password_file: str | None) -> str | None:
    """Return the password, which is shown nowhere.

    Raises:
        UsageError: both are given.
        SourceError: the file cannot be read.
    """
    if password is not None and password_file is not None:
        raise UsageError("--password and --password-file cannot both be given")
    if password_file is None:
        return password
    try:
        with Path(password_file).open(encoding="utf-8") as lines:
            return lines.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise SourceError(f"{display_name(password_file)}: {reason}") from error
