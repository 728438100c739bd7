"""Formulas from a recogniser, let into a LaTeX file only when they can do no harm.

A TeX engine runs what it reads: it can open files and loop for ever. So a formula passes only if
every command in it is on a list of plain mathematics, and its braces and pairs are balanced. What
remains can at worst be a formula that TeX complains about and still sets (``x^a^b``).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

MAX_LATEX_CHARACTERS = 20_000
MAX_NESTING = 100
_TOKEN = re.compile(r"\\([A-Za-z]+\*?|.)|([{}$%#&~])", re.DOTALL)
_ENVIRONMENT = re.compile(r"\s*\{([A-Za-z]+\*?)\}")
_ENVIRONMENTS = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix"}) | {
    "smallmatrix",
    "cases",
    "array",
    "aligned",
}
_DELIMITER = re.compile(r"\s*(\\[A-Za-z]+|\\[|{}]|[()\[\]|./<>])")
_SYMBOL_COMMANDS = frozenset("\\,;:!{}|% _&#")


def inline_math(latex: str) -> str | None:
    r"""Return ``\(latex\)``, or None where the formula cannot be trusted."""
    return rf"\({latex}\)" if is_safe_math(latex) else None


def display_math(latex: str) -> str | None:
    """Return a displayed formula, or None where it cannot be trusted."""
    return f"\\[\n{latex}\n\\]" if is_safe_math(latex) else None


def is_safe_math(latex: str) -> bool:
    """Whether the formula holds nothing but known mathematics, its groups and pairs closed."""
    if not latex.strip() or len(latex) > MAX_LATEX_CHARACTERS or not latex.isascii():
        return False
    if "^^" in latex:  # TeX's way to write any character, a backslash too, by its code
        return False
    open_groups: list[str] = []
    for match in _TOKEN.finditer(latex):
        command, special = match.groups()
        if command is None:
            sound = _character(special, open_groups)
        elif command in ("begin", "end", "left", "right"):
            sound = _pair(command, latex[match.end() :], open_groups)
        else:
            sound = command in _SYMBOL_COMMANDS or command in _math_commands()
        if not sound or len(open_groups) > MAX_NESTING:
            return False
    return not open_groups and not latex.rstrip().endswith(("\\", "^", "_"))


@cache
def _math_commands() -> frozenset[str]:
    names = files("ocrx.writers").joinpath("math_commands.txt").read_text("utf-8")
    return frozenset(names.split())


def _character(special: str, open_groups: list[str]) -> bool:
    if special == "{":
        open_groups.append("{")
        return True
    if special == "}":
        return bool(open_groups) and open_groups.pop() == "{"
    return special == "&" and bool(open_groups) and open_groups[-1] in _ENVIRONMENTS


def _pair(command: str, rest: str, open_groups: list[str]) -> bool:
    """Open or close an environment or a pair of delimiters."""
    if command in ("left", "right"):
        if not _DELIMITER.match(rest):
            return False
        if command == "left":
            open_groups.append("left")
            return True
        return bool(open_groups) and open_groups.pop() == "left"
    match = _ENVIRONMENT.match(rest)
    if match is None or match[1] not in _ENVIRONMENTS:
        return False
    if command == "begin":
        open_groups.append(match[1])
        return True
    return bool(open_groups) and open_groups.pop() == match[1]
