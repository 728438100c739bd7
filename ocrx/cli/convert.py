"""stub."""

from __future__ import annotations

import typer

from ocrx.cli.options import ConvertOptions


def convert(ctx: typer.Context, options: ConvertOptions) -> int:
    """Convert documents (the default command)."""
    return 0
