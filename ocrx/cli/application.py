"""The typer application: the commands, their help and their examples."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrx.cli.convert import convert
from ocrx.cli.doctor import doctor
from ocrx.cli.groups import DefaultCommandGroup, SectionedCommand
from ocrx.cli.models import list_models, pull_model, verify_model
from ocrx.cli.options import (
    ConvertOptions,
    ModelsOptions,
    PullOptions,
    RenderOptions,
    RetryOptions,
    StatusOptions,
    VerifyOptions,
    command_taking,
)
from ocrx.cli.render import render
from ocrx.cli.retry import retry
from ocrx.cli.status import status

_HELP_NAMES = {"help_option_names": ["-h", "--help"]}
_SETTINGS = {**_HELP_NAMES, "auto_envvar_prefix": "OCRX"}
EXAMPLES = """\b
Examples:
  ocrx paper.pdf                      Markdown on the terminal
  ocrx scan.png -o scan.html          a web page with its figures beside it
  cat fax.tif | ocrx - -f txt | less  from a pipe into a pipe
  ocrx paper.pdf --pages 1-3,-1       the first three pages and the last
  ocrx letters/ -r -o out/ -j 4       a folder; run again to go on where it ended
  ocrx *.pdf -f jsonl > pages.jsonl   one JSON object a page
  ocrx render paper.json -f latex     another format; nothing is read again
"""


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ocrx {version('ocrx')}")
        raise typer.Exit


def _root(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Turn PDFs, scans and photos into Markdown, HTML, LaTeX, JSON or plain text.

    "ocrx INPUT... [OPTIONS]" is short for "ocrx convert INPUT... [OPTIONS]", and "ocrx convert
    --help" lists every option. Options may also come from OCRX_* variables and from ocrx.toml. A
    file that is named like a command is given as ./status.
    """


def _models() -> typer.Typer:
    """Return the commands that are about models."""
    models = typer.Typer(
        rich_markup_mode=None,
        context_settings=_HELP_NAMES,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        help="List, download and check the models of the local engine.",
    )
    command = models.command("list", cls=SectionedCommand, context_settings=_HELP_NAMES)
    command(command_taking(ModelsOptions, list_models))
    command = models.command("pull", cls=SectionedCommand, context_settings=_SETTINGS)
    command(command_taking(PullOptions, pull_model))
    command = models.command("verify", cls=SectionedCommand, context_settings=_HELP_NAMES)
    command(command_taking(VerifyOptions, verify_model))
    return models


def build_application() -> typer.Typer:
    """Return the application; nothing heavier than typer is imported for it."""
    application = typer.Typer(
        cls=DefaultCommandGroup,
        rich_markup_mode=None,  # importing rich would take longer than all the rest of --help
        context_settings=_HELP_NAMES,
        pretty_exceptions_enable=False,
        epilog=EXAMPLES,
        subcommand_metavar="INPUT... | COMMAND ...",
    )
    application.callback()(_root)
    command = application.command(cls=SectionedCommand, context_settings=_SETTINGS, epilog=EXAMPLES)
    command(command_taking(ConvertOptions, convert))
    command = application.command(cls=SectionedCommand, context_settings=_SETTINGS)
    command(command_taking(RenderOptions, render))
    command = application.command(cls=SectionedCommand, context_settings=_SETTINGS)
    command(command_taking(StatusOptions, status))
    command = application.command(cls=SectionedCommand, context_settings=_SETTINGS)
    command(command_taking(RetryOptions, retry))
    application.add_typer(_models(), name="models")
    application.command(context_settings=_SETTINGS)(doctor)
    return application
