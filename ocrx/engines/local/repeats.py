"""Finds text that runs in circles while it is being written, so that a page stops at once.

Three watches look at the text, its numbers set aside and its boxes dropped: cycles, where the tail
is one unit again and again (words, cells, lines, paragraphs, of any length); lines or table rows
that keep coming back among others; and ``echoes``, for rounds that the no-repeat rule breaks up
with a stray token in every few. In the first two numbers may stay or count on by a steady step
("item 17", "item 18": where the rule drives a model that loops); in real tables they do neither.

What tells a loop from a page is how much fits on paper, see ``copies_needed``. Stopping is for the
scheduler, what to try then for whoever asked.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocrx.engines.local.echoes import EchoWatch

CHECK_EVERY = 32  # tokens between looks: a hundredth of a step's time, and soon enough
MAX_PERIOD = 2500  # characters of a unit, about 600 tokens; nothing on a page repeats beyond it
MIN_COPIES = 4  # of anything: a form printed two or three times on one sheet is no loop

# What a sheet of paper holds. A4 at the smallest usual leading (8 pt) has 100 lines; ledgers,
# answer sheets and empty tables fill it with rows that hold nothing, or next to nothing.
SPARSE_LETTERS = 4  # different ones: "n/a", "A B C D", "0.00", "____", "<td></td>"
SPARSE_COPIES = 100
SPARSE_CHARACTERS = 4000  # and at least so much in all: leaders and rules are long, and cheap
# A column of one and the same remark ("not available") seldom has more than 60 rows.
SHORT_LETTERS, SHORT_VARIETY = 30, 12
SHORT_COPIES = 60
# A sheet of address labels has 30, and no page of print more than 6,000 letters: the same sentence
# 40 times, or as often as would fill the page, is not on it.
SENTENCE_COPIES = 40
PAGE_LETTERS = 6000

_SUFFIX = 32  # characters that must stand earlier before a period is tried
_MAX_PERIODS_TRIED = 32  # cells whose numbers alternate repeat at several distances
_LINE_SPREAD = 2  # so many lines may hold the copies: every other one may be a stray
_STEADY = 0.8  # share of steps that must be equal for numbers to count as counting
_MAX_TORN = 8  # tokens to wait for the rest of a character: four bytes, and some patience
_MAX_DIGITS = 9
_BOX = "<|det|>"
_BOX_END = "<|/det|>"
_MAX_BOX = 400  # characters; what is longer is read as text
_RUNAWAY = 1000  # characters of one number, or of nothing but white space

_PIECES = re.compile(
    r"<\|det\|>[^<]{0,400}<\|/det\|>|\[\s*\d{1,4}(?:\s*,\s*\d{1,4}){3}\s*\]"  # boxes
    r"|(?P<number>\d+)|(?P<space>\s+)"
)
_UNFINISHED = re.compile(r"(?:\[[\d\s,]{0,40}|\d+|\s+|<[^<>]{0,12})\Z")
_LINE_END = re.compile(r"\n|</tr>")
_TAG = re.compile(r"<[^<>]*>")
_LABEL = re.compile(r"<\|ref\|>[^<>]*<\|/ref\|>")


@dataclass(frozen=True, slots=True)
class Loop:
    """Text that runs in circles. The first ``kept`` characters hold one copy of what repeats."""

    reason: str
    kept: int


@dataclass(frozen=True, slots=True)
class _Line:
    ordinal: int
    end: int  # where it ends in the plain text
    numbers: tuple[int, ...]


def copies_needed(unit: str) -> int:
    """Return how often a unit of text must repeat before it is a loop and not a page.

    The less there is in the unit, the more often it may stand on paper.
    """
    letters = [character for character in _TAG.sub("", unit) if character.isalpha()]
    variety = len(set(letters))
    if variety <= SPARSE_LETTERS:
        return max(SPARSE_COPIES, -(-SPARSE_CHARACTERS // len(unit)))
    if len(letters) < SHORT_LETTERS or variety < SHORT_VARIETY:
        return SHORT_COPIES
    return min(SENTENCE_COPIES, max(MIN_COPIES, PAGE_LETTERS // len(letters)))


class RepeatWatch:
    """Watches one sequence. ``text`` decodes token ids, cut anywhere between two characters."""

    def __init__(self, text: Callable[[Sequence[int]], str]) -> None:
        """Begin with an empty sequence."""
        self._decode = text
        self._decoded = 0  # tokens
        self._raw = ""
        self._taken = 0  # characters of raw that stand in plain
        self._plain = ""  # numbers are "0", white space is one character, boxes are gone
        self._numbers: list[int] = []
        self._line_start = 0
        self._line_numbers = 0
        self._ordinal = 0
        self._lines: defaultdict[str, list[_Line]] = defaultdict(list)
        self._echoes = EchoWatch()

    def check(self, ids: Sequence[int]) -> Loop | None:
        """Look at the tokens so far; cheap to call after each, since it looks every few only."""
        waiting = len(ids) - self._decoded
        if waiting < CHECK_EVERY:
            return None
        fresh = self._decode(ids[self._decoded :])
        if fresh.endswith("\ufffd") and waiting < CHECK_EVERY + _MAX_TORN:
            return None
        self._decoded = len(ids)
        self._raw += fresh
        self._take(_finished(self._raw, self._taken))
        found = _runaway(self._raw) or self._returning_line() or self._cycle()
        return found or self._echo()

    def _take(self, end: int) -> None:
        """Add raw text up to ``end`` to the plain text."""
        self._plain += _PIECES.sub(self._plain_piece, self._raw[self._taken : end])
        self._taken = end

    def _plain_piece(self, match: re.Match[str]) -> str:
        number = match["number"]
        if number:
            self._numbers.append(int(number[-_MAX_DIGITS:]))
        return _stand_in(match)

    def _cycle(self) -> Loop | None:
        """Find a period of the tail that holds for as many copies as its unit needs."""
        plain = self._plain
        suffix, at = plain[-_SUFFIX:], len(plain) - _SUFFIX
        oldest = max(0, at - MAX_PERIOD)
        for _ in range(_MAX_PERIODS_TRIED):
            at = plain.rfind(suffix, oldest, at + _SUFFIX - 1) if at > oldest else -1
            if at < 0:
                return None
            period = len(plain) - _SUFFIX - at
            if not _has_period(plain, period, MIN_COPIES):
                continue
            copies = copies_needed(plain[-period:])
            if not _has_period(plain, period, copies):
                continue
            per_unit = plain[-period:].count("0")
            numbers = self._numbers[len(self._numbers) - copies * per_unit :]
            rows = [numbers[k * per_unit : (k + 1) * per_unit] for k in range(copies)]
            if _steady(rows):
                return self._cycle_found(period, counting=rows[0] != rows[-1])
        return None

    def _cycle_found(self, period: int, *, counting: bool) -> Loop:
        plain = self._plain
        start = len(plain) - period
        while start and plain[start - 1] == plain[start - 1 + period]:
            start -= 1
        unit, copies = plain[-period:], (len(plain) - start) // period
        lines = len(_LINE_END.findall(unit))
        if lines == 1:
            what = f"the last {copies} {_kind(unit)} are the same"
        elif lines:
            what = f"the last {copies * lines} {_kind(unit)} are the same {lines} again and again"
        else:
            what = f"the same {period} characters stand {copies} times at the end"
        return self._loop(what, start + period, counting=counting)

    def _returning_line(self) -> Loop | None:
        """Find a line among those completed that came back too often among the last ones."""
        for match in _LINE_END.finditer(self._plain, self._line_start):
            line = self._plain[self._line_start : match.end()].strip()
            first = self._line_numbers
            self._line_start = match.end()
            self._line_numbers += line.count("0")
            if not line or _LABEL.fullmatch(line):
                continue
            self._ordinal += 1
            numbers = tuple(self._numbers[first : self._line_numbers])
            seen = self._lines[line]
            seen.append(_Line(self._ordinal, match.end(), numbers))
            if len(seen) >= MIN_COPIES:
                loop = self._returned(line, seen)
                if loop is not None:
                    return loop
        return None

    def _returned(self, line: str, seen: list[_Line]) -> Loop | None:
        copies = copies_needed(line)
        if len(seen) < copies:
            return None
        among = seen[-1].ordinal - seen[-copies].ordinal + 1
        rows = [each.numbers for each in seen[-copies:]]
        if among > copies * _LINE_SPREAD or not _steady(rows):
            return None
        which = f"the last {copies}" if among == copies else f"{copies} of the last {among}"
        what = f"{which} {_kind(line)} are the same"
        return self._loop(what, seen[-copies].end, counting=rows[0] != rows[-1])

    def _echo(self) -> Loop | None:
        start = self._echoes.check(self._plain)
        if start is None:
            return None
        what = f"the last {len(self._plain) - start} characters mostly repeat what stands before"
        return self._loop(what, start, counting=False)

    def _loop(self, what: str, plain_end: int, *, counting: bool) -> Loop:
        reason = f"{what}, but for a counter" if counting else what
        return Loop(reason, _raw_end(self._raw, plain_end))


def _finished(raw: str, start: int) -> int:
    """Return where the last number, space, tag or box that may yet grow begins."""
    opened = _open_box(raw)
    if opened is not None and len(raw) - opened < _MAX_BOX:
        return max(start, opened)
    found = _UNFINISHED.search(raw, max(start, len(raw) - _RUNAWAY))
    return found.start() if found else len(raw)


def _open_box(raw: str) -> int | None:
    opened = raw.rfind(_BOX)
    return opened if opened > raw.rfind(_BOX_END) else None


def _runaway(raw: str) -> Loop | None:
    """Find a number, a gap or a box that does not end."""
    opened = _open_box(raw)
    if opened is not None and len(raw) - opened > SPARSE_CHARACTERS:
        return Loop("a list of boxes does not end", opened)
    tail = raw[-_RUNAWAY:]
    if len(tail) == _RUNAWAY and (tail.isspace() or tail.isdigit()):
        what = "white space" if tail.isspace() else "one number"
        return Loop(f"the last {_RUNAWAY} characters are {what}", len(raw) - _RUNAWAY)
    return None


def _stand_in(match: re.Match[str]) -> str:
    if match["number"]:
        return "0"
    space = match["space"]
    return ("\n" if "\n" in space else " ") if space else ""


def _raw_end(raw: str, plain_end: int) -> int:
    """Return where in the raw text the plain text has ``plain_end`` characters."""
    done = plain = 0
    for match in _PIECES.finditer(raw):
        copied = match.start() - done
        if plain + copied >= plain_end:
            break
        plain += copied + len(_stand_in(match))
        done = match.end()
    return min(len(raw), done + max(0, plain_end - plain))


def _has_period(text: str, period: int, copies: int) -> bool:
    span = period * copies
    return span <= len(text) and text[-span:-period] == text[period - span :]


def _steady(rows: Sequence[Sequence[int]]) -> bool:
    """Say whether every column of numbers stays or counts on, strays aside."""
    for column in zip(*rows, strict=True):
        steps = [after - before for before, after in pairwise(column)]
        if steps and Counter(steps).most_common(1)[0][1] < _STEADY * len(steps):
            return False
    return True


def _kind(text: str) -> str:
    return "table rows" if "</tr>" in text else "lines"
