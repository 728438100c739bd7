"""What a run came to, told at its end: one line for people, one JSON object for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ocrx.batch.summary import Summary, exit_code_for
from ocrx.cli.messages import say
from ocrx.cli.progress import write_json
from ocrx.document import VerdictStatus
from ocrx.errors import ExitCode

if TYPE_CHECKING:
    from ocrx.conversion.choosing import Choice


def report(summary: Summary, *, style: str, quiet: bool, strict: bool) -> ExitCode:
    """Tell the summary on stderr, unless quiet, and return the exit code."""
    code = exit_code_for(summary, strict=strict)
    if style == "json":
        write_json({"event": "summary", **summary.to_dict(), "exit_code": int(code)})
    elif not quiet:
        say(describe(summary))
    return code


def tell_choice(choice: Choice, *, style: str, quiet: bool) -> None:
    """Tell on stderr, unless quiet, which engine ``auto`` took and why."""
    if style == "json":
        write_json({"event": "engine_chosen", **asdict(choice)})
    elif not quiet:
        say(f"engine: {choice.engine} ({choice.reason})")


def describe(summary: Summary) -> str:
    """Return ``3 files: 2 done, 1 failed; 12 pages: 11 ok, 1 suspect; 8.2 s, 1.46 pages/s``."""
    files = [
        f"{count} {word}"
        for count, word in (
            (summary.done - summary.skipped, "done"),
            (summary.skipped, "done before"),
            (summary.partial, "in part"),
            (summary.failed, "failed"),
        )
        if count > 0
    ]
    verdicts = [
        f"{summary.verdicts[status]} {status.value}"
        for status in VerdictStatus
        if summary.verdicts.get(status)
    ]
    if summary.cached_pages:
        verdicts.append(f"{summary.cached_pages} of them read before")
    parts = [
        _counted(summary.documents, "file", files),
        _counted(summary.pages, "page", verdicts),
        f"{summary.seconds:.1f} s{_speed(summary)}",
    ]
    if summary.interrupted:
        return f"stopped early: {'; '.join(parts)}; run it again to go on"
    return "; ".join(parts)


def _counted(count: int, word: str, kinds: list[str]) -> str:
    plural = "" if count == 1 else "s"
    return f"{count} {word}{plural}" + (f": {', '.join(kinds)}" if kinds else "")


def _speed(summary: Summary) -> str:
    read = summary.pages - summary.cached_pages
    if summary.skipped or read <= 0 or summary.seconds <= 0:
        return ""
    return f", {read / summary.seconds:.2f} pages/s"
