"""stub."""

from __future__ import annotations

import typer

from ocrx.cli.options import RetryOptions


def retry(ctx: typer.Context, options: RetryOptions) -> int:
    """Convert documents (the default command)."""
    return 0
