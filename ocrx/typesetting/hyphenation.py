"""Whether a hyphen at a line end divides a word or belongs to it.

Typesetters divide a word anywhere but break a compound at its own hyphen, so the printed line
cannot tell ``well-|known`` from ``know-|ledge``. The evidence is the document itself: how the
same words stand in the middle of other lines. ``joining.py`` does the joining.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SOFT_HYPHEN = "\u00ad"
HYPHENS = "-\u2010" + SOFT_HYPHEN
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_LAST_WORD = re.compile(r"[\w'\u2019-]+$")
_FIRST_WORD = re.compile(r"[\w'\u2019-]+")
_MAX_WORDS = 500_000

# "pre- and post-war", "Ein- und Ausgang": the hyphen stands for a word that is left out.
_SUSPENDING = frozenset({"and", "und", "oder", "sowie", "bzw", "en", "och", "og"})
# Heads of English compounds that keep their hyphen, unless the rest is a mere ending.
_COMPOUND_HEADS = frozenset({"self", "well", "ex", "quasi", "pseudo", "so", "all", "vice"})
_ENDINGS = frozenset({"ish", "ness", "less", "ing", "ed", "er", "hood", "dom", "fish", "come"})
_TENS = frozenset(
    {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
)  # fmt: skip
# Heads of closed English compounds whose halves are words of their own: some-|times.
_CLOSED = (
    "some any every no how what when where who there here with in on out over under up down "
    "through after before fore back mean never none other them him her it my your our one the "
    "be for may news work book house home life time under water foot hand head data web"
)
_CLOSED_HEADS = frozenset(_CLOSED.split())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words seen whole, in lower case, compounds with their hyphens.

    ``english`` says that compounds may be written with a hyphen between two words; German, Dutch
    and the Nordic languages write theirs closed.
    """

    words: frozenset[str]
    english: bool = False

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> Vocabulary:
        """Collect the words of printed lines, but none that a line end may have cut."""
        seen: set[str] = set()
        cut = False
        for line in lines:
            words = _WORD.findall(line.replace("\u2010", "-").lower())
            if cut:
                words = words[1:]
            cut = line[-1:] in HYPHENS
            seen.update(words[:-1] if cut else words)
            if len(seen) > _MAX_WORDS:
                break
        return cls(frozenset(seen), english={"the", "of", "and"} <= seen)


def hyphen_between(head: str, tail: str, vocabulary: Vocabulary | None) -> tuple[bool, str]:
    """Return whether the hyphen that ends ``head`` stays, and what stands before ``tail``."""
    if len(head) < 2 or not head[-2].isalnum():
        inner = len(head) > 1 and head[-2] == "-" and not head[:-2].endswith((" ", "-"))
        return True, "" if inner and len(head) > 2 and tail[0].isalnum() else " "
    if not tail[0].isalnum():
        return True, "" if tail[0] in "([" else " "
    if not (head[-2].isalpha() and tail[0].isalpha()):
        return True, ""  # 12-|15, COVID-|19, 3-|dimensional
    left = _matched(_LAST_WORD, head[:-1])
    right = _matched(_FIRST_WORD, tail)
    if not left or not right:
        return False, ""
    known = _known(left, right, vocabulary)
    if known is not None:
        return known, ""
    if right in _SUSPENDING or (right == "or" and _next_is_compound(tail)):
        return True, " "
    return _is_compound(left, right, tail, vocabulary), ""


def _matched(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""


def _known(left: str, right: str, vocabulary: Vocabulary | None) -> bool | None:
    """Return what the document's other lines say, None when they say nothing."""
    if vocabulary is None:
        return None
    low_left, low_right = left.replace("\u2010", "-").lower(), right.lower()
    if low_left + low_right in vocabulary.words:
        return False
    if f"{low_left}-{low_right}" in vocabulary.words:
        return True
    return None


def _next_is_compound(tail: str) -> bool:
    words = tail.split(maxsplit=2)
    return len(words) > 1 and "-" in words[1]


def _is_compound(left: str, right: str, tail: str, vocabulary: Vocabulary | None) -> bool:
    if tail[0].isupper():
        return not left.isupper() or len(left) == 1  # Anglo-|Saxon; but INTRO-|DUCTION
    if left.isupper() or len(left) == 1 or "-" in left:
        return True  # DNA-|based, e-|mail, state-of-the-|art
    low_left, low_right = left.lower(), right.split("-")[0].lower()
    if low_left in _TENS:
        return low_right not in {"ish", "fold"}
    if low_left in _COMPOUND_HEADS:
        return len(low_right) > 3 and low_right not in _ENDINGS
    if vocabulary is None or not vocabulary.english or low_left in _CLOSED_HEADS:
        return False
    long_enough = len(low_left) > 2 and len(low_right) > 3 and low_right not in _ENDINGS
    return long_enough and {low_left, low_right} <= vocabulary.words
