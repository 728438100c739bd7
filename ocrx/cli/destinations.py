"""Where the output goes: standard output, one file, or a folder; and in which format.

Decided from the words of the command line alone, before any document is opened.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ocrx.errors import UsageError
from ocrx.source.names import display_name
from ocrx.writers import FigureStyle, OutputFormat

STDOUT = ("-", "/dev/stdout", "/dev/fd/1")  # the devices: descriptor 1 is guarded by then
_EXTENSIONS = {format.extension: format for format in OutputFormat} | {
    ".markdown": OutputFormat.MD,
    ".htm": OutputFormat.HTML,
    ".ndjson": OutputFormat.JSONL,
}


class DestinationKind(StrEnum):
    """What ``-o`` means."""

    STDOUT = "stdout"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the output goes and as what. ``path`` is None for standard output alone."""

    kind: DestinationKind
    path: Path | None
    format: OutputFormat


def destination_of(output: str | None, asked: OutputFormat | None, *, many: bool) -> Destination:
    """Return what ``-o`` and ``-f`` mean for one input, or for many (several, or a folder).

    Raises:
        UsageError: many inputs and nowhere to put them apart.
    """
    if output is None or output in STDOUT:
        chosen = asked or OutputFormat.MD
        if many and chosen is not OutputFormat.JSONL:
            raise UsageError(
                "several inputs, or a folder, need -o FOLDER, or -f jsonl for standard output"
            )
        return Destination(DestinationKind.STDOUT, None, chosen)
    if output == "":
        raise UsageError("-o needs the name of a file or folder, or -")
    path = Path(output)
    if output.endswith(os.sep) or os.path.isdir(output):  # noqa: PTH112 - a name of any length
        return Destination(DestinationKind.FOLDER, path, asked or OutputFormat.MD)
    if not many:
        by_name = _EXTENSIONS.get(path.suffix.lower(), OutputFormat.MD)
        return Destination(DestinationKind.FILE, path, asked or by_name)
    if os.path.exists(path) or path.suffix.lower() in _EXTENSIONS:  # noqa: PTH110 - as above
        hint = "; for all in one file: -f jsonl > FILE" if path.suffix == ".jsonl" else ""
        raise UsageError(
            f"several inputs, or a folder, need a folder: {display_name(output)} is a file{hint}"
        )
    return Destination(DestinationKind.FOLDER, path, asked or OutputFormat.MD)


def figure_style(asked: FigureStyle | None, destination: Destination) -> FigureStyle:
    """Return how figures are shown: as asked, else files beside a file, inside HTML on a pipe.

    Raises:
        UsageError: what was asked cannot be.
    """
    nothing_beside = destination.path is None or _is_pipe_or_device(destination.path)
    if asked is FigureStyle.FILES and nothing_beside:
        raise UsageError("--figures files needs -o FILE: a pipe has no place beside it")
    if asked is FigureStyle.EMBED and destination.format is not OutputFormat.HTML:
        raise UsageError("--figures embed needs -f html: no other format holds pictures")
    if asked is not None:
        return asked
    if not nothing_beside:
        return FigureStyle.FILES
    return FigureStyle.EMBED if destination.format is OutputFormat.HTML else FigureStyle.NONE


def _is_pipe_or_device(path: Path) -> bool:
    if not os.path.exists(path):  # noqa: PTH110 - a name of any length
        return False
    return not path.is_file() and not path.is_dir()
