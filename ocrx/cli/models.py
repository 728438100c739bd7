"""``ocrx models``: which models the local engine has here, how to get and to check them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass

import typer

from ocrx.cli.options import ModelsOptions, PullOptions, VerifyOptions
from ocrx.errors import ExitCode
from ocrx.source.names import display_name

_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of the catalogue, as it is listed."""

    name: str
    repo_id: str
    revision: str
    size_bytes: int
    cached: bool
    path: str


def list_models(ctx: typer.Context, options: ModelsOptions) -> int:
    """List the models that can be run here, and whether they are downloaded."""
    listed = models_listed()
    chosen = options.format or ("table" if sys.stdout.isatty() else "json")
    if chosen == "json":
        typer.echo(json.dumps({"models": [asdict(model) for model in listed]}, indent=1))
        return ExitCode.OK
    rows = [("name", "on the hub", "revision", "size", "here")]
    rows += [
        (
            model.name,
            model.repo_id,
            model.revision[:12],
            f"{model.size_bytes / 1000 / _MEGA:.1f} GB",
            "downloaded" if model.cached else f"ocrx models pull {model.name}",
        )
        for model in listed
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        typer.echo("  ".join([*cells, row[4]]))
    return ExitCode.OK


def models_listed() -> list[Listed]:
    """Return the models of the catalogue; looks at names of files, and loads nothing."""
    from ocrx.engines.local.catalogue import CATALOGUE
    from ocrx.engines.local.places import is_cached, snapshot_folder

    return [
        Listed(
            name=card.name,
            repo_id=card.repo_id,
            revision=card.revision,
            size_bytes=card.size_bytes,
            cached=is_cached(card),
            path=display_name(str(snapshot_folder(card))),
        )
        for card in CATALOGUE.values()
    ]


def pull_model(ctx: typer.Context, options: PullOptions) -> int:
    """Download a model from the Hugging Face hub into its usual cache, and print its folder.

    NAME is one that ocrx models list shows; without it, deepseek-ocr. A download that was cut short
    goes on where it ended.
    """
    from ocrx.engines.local.catalogue import DEFAULT_MODEL, require_card
    from ocrx.engines.local.hub import pull

    card = require_card(options.name or DEFAULT_MODEL)
    typer.echo(display_name(str(pull(card, offline=options.offline))))
    return ExitCode.OK


def verify_model(ctx: typer.Context, options: VerifyOptions) -> int:
    """Check a downloaded model, or one in a folder: names and shapes of its tensors, and hashes.

    NAME is one that ocrx models list shows, or a folder; without it, deepseek-ocr. Reads every
    byte.
    """
    from ocrx.engines.local.places import find_checkpoint
    from ocrx.engines.local.verifying import verify

    checkpoint = find_checkpoint(options.name)
    for file in verify(checkpoint):
        megabytes = file.size_bytes / _MEGA
        typer.echo(f"{display_name(file.name)}  {megabytes:.1f} MB  {file.checked}")
    typer.echo(f"{display_name(checkpoint.name)} is sound")
    return ExitCode.OK
