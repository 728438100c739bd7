"""Characters that Markdown would read as marks, and the backslashes that keep them characters."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

PUNCTUATION = frozenset(string.punctuation)
ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_LINE_START = re.compile(r"(#{1,6}|[-+*])(?=\s|\Z)|>|(?=\[[ xX]\](\s|\Z))")
_NUMBER_START = re.compile(r"(\d{1,9})([.)])(?=\s|\Z)")
# A line of these alone underlines a heading, begins a table or divides sections.
_RULE = re.compile(r"(=+|[-:| \t]*-[-:| \t]*|([_*])([ \t]*\2){2,})[ \t]*\Z")
_BEFORE = {  # characters that are marks only before these
    "\\": frozenset({*PUNCTUATION, ""}),
    "!": frozenset("["),
    "<": frozenset({*string.ascii_letters, *"/!?"}),
}


@dataclass(frozen=True, slots=True)
class Marks:
    """Which characters would be read as marks in this text."""

    dollar: bool
    tilde: bool
    pipe: bool
    brackets: bool = False


def guard_line(line: str) -> str:
    """Return a line that cannot begin a heading, list, quote, rule or table."""
    if match := _NUMBER_START.match(line):
        return f"{match[1]}\\{line[match.end(1) :]}"
    if _LINE_START.match(line) or _RULE.match(line):
        return "\\" + line
    return line


def escape_alternative(text: str) -> str:
    """Return one line of plain text for the brackets of a picture."""
    return escape(text, "[", "]", Marks(dollar=True, tilde=True, pipe=False, brackets=True))


def escape(text: str, before: str, after: str, marks: Marks) -> str:
    """Return text in which every character stands for itself.

    ``before`` and ``after`` are the characters beside it, empty at the line's ends.
    """
    out = []
    for index, character in enumerate(text):
        left = text[index - 1] if index else before
        right = text[index + 1] if index + 1 < len(text) else after
        if character in PUNCTUATION and _must_escape(text, index, left, right, marks):
            out.append("\\")
        out.append(character)
    return "".join(out)


def _must_escape(text: str, index: int, left: str, right: str, marks: Marks) -> bool:
    """``left`` and ``right`` are the characters beside the one at ``index``."""
    character = text[index]
    if character in "$~|":
        return {"$": marks.dollar, "~": marks.tilde, "|": marks.pipe}[character]
    if character in "[](:":
        return _bracket_marks(character, left if index == 0 else "", right, marks)
    if character == "&":
        return ENTITY.match(text, index) is not None
    if character == "*":
        return not (_blank(left) and _blank(right))
    if character == "_":
        return _underscore_marks(text, index, left, right)
    return character == "`" or (character in _BEFORE and right in _BEFORE[character])


def _bracket_marks(character: str, left: str, right: str, marks: Marks) -> bool:
    """``left`` is what was written before this text; a link or footnote mark ends in ``]``."""
    if character in "[]" and marks.brackets:
        return True
    if character == "]":
        return right in ("(", "[", ":")
    return left == "]" or (character == "[" and right == "^")


def _underscore_marks(text: str, index: int, left: str, right: str) -> bool:
    """Inside a word and between blanks an underscore is only itself."""
    head, tail = text[:index].rstrip("_"), text[index + 1 :].lstrip("_")
    left, right = head[-1:] or left, tail[:1] or right
    between_blanks = _blank(left) and _blank(right)
    return not (between_blanks or (left.isalnum() and right.isalnum()))


def _blank(character: str) -> bool:
    return not character or character.isspace()
