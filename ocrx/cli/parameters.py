"""Every parameter of the commands, once: its names, type, limits and help, by section.

Which command takes which, and with what default, is in ``options.py``.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import typer

from ocrx.engine import AUTO_ENGINE, engine_names
from ocrx.modes import MOST_TILES
from ocrx.writers import FigureStyle, MathStyle, OutputFormat, TableStyle

_output = partial(typer.Option, show_envvar=False, rich_help_panel="Output")
_reading = partial(typer.Option, show_envvar=False, rich_help_panel="Input and reading")
_model = partial(typer.Option, show_envvar=False, rich_help_panel="Engine and model")
_document = partial(typer.Option, show_envvar=False, rich_help_panel="Document")
_batch = partial(typer.Option, show_envvar=False, rich_help_panel="Batch")
_messages = partial(typer.Option, show_envvar=False, rich_help_panel="Messages and settings")


def _engines() -> list[str]:
    return [AUTO_ENGINE, *engine_names()]


Inputs = Annotated[list[str] | None, typer.Argument(metavar="INPUT", hidden=True)]
Recorded = Annotated[str, typer.Argument(metavar="FILE", hidden=True)]
Directory = Annotated[str, typer.Argument(metavar="DIR", hidden=True)]

Output = Annotated[
    str | None,
    _output("--output", "-o", metavar="PATH", help="A file, a folder, or - for standard output."),
]
Format = Annotated[
    OutputFormat | None,
    _output("--format", "-f", help="What to write; else as -o's extension says, else md."),
]
Figures = Annotated[
    FigureStyle | None,
    _output(help="Figures as files beside the output, inside it (html), or none; else what fits."),
]
KeepRaw = Annotated[
    bool, _output("--keep-raw", "--raw", help="Keep the engine's raw text, too, for ocrx render.")
]

Pages = Annotated[
    str | None, _reading(metavar="RANGES", help="Such as 1-3,7,-1: from 1, and -1 is the last.")
]
Mode = Annotated[
    Literal["auto", "tiny", "small", "base", "large", "gundam"],
    _reading("--mode", "-m", help="Resolution; auto takes a sound text layer, else reads best."),
]
MaxVisionTokens = Annotated[
    int | None, _reading(metavar="N", min=64, help="The most vision tokens of a page.")
]
MaxTiles = Annotated[
    int, _reading(metavar="N", min=0, max=MOST_TILES, help="The most tiles of a page in gundam.")
]
Task = Annotated[
    Literal["markdown", "text", "ocr", "figure", "describe", "locate"],
    _reading(help="What is asked of the engine."),
]
Query = Annotated[
    str | None, _reading(metavar="TEXT", help="What --task locate looks for in the page.")
]
Verify = Annotated[
    bool,
    _reading("--verify", help="Compare the words with the text layer, or with a second reading."),
]
Retries = Annotated[
    bool,
    _reading("--retries/--no-retries", help="Read a doubtful page again in other ways, or once."),
]
Recursive = Annotated[bool, _reading("--recursive", "-r", help="Go into the folders of a folder.")]
FilesFrom = Annotated[
    str | None,
    _reading(metavar="FILE", help="Inputs from a list, a line or a NUL apart; - is stdin."),
]
Password = Annotated[
    str | None,
    _reading(metavar="TEXT", help="Opens encrypted PDFs; --password-file is safer."),
]
PasswordFile = Annotated[
    str | None, _reading(metavar="FILE", help="A file whose first line is the password.")
]
Engine = Annotated[
    str,
    _model(
        metavar="NAME",
        help="What reads the pages; auto takes local where it has a GPU and weights.",
        autocompletion=_engines,
    ),
]
Model = Annotated[
    str | None,
    _model(metavar="NAME", help="A model that ocrx models lists, or a folder with one."),
]
Device = Annotated[str, _model(metavar="NAME", help="auto, cpu, mps, cuda or cuda:N.")]
Dtype = Annotated[
    Literal["auto", "bfloat16", "float16", "float32"],
    _model(help="What the model computes in; auto is what the device does well."),
]
BatchPages = Annotated[
    int, _model("--batch", metavar="N", min=0, help="The most pages read at once; 0: what fits.")
]
Offline = Annotated[bool, _model("--offline", help="Use the network for nothing.")]
ModelName = Annotated[str | None, typer.Argument(metavar="NAME", hidden=True)]
ModelsFormat = Annotated[
    Literal["table", "json"] | None,
    _messages("--format", "-f", help="A table, or JSON; else JSON in a pipe."),
]

Tables = Annotated[
    TableStyle,
    _document(help="Tables in Markdown: pipes unless cells span, always HTML, always pipes."),
]
Math = Annotated[
    MathStyle, _document(help="Formulas in Markdown: $x$ and $$x$$, or brackets with backslashes.")
]
KeepHeaders = Annotated[
    bool, _document("--keep-headers", help="Keep running heads, feet and page numbers.")
]
PageBreaks = Annotated[bool, _document("--page-breaks", help="Mark where each page ends.")]
JoinTables = Annotated[
    bool, _document("--join-tables", help="Join a table that continues on the next page.")
]

Jobs = Annotated[int, _batch("--jobs", "-j", metavar="N", min=0, help="Worker processes; 0: auto.")]
Force = Annotated[
    bool, _batch("--force/--resume", help="Do all again, or go on where the last run ended.")
]
NoCache = Annotated[bool, _batch("--no-cache", help="Neither use nor fill the cache of pages.")]
PageTimeout = Annotated[
    float, _batch(metavar="SECONDS", min=0.1, help="A page that takes longer is given up.")
]
PageMemory = Annotated[
    int, _batch(metavar="MIB", min=64, help="A page whose worker needs more is given up.")
]
Strict = Annotated[bool, _batch("--strict", help="Exit with 7 for suspect and cut pages, too.")]
Suspect = Annotated[
    bool, _batch("--suspect/--failed-only", help="Also the suspect pages, or failed ones alone.")
]

Progress = Annotated[
    Literal["auto", "json", "none"],
    _messages(help="On stderr: on a terminal only, a JSON object a line, or none."),
]
Quiet = Annotated[bool, _messages("--quiet", "-q", help="Say nothing but errors.")]
Verbose = Annotated[
    int,
    _messages("--verbose", "-v", count=True, show_default=False, help="Say more; -vv all."),
]
StatusFormat = Annotated[
    Literal["table", "json"] | None,
    _messages("--format", "-f", help="A table, or JSON; else JSON in a pipe."),
]
