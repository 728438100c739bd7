"""``ocrx status``: what a batch did, document by document, from its journal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import typer

from ocrx.cli.options import StatusOptions
from ocrx.document import VerdictStatus
from ocrx.errors import ExitCode
from ocrx.source import display_name

_DOUBTFUL = (VerdictStatus.FAILED, VerdictStatus.SUSPECT)


def status(ctx: typer.Context, options: StatusOptions) -> int:
    """Show what a batch did: its documents, their pages, and what failed or is suspect.

    DIR is the folder that was given to -o.
    """
    from ocrx.batch.history import read_status, summarise
    from ocrx.cli.outcome import describe

    records = read_status(Path(options.directory))
    summary = summarise(records)
    chosen = options.format or ("table" if sys.stdout.isatty() else "json")
    if chosen == "json":
        documents = [_as_dict(record) for record in records]
        typer.echo(json.dumps({"documents": documents, "summary": summary.to_dict()}, indent=1))
        return ExitCode.OK
    rows = [("document", "status", "pages", "in doubt", "what is wrong")]
    rows += [_row(record) for record in records]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        typer.echo("  ".join([*cells, row[4]]).rstrip())
    typer.echo(describe(summary))
    return ExitCode.OK


def _row(record: Any) -> tuple[str, str, str, str, str]:
    doubtful = [page for page in record.page_records if page.verdict in _DOUBTFUL]
    reasons = [record.error] if record.error else []
    reasons += [
        f"page {page.number} {page.verdict.value}: {', '.join(page.reasons)}" for page in doubtful
    ]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return (
        display_name(record.output),
        record.status.value,
        str(record.pages),
        str(len(doubtful)),
        display_name(reasons[0]) + more if reasons else "",
    )


def _as_dict(record: Any) -> dict[str, Any]:
    return {
        "name": display_name(record.name),
        "source": display_name(record.source),
        "output": display_name(record.output),
        "status": record.status.value,
        "sha256": record.sha256,
        "seconds": round(record.seconds, 3),
        "error": record.error,
        "pages": [
            {
                "number": page.number,
                "verdict": page.verdict.value,
                "reasons": list(page.reasons),
                "seconds": round(page.seconds, 3),
            }
            for page in record.page_records
        ],
    }
