"""What a batch came to, in numbers, and the exit code that it deserves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.errors import ExitCode

DOUBTFUL = (VerdictStatus.SUSPECT, VerdictStatus.PARTIAL)  # read, but not to be relied on


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of documents and pages; ``skipped`` documents were done by an earlier run.

    ``verdicts`` counts pages of skipped documents too. ``failure_codes`` counts, by exit code, why
    documents failed. ``cached_pages`` were not recognised again.
    """

    documents: int = 0
    done: int = 0
    partial: int = 0
    failed: int = 0
    skipped: int = 0
    pages: int = 0
    cached_pages: int = 0
    verdicts: dict[VerdictStatus, int] = field(default_factory=dict)
    failure_codes: dict[ExitCode, int] = field(default_factory=dict)
    seconds: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0
    interrupted: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "documents": self.documents,
            "done": self.done,
            "partial": self.partial,
            "failed": self.failed,
            "skipped": self.skipped,
            "pages": self.pages,
            "cached_pages": self.cached_pages,
            "verdicts": {status.value: self.verdicts.get(status, 0) for status in VerdictStatus},
            "seconds": round(self.seconds, 3),
            "bytes_read": self.bytes_read,
            "bytes_written": self.bytes_written,
            "interrupted": self.interrupted,
        }


@dataclass(slots=True)
class Tally:
    """A Summary in the making."""

    documents: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    cached_pages: int = 0
    verdicts: Counter[VerdictStatus] = field(default_factory=Counter)
    failure_codes: Counter[ExitCode] = field(default_factory=Counter)
    bytes_read: int = 0
    bytes_written: int = 0

    def count(
        self, status: DocumentStatus, verdicts: dict[VerdictStatus, int], code: ExitCode
    ) -> None:
        """Count a document that ended now; ``code`` says why if it failed."""
        self.documents[status] += 1
        self.verdicts.update(verdicts)
        if status is DocumentStatus.FAILED:
            self.failure_codes[code] += 1

    def summary(self, seconds: float, *, interrupted: bool = False) -> Summary:
        """Return what was counted."""
        return Summary(
            documents=self.documents.total(),
            done=self.documents[DocumentStatus.DONE],
            partial=self.documents[DocumentStatus.PARTIAL],
            failed=self.documents[DocumentStatus.FAILED],
            skipped=self.skipped,
            pages=self.verdicts.total(),
            cached_pages=self.cached_pages,
            verdicts=dict(self.verdicts),
            failure_codes=dict(self.failure_codes),
            seconds=seconds,
            bytes_read=self.bytes_read,
            bytes_written=self.bytes_written,
            interrupted=interrupted,
        )


def exit_code_for(summary: Summary, *, strict: bool = False) -> ExitCode:
    """Return 0, 7 when part failed, or the failure's own code when all failed for one reason.

    With ``strict`` a page that is suspect, or whose text was cut, counts as a failure of part.
    """
    if summary.interrupted:
        return ExitCode.INTERRUPTED
    if summary.documents and summary.failed == summary.documents:
        codes = list(summary.failure_codes)
        return codes[0] if len(codes) == 1 else ExitCode.PARTLY_DONE
    doubtful = strict and any(summary.verdicts.get(status) for status in DOUBTFUL)
    failed_pages = summary.verdicts.get(VerdictStatus.FAILED, 0)
    if summary.failed or summary.partial or failed_pages or doubtful:
        return ExitCode.PARTLY_DONE
    return ExitCode.OK
