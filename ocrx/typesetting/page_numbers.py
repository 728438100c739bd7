"""What a page number looks like, alone on its line."""

from __future__ import annotations

import re

_FRAME = r"[\s\[\](){}<>|\-\u2013\u2014\u00b7\u2022~.]*"
_WORD = r"(?:pages?|pag\.?|p\.?|pg\.?|seite|s\.|p\u00e1g(?:ina|\.)?|"
_WORD += r"pagina|\u0441\u0442\u0440\.?|\u7b2c)"
_OF = r"(?:/|of|von|de|di|sur|van|av|\u0438\u0437|\||\u5171)"
_NUMBER = re.compile(
    rf"{_FRAME}(?:{_WORD}\s*)?(?P<value>\d{{1,4}}|[ivxlc]{{1,7}}|[IVXLC]{{1,7}})"
    rf"\s*[\u9875\u9801]?(?:\s*{_OF}\s*\d{{1,4}}\s*[\u9875\u9801]?)?(?:\s*\|?\s*p\s?a\s?g\s?e)?{_FRAME}$",
    re.I,
)
_MAX_LENGTH = 32


def is_page_number(text: str) -> bool:
    """Return whether the text is a page number alone: ``12``, ``- xii -``, ``3 / 10``."""
    text = text.strip()
    return len(text) <= _MAX_LENGTH and bool(_NUMBER.match(text))


def page_number(text: str) -> int | None:
    """Return the arabic number that a page number prints, None for a roman one or another text."""
    text = text.strip()
    found = _NUMBER.match(text) if len(text) <= _MAX_LENGTH else None
    if not found or not found["value"].isdecimal():
        return None
    return int(found["value"])
