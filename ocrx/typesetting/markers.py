"""Marks that open list items and footnotes, and the sequences that they form."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ocrx.document import Span

_BULLETS = (
    "\u2022\u25e6\u25aa\u25ab\u25a0\u25a1\u25cf\u25cb\u2023\u2043\u2219\u25b6\u25ba\u27a2\u27a4"
)
_BULLETS += "\u2027\u2713\u2714\u2756\u25c6\u25c7\u2666\u2610\u2611\u2612\u00b7\u30fb"
_DASHES = "-*\u2013\u2014\u2212"
_BULLET = re.compile(rf"([{_BULLETS}])\s*")
_DASH = re.compile(rf"([{_DASHES}])\s+(?=\S)|(o)\s+(?=[A-Z0-9\u00c0-\u00dd])")
_NUMBER = re.compile(
    r"(?P<open>[(\[\uff08]?)(?P<value>\d{1,3}|[ivxlcdmIVXLCDM]{1,7}|[A-Za-z])"
    r"(?P<close>[.)\]\uff09\u3001\uff0e]{1,2})(?:\s+(?=\S)|(?=[A-Z\u00c0-\u00dd\u2e80-\u9fff]))"
)
_SECTION = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,4}[.)]?)\s+(?=\S)")
_FOOTNOTE = re.compile(
    r"(?:([*\u2020\u2021\u00a7\u00b6#]{1,3})\s*(?=\S)|[(\[]?(\d{1,3}|[a-z])[.)\]]{1,2}\s*(?=\S)"
    r"|(\d{1,3})\s+(?=\S)|(\d{1,2})(?=[A-Z\u00c0-\u00dd][a-z]))"
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@dataclass(frozen=True, slots=True)
class Marker:
    """A mark at the start of a row.

    ``family`` is how it is written (``•``, ``(1)``, ``a.``), the same for all items of a list;
    ``values`` are the numbers it may stand for (``i`` is both 9 and roman 1), empty for a bullet.
    ``length`` counts the characters of the row that belong to it, the blank after it included.
    """

    text: str
    family: str
    values: tuple[int, ...]
    length: int

    @property
    def is_bullet(self) -> bool:
        """Whether it is a sign rather than a number."""
        return not self.values

    @property
    def is_certain(self) -> bool:
        """Whether nothing but a list is set with it."""
        return self.is_bullet and self.text in _BULLETS

    def follows(self, earlier: Marker) -> bool:
        """Whether it is the next mark of the same list."""
        if self.family != earlier.family:
            return self.is_number and earlier.is_number and self._same_frame(earlier)
        return self.is_bullet or any(value + 1 in self.values for value in earlier.values)

    def starts_list(self) -> bool:
        """Whether it can be the first of its list."""
        return self.is_bullet or 1 in self.values

    @property
    def is_number(self) -> bool:
        """Whether it counts."""
        return bool(self.values)

    def _same_frame(self, earlier: Marker) -> bool:
        """``h.`` may be followed by ``i.``, read as roman at first sight: compare the values."""
        frame, other = self.family[1:], earlier.family[1:]
        letters = {self.family[0], earlier.family[0]} in ({"a", "r"}, {"A", "R"})
        goes_on = any(value + 1 in self.values for value in earlier.values)
        return frame == other and letters and goes_on


def list_marker(text: str) -> Marker | None:
    """Return the mark of a list item that the text starts with."""
    head = text[:24]
    found = _BULLET.match(head) or _DASH.match(head)
    if found:
        sign = found.group(1) or found.group(2)
        return Marker(sign, sign, (), found.end())
    found = _SECTION.match(head)
    if found:
        sign = found.group(1)
        last = int(sign.rstrip(".)").rpartition(".")[2])
        return Marker(sign, "1." * (sign.rstrip(".)").count(".") + 1), (last,), found.end())
    found = _NUMBER.match(head)
    if not found or (found["open"] and found["close"][0] not in ")]\uff09"):
        return None
    letter, values = _values(found["value"])
    family = letter + found["open"] + found["close"]
    return Marker(found.group().strip(), family, values, found.end()) if values else None


def footnote_marker(spans: tuple[Span, ...]) -> Marker | None:
    """Return the mark of a footnote: raised, a sign, or a small number before the words."""
    if not spans:
        return None
    first = spans[0].text
    if spans[0].script.value == "super" and len(first.strip()) <= 4 and len(spans) > 1:
        sign = first.strip()
        values = (int(sign),) if sign.isdecimal() else ()
        return Marker(sign, "super", values, len(first))
    found = _FOOTNOTE.match("".join(span.text for span in spans[:4])[:24])
    if not found:
        return None
    sign = next(group for group in found.groups() if group)
    values = (int(sign),) if sign.isdecimal() else ()
    return Marker(sign, "note", values, found.end())


def drop_characters(spans: tuple[Span, ...], count: int) -> tuple[Span, ...]:
    """Return the spans without their first ``count`` characters and the blanks after them."""
    kept: list[Span] = []
    for span in spans:
        if count >= len(span.text):
            count -= len(span.text)
            continue
        text = span.text[count:] if kept else span.text[count:].lstrip()
        count = 0
        if text:
            kept.append(replace(span, text=text))
    return tuple(kept)


def _values(sign: str) -> tuple[str, tuple[int, ...]]:
    """Return the kind of number (1, a, A, r, R) and what it may stand for."""
    if sign.isdecimal():
        return "1", (int(sign),)
    roman = _roman(sign.lower()) if sign in (sign.lower(), sign.upper()) else None
    if len(sign) > 1:
        return ("r" if sign.islower() else "R"), (() if roman is None else (roman,))
    alphabetic = ord(sign.lower()) - ord("a") + 1
    values = (alphabetic,) if roman is None else (alphabetic, roman)
    if sign in "iI":
        return ("r" if sign == "i" else "R"), values
    return ("a" if sign.islower() else "A"), values


def _roman(sign: str) -> int | None:
    total = previous = 0
    for letter in reversed(sign):
        value = _ROMAN.get(letter, 0)
        if not value:
            return None
        total += value if value >= previous else -value
        previous = max(previous, value)
    return total
