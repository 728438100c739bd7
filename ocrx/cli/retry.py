"""``ocrx retry``: do again what failed in a batch, or is suspect, as it was asked for then."""

from __future__ import annotations

from pathlib import Path

import typer

from ocrx.cli.inputs import password_from
from ocrx.cli.options import RetryOptions
from ocrx.cli.streams import guard_stdout
from ocrx.errors import UsageError


def retry(ctx: typer.Context, options: RetryOptions) -> int:
    """Do again what failed in a batch or is suspect, with the options of its last run.

    DIR is the folder that was given to -o.
    """
    from ocrx.batch.history import retry_plan
    from ocrx.batch.run import retry_batch
    from ocrx.cli.running import Running

    if options.quiet and options.verbose:
        raise UsageError("--quiet and --verbose contradict each other")
    password = password_from(options.password, options.password_file)
    directory = Path(options.directory)
    planned, settings = retry_plan(directory, suspect=options.suspect, password=password)
    with guard_stdout():
        running = Running.of(options, len(planned), settings.recognition)
        with running:
            summary = retry_batch(
                directory,
                running.info,
                running.runner,
                suspect=options.suspect,
                password=password,
                stop=running.stop,
                on_event=running.take,
            )
        return running.report(summary, strict=options.strict)
