"""What is to be said about pages, gathered so that a long document says it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ocrx.conversion.events import PageDone
from ocrx.document import VerdictStatus

_WORTH_A_LINE = (VerdictStatus.FAILED, VerdictStatus.PARTIAL, VerdictStatus.SUSPECT)


class PageNotes:
    """Failed and doubtful pages of the documents in hand, by what is wrong with them."""

    def __init__(self, *, failures_only: bool) -> None:
        """Start with none."""
        self._kinds = _WORTH_A_LINE[:1] if failures_only else _WORTH_A_LINE
        self._pages: dict[str, dict[tuple[VerdictStatus, str], list[int]]] = {}

    def add(self, event: PageDone) -> None:
        """Take note of a page."""
        if event.status not in self._kinds:
            return
        of_document = self._pages.setdefault(event.name, {})
        for reason in event.reasons or ("no reason given",):
            of_document.setdefault((event.status, reason), []).append(event.number)

    def take(self, name: str) -> Iterator[str]:
        """Yield ``pages 2, 4-6 suspect: reason`` for a document, which is then forgotten."""
        for (status, reason), numbers in self._pages.pop(name, {}).items():
            word = "page" if len(numbers) == 1 else "pages"
            yield f"{word} {_ranges(numbers)} {status.value}: {reason}"


def _ranges(numbers: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
