"""What is recorded of a batch, for those who ask later: status, and what to do again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ocrx.batch.journal import JOURNAL, DocumentRecord, Journal
from ocrx.batch.outputs import STATE_FOLDER, Planned
from ocrx.batch.settings import BatchSettings, settings_from
from ocrx.batch.summary import DOUBTFUL, Summary, Tally
from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.errors import ExitCode, OutputError, UsageError
from ocrx.source import display_name


def read_status(directory: Path) -> tuple[DocumentRecord, ...]:
    """Return what is recorded of every document of an output folder.

    Raises:
        UsageError: no batch was written there.
    """
    with Journal(directory / STATE_FOLDER / JOURNAL, create=False) as journal:
        return tuple(journal.documents())


def summarise(records: Iterable[DocumentRecord]) -> Summary:
    """Return the records in numbers."""
    tally = Tally()
    seconds = 0.0
    for record in records:
        verdicts = dict(Counter(page.verdict for page in record.page_records))
        tally.count(record.status, verdicts, ExitCode(record.error_code))
        seconds += record.seconds
    return tally.summary(seconds)


def retry_plan(
    directory: Path, *, suspect: bool = False, password: str | None = None
) -> tuple[tuple[Planned, ...], BatchSettings]:
    """Return what to do again of the last batch's format, and how it was asked for.

    With ``suspect``, pages that are suspect or whose text was cut, too, not only failed ones.

    Raises:
        UsageError: no batch was written there.
        OutputError: the journal is damaged, or names places outside of the folder.
    """
    wanted = {VerdictStatus.FAILED, *(DOUBTFUL if suspect else ())}
    with Journal(directory / STATE_FOLDER / JOURNAL, create=False) as journal:
        settings = journal.last_settings()
        if settings is None:
            raise UsageError(f"{directory}: no batch was written there")
        try:
            found = settings_from(settings, directory)
        except (ValueError, TypeError, KeyError) as error:
            reason = f"the settings in its journal cannot be read ({display_name(str(error))})"
            raise OutputError(f"{directory}: {reason}; run the conversion again") from error
        ending = found.output.format.extension  # outputs of other formats are not asked for again
        planned = tuple(
            Planned(record.source, record.output)
            for record in journal.documents()
            if record.output.endswith(ending)
            and (
                record.status is not DocumentStatus.DONE
                or any(page.verdict in wanted for page in record.page_records)
            )
        )
    _require_inside(planned, directory)
    return planned, replace(found, force=True, reread=frozenset(wanted), password=password)


def _require_inside(planned: Iterable[Planned], directory: Path) -> None:
    """Refuse to write where no batch writes: a folder from elsewhere may carry any journal."""
    for each in planned:
        if each.output.startswith("/") or ".." in each.output.split("/"):
            place = display_name(each.output)
            raise OutputError(f"{directory}: its journal names a place outside of it: {place}")
