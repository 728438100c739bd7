"""stub."""

from __future__ import annotations

import typer

from ocrx.cli.options import RenderOptions


def render(ctx: typer.Context, options: RenderOptions) -> int:
    """Convert documents (the default command)."""
    return 0
