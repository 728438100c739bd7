"""Which command takes which options, with what defaults; field names are option names.

The fields are also the keys of a configuration file and the OCRX_* variables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from inspect import Parameter, Signature
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from ocrx.cli import parameters as take
from ocrx.cli.configuration import find_configuration, read_configuration, settings_of
from ocrx.engine import AUTO_ENGINE
from ocrx.modes import DEFAULT_MAX_TILES
from ocrx.writers import MathStyle, TableStyle


def _apply_configuration(ctx: typer.Context, named: str | None) -> str | None:
    """Put the configuration file's values under the flags and the environment."""
    if not ctx.resilient_parsing:  # completion never fails over a broken file
        path = find_configuration(named)
        if path is not None:
            ctx.default_map = read_configuration(path, settings_of(ConvertOptions))
    return named


Config = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Options from this TOML file, not ocrx.toml.",
        callback=_apply_configuration,
        is_eager=True,
        show_envvar=False,
        rich_help_panel="Messages and settings",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertOptions:
    """What the user asked of ``ocrx convert``."""

    inputs: take.Inputs = None
    output: take.Output = None
    format: take.Format = None
    figures: take.Figures = None
    keep_raw: take.KeepRaw = False
    pages: take.Pages = None
    recursive: take.Recursive = False
    files_from: take.FilesFrom = None
    password: take.Password = None
    password_file: take.PasswordFile = None
    mode: take.Mode = "auto"
    max_vision_tokens: take.MaxVisionTokens = None
    max_tiles: take.MaxTiles = DEFAULT_MAX_TILES
    task: take.Task = "markdown"
    query: take.Query = None
    verify: take.Verify = False
    retries: take.Retries = True
    engine: take.Engine = AUTO_ENGINE
    model: take.Model = None
    device: take.Device = "auto"
    dtype: take.Dtype = "auto"
    batch: take.BatchPages = 0
    offline: take.Offline = False
    tables: take.Tables = TableStyle.AUTO
    math: take.Math = MathStyle.DOLLAR
    keep_headers: take.KeepHeaders = False
    page_breaks: take.PageBreaks = False
    join_tables: take.JoinTables = False
    jobs: take.Jobs = 0
    force: take.Force = False
    no_cache: take.NoCache = False
    page_timeout: take.PageTimeout = 120.0
    page_memory: take.PageMemory = 2048
    strict: take.Strict = False
    progress: take.Progress = "auto"
    quiet: take.Quiet = False
    verbose: take.Verbose = 0
    config: Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """What the user asked of ``ocrx render``."""

    file: take.Recorded
    output: take.Output = None
    format: take.Format = None
    figures: take.Figures = None
    tables: take.Tables = TableStyle.AUTO
    math: take.Math = MathStyle.DOLLAR
    keep_headers: take.KeepHeaders = False
    page_breaks: take.PageBreaks = False
    join_tables: take.JoinTables = False
    verbose: take.Verbose = 0
    config: Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOptions:
    """What the user asked of ``ocrx status``."""

    directory: take.Directory
    format: take.StatusFormat = None
    verbose: take.Verbose = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOptions:
    """What the user asked of ``ocrx retry``."""

    directory: take.Directory
    suspect: take.Suspect = True
    password: take.Password = None
    password_file: take.PasswordFile = None
    jobs: take.Jobs = 0
    page_timeout: take.PageTimeout = 120.0
    page_memory: take.PageMemory = 2048
    strict: take.Strict = False
    progress: take.Progress = "auto"
    quiet: take.Quiet = False
    verbose: take.Verbose = 0
    config: Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsOptions:
    """What the user asked of ``ocrx models list``."""

    format: take.ModelsFormat = None
    verbose: take.Verbose = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOptions:
    """What the user asked of ``ocrx models pull``."""

    name: take.ModelName = None
    offline: take.Offline = False
    verbose: take.Verbose = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """What the user asked of ``ocrx models verify``."""

    name: take.ModelName = None
    verbose: take.Verbose = 0


Options = TypeVar("Options")


def command_taking(
    options: type[Options], run: Callable[[typer.Context, Options], int]
) -> Callable[..., int]:
    """Return a function that typer reads as if each field of ``options`` were a parameter."""

    def command(ctx: typer.Context, **values: Any) -> int:
        return run(ctx, options(**values))

    hints = get_type_hints(options, include_extras=True)
    signature = [Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    for field in fields(options):  # type: ignore[arg-type]  # every caller gives a dataclass
        default = Parameter.empty if field.default is MISSING else field.default
        signature.append(
            Parameter(
                field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name]
            )
        )
    command.__signature__ = Signature(signature)  # type: ignore[attr-defined]  # read by typer
    command.__doc__ = run.__doc__
    command.__name__ = run.__name__
    return command
