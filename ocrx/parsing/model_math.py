r"""Formulas in the text of a model: where inline ones stand, and LaTeX without its delimiters.

Knows ``\( \)``, ``\[ \]``, ``$ $``, ``$$ $$`` and the display environments. Whether a formula may
be let into a file is for the writers to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_INLINE_CHARACTERS = 4_000

_PARENTHESES = re.compile(r"(?<!\\)\\\(")
_CLOSING = re.compile(r"\\\)|\n[ \t]*\n")
_DOLLARS = re.compile(
    r"(?<![\\$])\$(?=[^\s$])(?P<latex>(?:[^$\\\n]|\\.){1,1000})(?<!\s)\$(?![\d$])"
)
_MATHEMATICS = re.compile(r"\\[A-Za-z]|[\^_=<>]|\A[A-Za-z]\Z|\A[\d\s.,+\-*/()]*[+*/][\d\s.,()]*\Z")
_ENVIRONMENTS = {
    "equation": "",
    "displaymath": "",
    "math": "",
    "align": "aligned",
    "flalign": "aligned",
    "alignat": "aligned",
    "eqnarray": "aligned",
    "split": "aligned",
    "gather": "aligned",
    "gathered": "aligned",
    "multline": "aligned",
}
DISPLAY_ENVIRONMENTS = tuple(_ENVIRONMENTS)
_MARK = re.compile(
    rf"\\(?P<end>begin|end)\s*\{{(?P<name>{'|'.join(_ENVIRONMENTS)})\*?\}}(?:\{{\d{{1,2}}\}})?"
)
_SPELLINGS = {r"\coloneqq": ":=", r"\eqqcolon": "=:"}  # not every reader of Markdown knows them
_SPELLING = re.compile(r"\\(?:coloneqq|eqqcolon)(?![A-Za-z])")
_TAG = re.compile(r"\\tag(\*?)\s*\{([^{}]{1,40})\}")
_LABEL = re.compile(r"\\label\s*\{[^{}]{0,80}\}")  # no print: a name for references
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("&(?:lt|gt|amp);")
_BRACKETED = re.compile(r"\s*[\d*]{1,5}(?:\s*[,;\u2013-]\s*\d{1,5}){0,40}\s*\Z")
_RAISED = re.compile(
    r"\s*(?:\{\s*\})?\^\s*\{?\s*(?P<marks>[a-z]|(?:[\d*,\s]|\\(?:dagger|ddagger|ast)\s*){1,24})\s*"
    r"\}?\s*\Z"
)
_SIGNS = {r"\dagger": "\u2020", r"\ddagger": "\u2021", r"\ast": "*"}
_SIGN = re.compile(r"\\(?:ddagger|dagger|ast)\s*")


@dataclass(frozen=True, slots=True)
class InlineFormula:
    """A formula in running text: where its text ends, and its LaTeX without delimiters."""

    end: int
    latex: str


def inline_formulas(text: str) -> dict[int, InlineFormula]:
    """Return the inline formulas of a text by the index at which each starts."""
    found: dict[int, InlineFormula] = {}
    at = 0
    while opening := _PARENTHESES.search(text, at):
        closing = _CLOSING.search(text, opening.end())
        if closing is None:
            break
        latex = text[opening.end() : closing.start()]
        at = closing.end()
        if closing[0] == "\\)" and latex.strip() and len(latex) <= MAX_INLINE_CHARACTERS:
            found[opening.start()] = InlineFormula(closing.end(), tidy(latex))
    if "$" in text:
        for match in _DOLLARS.finditer(text):
            if _MATHEMATICS.search(match["latex"]):
                found.setdefault(match.start(), InlineFormula(match.end(), tidy(match["latex"])))
    return found


def tidy(latex: str) -> str:
    """Return LaTeX that can stand inside any pair of delimiters.

    Environments that are displays themselves become ``aligned``, which is none. ``\\tag{58}``
    becomes ``\\qquad (58)``, which stands anywhere.
    """
    text = _ENTITY.sub(lambda match: _ENTITIES[match[0]], latex)
    text = _SPELLING.sub(lambda match: _SPELLINGS[match[0]], text)
    text = _TAG.sub(lambda m: f"\\qquad {m[2]}" if m[1] else f"\\qquad ({m[2]})", text)
    return _MARK.sub(_environment, _LABEL.sub("", text)).strip()


def _environment(match: re.Match[str]) -> str:
    name = _ENVIRONMENTS[match["name"]]
    return f"\\{match['end']}{{{name}}}" if name else ""


def is_bracketed_number(latex: str) -> bool:
    r"""Return whether ``\[...\]`` holds numbers only: escaped brackets of a citation."""
    return _BRACKETED.match(latex) is not None


def raised_marks(latex: str) -> str | None:
    r"""Return the marks of a formula that only raises them (``^{1,2}``, ``^\dagger``), else None.

    Marks of notes and affiliations are text; as text they can be tied to their notes.
    """
    found = _RAISED.match(latex) if len(latex) < 100 else None
    if found is None:
        return None
    marks = _SIGN.sub(lambda match: _SIGNS[match[0].strip()], found["marks"])
    return "".join(marks.split()) or None


def looks_like_mathematics(text: str) -> bool:
    """Return whether a text without delimiters is LaTeX."""
    return _MATHEMATICS.search(text.strip()) is not None
