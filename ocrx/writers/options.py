"""What a user can choose about the written text, and which formats there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OutputFormat(StrEnum):
    """A format that a document can be written in."""

    MD = "md"
    HTML = "html"
    LATEX = "latex"
    JSON = "json"
    JSONL = "jsonl"
    TXT = "txt"

    @property
    def extension(self) -> str:
        """The file name's ending, with its dot."""
        return ".tex" if self is OutputFormat.LATEX else f".{self.value}"

    @property
    def media_type(self) -> str:
        """What a web server would call it."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    OutputFormat.MD: "text/markdown",
    OutputFormat.HTML: "text/html",
    OutputFormat.LATEX: "application/x-latex",
    OutputFormat.JSON: "application/json",
    OutputFormat.JSONL: "application/jsonl",
    OutputFormat.TXT: "text/plain",
}


class TableStyle(StrEnum):
    """How Markdown shows tables: as pipes where nothing is lost, always HTML, or always pipes."""

    AUTO = "auto"
    HTML = "html"
    MD = "md"


class MathStyle(StrEnum):
    """How Markdown marks formulas: ``$x$`` and ``$$x$$``, or brackets with backslashes."""

    DOLLAR = "dollar"
    BRACKET = "bracket"


class FigureStyle(StrEnum):
    """How a picture is referred to: as a file beside the output, inside the output, not at all.

    Only HTML can hold pictures inside; the other formats then say that there was a figure.
    """

    FILES = "files"
    EMBED = "embed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a document is written.

    ``figures_directory`` is the folder of the pictures relative to the output, with ``/`` between
    its parts (``report_files``); only FigureStyle.FILES uses it.
    """

    tables: TableStyle = TableStyle.AUTO
    keep_headers: bool = False
    page_breaks: bool = False
    join_tables: bool = False
    math: MathStyle = MathStyle.DOLLAR
    figures: FigureStyle = FigureStyle.NONE
    figures_directory: str = ""
