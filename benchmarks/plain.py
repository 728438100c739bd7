"""Markdown as plain text, tables and blocks: what the measures compare.

Both sides of a comparison go through the same door, so that house style (quotes, dashes, emphasis,
how a table is written, where lines end) costs nothing and wrong characters do.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

CJK = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_OPTIONAL = re.compile(r"<!--\s*optional:\s*(.*?)\s*-->")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_TABLE = re.compile(r"<table\b.*?</table\s*>", re.S | re.I)
_DISPLAY = re.compile(r"\$\$.+?\$\$|\\\[.+?\\\]", re.S)
_INLINE = re.compile(r"(?<![\\$])\$(?![\s$])([^$\n]{1,400}?)(?<![\s\\])\$(?![\d$])")
_FENCE = re.compile(r"^\s*(```|~~~)\w*\s*$", re.M)
_RULE_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]\n]*)\]\((?:[^()\s]|\([^()]*\))*\)")
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.I)
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|(?:>\s?)+|[-*+•◦▪●·–]\s+|\d{1,3}[.)]\s+)", re.M)
_RULE_LINE = re.compile(r"^\s*(?:[-*_]\s*){3,}$", re.M)
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]:?")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|$~<>&%])")
_EMPHASIS = re.compile(r"(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1")
_UNDERSCORE = re.compile(r"(?<!\w)(_{1,3})(?=\S)([^\n]+?)(?<=\S)\1(?!\w)")
_COMMANDS = {
    "rho": "ρ",
    "cdot": "·",
    "times": "×",
    "max": "max",
    "mathrm": "",
    "left": "",
    "right": "",
}
_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\ufeff\u2060", None),
    }
)


@dataclass(frozen=True, slots=True)
class Plain:
    """A document without its marks: ``text`` keeps its lines, ``tables`` are HTML."""

    text: str
    tables: tuple[str, ...]
    optional: tuple[str, ...] = ()


def read_markdown(markdown: str) -> Plain:
    """Split Markdown into running text, tables, and text that may but need not be there.

    Display formulas are left out: none of the tools compared writes LaTeX. Inline formulas stay as
    characters.
    """
    optional = tuple(fold(text) for text in _OPTIONAL.findall(markdown))
    text = _COMMENT.sub(" ", markdown.replace("\r\n", "\n"))
    tables = _TABLE.findall(text)
    text = _TABLE.sub("\n\n", text)
    text, piped = _take_pipe_tables(text)
    text = _DISPLAY.sub("\n\n", text)
    text = _INLINE.sub(lambda match: _latex_characters(match.group(1)), text)
    return Plain(strip_marks(text), (*tables, *piped), optional)


def strip_marks(text: str) -> str:
    """Take Markdown's and HTML's marks away; lines stay lines."""
    text = _FENCE.sub("", text)
    text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    text = _UNDERSCORE.sub(r"\2", text)
    text = _LINK.sub(r"\1", _IMAGE.sub(" ", text))
    text = html.unescape(_TAG.sub("", re.sub(r"<br\s*/?>", "\n", text, flags=re.I)))
    text = _RULE_LINE.sub("", text)
    text = _LINE_MARK.sub("", _LINE_MARK.sub("", text))
    text = _FOOTNOTE.sub(r"\1 ", text)
    return _ESCAPE.sub(r"\1", text)


def fold(text: str) -> str:
    """Return text on one line: NFKC, one kind of quote and dash, no blanks beside CJK."""
    text = unicodedata.normalize("NFKC", text).translate(_SAME)
    text = re.sub(r"(?<=[^\W\d_])-[ \t]*\n\s*(?=[^\W\d_])", "", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ([,.;:!?)\]}])", r"\1", text)
    text = re.sub(rf"\s*([{CJK}])\s*", r"\1", text)
    return text.strip()


def _take_pipe_tables(text: str) -> tuple[str, list[str]]:
    kept: list[str] = []
    tables: list[str] = []
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        if not _starts_table(lines, index):
            kept.append(lines[index])
            index += 1
            continue
        rows = [_cells(lines[index])]
        index += 2
        while index < len(lines) and "|" in lines[index]:
            rows.append(_cells(lines[index]))
            index += 1
        tables.append(_as_html(rows))
        kept.append("")
    return "\n".join(kept), tables


def _starts_table(lines: list[str], index: int) -> bool:
    if index + 1 >= len(lines) or "|" not in lines[index]:
        return False
    rule = lines[index + 1]
    return "|" in rule and "-" in rule and _RULE_ROW.fullmatch(rule) is not None


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", inner)]


def _as_html(rows: list[list[str]]) -> str:
    if not any(rows[0]):  # an empty heading row is how Markdown says that there is none
        rows = rows[1:]
    width = max((len(row) for row in rows), default=0)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row + [""] * (width - len(row))) + "</tr>"
        for row in rows
    )
    return f"<table>{body}</table>"


def _latex_characters(latex: str) -> str:
    """Read inline LaTeX roughly as the characters that are printed."""
    named = re.sub(r"\\([a-zA-Z]+)", lambda match: _COMMANDS.get(match.group(1), " "), latex)
    return re.sub(r"\\.|[{}^_]", "", named)
