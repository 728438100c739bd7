"""The words of notes and summaries, and how the time left is guessed."""

import time

import pytest

from ocrx.batch.summary import Summary
from ocrx.cli.counting import Counts
from ocrx.cli.options import ConvertOptions
from ocrx.cli.outcome import describe
from ocrx.cli.page_notes import PageNotes
from ocrx.conversion.events import DocumentDone, DocumentSkipped, DocumentStarted, PageDone
from ocrx.conversion.results import RecognitionOptions
from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.runners.pool import MIB, PoolSettings


def page(number: int, status: VerdictStatus, *reasons: str, name: str = "a.pdf") -> PageDone:
    return PageDone(name, number, status, reasons, 0.5, cached=False)


def test_pages_with_one_complaint_share_a_line() -> None:
    notes = PageNotes(failures_only=False)
    for number in (7, 1, 2, 3, 9):
        notes.add(page(number, VerdictStatus.SUSPECT, "too faint"))
    notes.add(page(4, VerdictStatus.FAILED, "too late"))
    notes.add(page(5, VerdictStatus.OK))
    notes.add(page(1, VerdictStatus.FAILED, name="b.pdf"))
    assert list(notes.take("a.pdf")) == [
        "pages 1-3, 7, 9 suspect: too faint",
        "page 4 failed: too late",
    ]
    assert list(notes.take("a.pdf")) == []
    assert list(notes.take("b.pdf")) == ["page 1 failed: no reason given"]


def test_only_failures_when_quiet() -> None:
    notes = PageNotes(failures_only=True)
    notes.add(page(1, VerdictStatus.SUSPECT, "too faint"))
    notes.add(page(2, VerdictStatus.FAILED, "too late"))
    assert list(notes.take("a.pdf")) == ["page 2 failed: too late"]


@pytest.mark.parametrize(
    ("summary", "line"),
    [
        (
            Summary(documents=1, done=1, pages=2, verdicts={VerdictStatus.OK: 2}, seconds=4.0),
            "1 file: 1 done; 2 pages: 2 ok; 4.0 s, 0.50 pages/s",
        ),
        (
            Summary(documents=4, done=2, partial=1, failed=1, skipped=2, pages=3, seconds=1.0,
                    verdicts={VerdictStatus.FAILED: 1, VerdictStatus.OK: 2}),
            "4 files: 2 done before, 1 in part, 1 failed; 3 pages: 2 ok, 1 failed; 1.0 s",
        ),
        (
            Summary(documents=1, done=1, pages=2, cached_pages=2, verdicts={VerdictStatus.OK: 2}),
            "1 file: 1 done; 2 pages: 2 ok, 2 of them read before; 0.0 s",
        ),
        (
            Summary(interrupted=True),
            "stopped early: 0 files; 0 pages; 0.0 s; run it again to go on",
        ),
    ],
)  # fmt: skip
def test_a_summary_is_one_line(summary: Summary, line: str) -> None:
    assert describe(summary) == line


def test_time_left_takes_unopened_files_to_be_like_the_others() -> None:
    counts = Counts(files=4, started=time.monotonic() - 10.0)
    assert counts.seconds_left is None
    counts.count(DocumentSkipped("old.pdf", "old.md", 5))
    counts.count(DocumentStarted("a.pdf", 5))
    for number in range(1, 6):
        counts.count(page(number, VerdictStatus.OK))
    counts.count(DocumentDone("a.pdf", DocumentStatus.DONE, "a.md", 5, 10.0))
    assert (counts.files_done, counts.pages_done, counts.pages_read) == (2, 10, 5)
    assert counts.pages_per_second == pytest.approx(0.5, rel=0.05)
    assert counts.seconds_left == pytest.approx(20.0, rel=0.05)  # ten more pages at 0.5 a second


def test_limits_are_those_of_the_pool_unless_asked_for() -> None:
    options, pool = ConvertOptions(), PoolSettings()
    assert options.page_timeout == pool.page_seconds
    assert options.page_memory * MIB == pool.memory_bytes
    assert options.max_tiles == RecognitionOptions().max_tiles
