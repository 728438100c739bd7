"""Options that contradict one another, told before anything is opened."""

from __future__ import annotations

import typer

from ocrx.cli.options import ConvertOptions
from ocrx.document import Task
from ocrx.engine import DEFAULT_ENGINE
from ocrx.errors import UsageError
from ocrx.modes import ResolutionMode, ViewPlan
from ocrx.selection import check_query
from ocrx.source import PageSelection

_TILED = ("auto", ResolutionMode.GUNDAM.value)


def refuse_contradictions(ctx: typer.Context, options: ConvertOptions) -> None:
    """Check what the options mean together.

    Raises:
        UsageError: they contradict one another.
    """
    if options.quiet and options.verbose:
        raise UsageError("--quiet and --verbose contradict each other")
    if _typed(ctx, "max_tiles") and options.mode not in _TILED:
        raise UsageError(f"--max-tiles is for gundam; {options.mode} has no tiles")
    if options.model is not None and options.engine == DEFAULT_ENGINE:
        raise UsageError(f"--model: the engine {DEFAULT_ENGINE} has one model only")
    check_query(Task(options.task), options.query)
    if options.pages is not None:
        PageSelection.parse(options.pages)
    _refuse_cheap_mode(options)


def _refuse_cheap_mode(options: ConvertOptions) -> None:
    """A fixed mode has one price; only gundam can be made cheaper, with fewer tiles."""
    limit = options.max_vision_tokens
    if limit is None or options.mode == "auto":
        return
    mode = ResolutionMode(options.mode)
    price = ViewPlan(mode=mode, base_px=mode.base_px).vision_tokens
    if price > limit:
        raise UsageError(
            f"--max-vision-tokens {limit}: mode {mode.value} costs at least {price} a page"
        )


def _typed(ctx: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line itself."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
