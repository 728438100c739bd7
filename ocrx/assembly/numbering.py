"""The numbers of headings: ``3.2 Results``, ``IV. Methods``, ``Chapter 2``, ``第三节``."""

from __future__ import annotations

import re

_DECIMAL = re.compile(r"(\d{1,2}(?:\.\d{1,3}){0,5})[.)]?\s+(?=[^\W\d_])")
_APPENDIX = re.compile(r"[A-Z]((?:\.\d{1,2}){1,4})[.)]?\s+\S")
_WORDS = re.compile(
    r"(chapter|part|appendix|kapitel|teil|chapitre|cap[i\u00ed]tulo)\s+[\divxlc]+\b", re.I
)
_SECTION = re.compile(r"(section|abschnitt|\u00a7)\s*[\d]+\b", re.I)
_HAN_DIGITS = "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e"
_HAN = re.compile(f"\u7b2c[{_HAN_DIGITS}\\d]+([\u7ae0\u7bc7\u8282\u7bc0])")


def numbering_depth(text: str) -> int | None:
    """Return how deep the number of a heading says it stands, from 1; None without a number."""
    head = text[:40]
    if found := _DECIMAL.match(head):
        return len([part for part in found.group(1).split(".") if part])
    if found := _APPENDIX.match(head):
        return 1 + found.group(1).count(".")
    if _WORDS.match(head):
        return 1
    if found := _HAN.match(head):
        return 1 if found.group(1) in "\u7ae0\u7bc7" else 2
    return 2 if _SECTION.match(head) else None
