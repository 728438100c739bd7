"""The pages that a user asks for: ``1-3,7,-1``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocrx.errors import UsageError

_ITEM = re.compile(r"(?P<first>-?\d{1,9})(?P<range>-(?P<last>-?\d{1,9})?)?\Z")


@dataclass(frozen=True, slots=True)
class PageSelection:
    """Ranges of page numbers from 1, both ends included; negative numbers count from the end.

    An open end is -1, the last page.
    """

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, text: str) -> PageSelection:
        """Read ``1-3,7,-1``; ``5-`` runs to the end, ``-3--1`` is the last three.

        Raises:
            UsageError: it is no list of page numbers.
        """
        ranges = tuple(_parse_item(item.strip(), text) for item in text.split(","))
        return cls(ranges)

    def indices(self, count: int) -> tuple[int, ...]:
        """Return the 0-based pages of a document of ``count`` pages, in order, each once.

        A range that runs past the last page ends there.

        Raises:
            UsageError: a page or the start of a range is not in the document.
        """
        chosen: set[int] = set()
        for first, last in self.ranges:
            start, end = _resolve(first, count), _resolve(last, count)
            if first == last or start >= count or start < 0:
                _require_inside(first, start, count)
            if end < start:
                raise UsageError(f"--pages {first}-{last}: runs backwards ({count} pages)")
            chosen.update(range(start, min(end, count - 1) + 1))
        return tuple(sorted(chosen))


def parse_page_selection(text: str, count: int) -> tuple[int, ...]:
    """Return the 0-based indices of ``text`` in a document of ``count`` pages, in order.

    Raises:
        UsageError: it is no list of page numbers, or names a page that is not there.
    """
    return PageSelection.parse(text).indices(count)


def _parse_item(item: str, text: str) -> tuple[int, int]:
    match = _ITEM.match(item)
    if match is None:
        raise UsageError(f"--pages {text!r}: {item!r} is no page number or range (try 1-3,7,-1)")
    first = int(match["first"])
    last = first if match["range"] is None else int(match["last"] or -1)
    if first == 0 or last == 0:
        raise UsageError(f"--pages {text!r}: pages count from 1")
    if 0 < last < first or last < first < 0:
        raise UsageError(f"--pages {text!r}: {item!r} runs backwards")
    return first, last


def _resolve(number: int, count: int) -> int:
    return number - 1 if number > 0 else count + number


def _require_inside(number: int, index: int, count: int) -> None:
    if not 0 <= index < count:
        pages = "1 page" if count == 1 else f"{count} pages"
        raise UsageError(f"--pages: there is no page {number} in a document of {pages}")
