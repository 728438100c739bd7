"""Running text as LaTeX: every character stands for itself and none can start a command."""

from __future__ import annotations

import re
from collections.abc import Callable

from ocrx.document import Script, Span
from ocrx.writers.items import Content, FootnoteRef, LineBreak
from ocrx.writers.latex_math import inline_math

NoteText = Callable[[FootnoteRef], str]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",  # after a line break or \item a bracket would be an option
    "]": "{]}",
    "*": "{*}",  # \\* is a command
    "\u00a0": "~",
    "\u00ad": r"\-",
    "\u200b": r"\hspace{0pt}",
    "\u2009": r"\,",
    "\u202f": r"\,",
    "\u2011": "-",
    "\u2212": r"\ensuremath{-}",
    "\u2022": r"\textbullet{}",
    "\u2026": r"\ldots{}",
    "\u20ac": r"\texteuro{}",
    "\u2122": r"\texttrademark{}",
    "\u2032": r"\ensuremath{'}",
    "\u2033": r"\ensuremath{''}",
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
}
_MATH = {  # set in math, so that both engines have a glyph whatever the font
    "\u00b1": "pm", "\u00d7": "times", "\u00f7": "div", "\u00ac": "neg", "\u2248": "approx",
    "\u2260": "neq", "\u2264": "leq", "\u2265": "geq", "\u2261": "equiv", "\u223c": "sim",
    "\u221e": "infty", "\u2202": "partial", "\u2207": "nabla", "\u2211": "sum", "\u220f": "prod",
    "\u222b": "int", "\u221d": "propto", "\u2208": "in", "\u2209": "notin", "\u2282": "subset",
    "\u2286": "subseteq", "\u222a": "cup", "\u2229": "cap", "\u2205": "emptyset",
    "\u2200": "forall", "\u2203": "exists", "\u2227": "wedge", "\u2228": "vee",
    "\u2190": "leftarrow", "\u2192": "rightarrow", "\u2191": "uparrow", "\u2193": "downarrow",
    "\u2194": "leftrightarrow", "\u21d2": "Rightarrow", "\u21d4": "Leftrightarrow",
    "\u27e8": "langle", "\u27e9": "rangle", "\u22c5": "cdot", "\u2219": "cdot", "\u2218": "circ",
    "\u2297": "otimes", "\u2295": "oplus", "\u22a5": "perp", "\u2225": "parallel",
    "\u2220": "angle", "\u25a1": "square", "\u25cf": "bullet", "\u2713": "checkmark",
    "\u226a": "ll", "\u226b": "gg", "\u21a6": "mapsto", "\u2113": "ell", "\u210f": "hbar",
}  # fmt: skip
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho varsigma"
    " sigma tau upsilon phi chi psi omega"
)
_LIGATURES = re.compile(r"(--|''|,,|<<|>>)")
_WORD_OF_GREEK = re.compile("[\u0370-\u03ff]{2}")


def greek_letters() -> dict[str, str]:
    """Return single Greek letters as math, which every font has."""
    names = _GREEK.split()
    letters = {chr(0x3B1 + at): (name if name != "o" else "") for at, name in enumerate(names)}
    capitals = {
        chr(0x391 + at): name.capitalize()
        for at, name in enumerate(names)
        if name in {"gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "phi", "psi", "omega"}
    }
    known = {character: name for character, name in (letters | capitals).items() if name}
    return {**known, "\u03d5": "phi", "\u03b5": "varepsilon", "\u03c6": "varphi", "\u00b5": "mu"}


_CHARACTERS = {
    **_SPECIAL,
    **{character: f"\\ensuremath{{\\{name}}}" for character, name in _MATH.items()},
}
_SINGLE_GREEK = {
    character: f"\\ensuremath{{\\{name}}}" for character, name in greek_letters().items()
}


def escape_latex(text: str) -> str:
    """Return text in which no character is a command or joins its neighbour into another."""
    known = _CHARACTERS if _WORD_OF_GREEK.search(text) else _CHARACTERS | _SINGLE_GREEK
    return "".join(
        "{}".join(piece) if at % 2 else "".join(known.get(char, char) for char in piece)
        for at, piece in enumerate(_LIGATURES.split(text))
    )


def latex_text(content: Content, line_end: str, note: NoteText) -> str:
    """Return the content as LaTeX; ``note`` gives what stands for a footnote's mark."""
    return "".join(_inline(inline, line_end, note) for inline in content)


def raised(text: str) -> str:
    """Return plain text raised, as a footnote's mark."""
    return f"\\textsuperscript{{{escape_latex(text)}}}"


def _inline(inline: Span | LineBreak | FootnoteRef, line_end: str, note: NoteText) -> str:
    if isinstance(inline, LineBreak):
        return line_end
    if isinstance(inline, FootnoteRef):
        return note(inline)
    text = inline_math(inline.text) if inline.math else None
    if text is None:
        text = escape_latex(inline.text)
        if inline.math:
            text = f"\\texttt{{{text}}}"
    for on, command in (
        (inline.code, "texttt"),
        (inline.script is Script.SUPER, "textsuperscript"),
        (inline.script is Script.SUB, "textsubscript"),
        (inline.italic, "textit"),
        (inline.bold, "textbf"),
    ):
        text = f"\\{command}{{{text}}}" if on else text
    return f"\\href{{{_address(inline.link)}}}{{{text}}}" if inline.link else text


def _address(link: str) -> str:
    """hyperref takes these characters as themselves when they are escaped."""
    return re.sub(r"([%#&_$])", r"\\\1", link.replace("~", r"\string~"))
