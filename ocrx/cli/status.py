"""stub."""

from __future__ import annotations

import typer

from ocrx.cli.options import StatusOptions


def status(ctx: typer.Context, options: StatusOptions) -> int:
    """Convert documents (the default command)."""
    return 0
