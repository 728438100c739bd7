"""Running text as GitHub Flavored Markdown: escaped where it must be and no more."""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from ocrx.document import Script, Span
from ocrx.writers.items import Content, FootnoteRef, LineBreak
from ocrx.writers.options import MathStyle

HARD_BREAK = "  \n"  # every dialect knows it, and nothing shows where Markdown is read as text
_PUNCTUATION = frozenset(string.punctuation)
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_BACKTICKS = re.compile("`+")
_LINE_START = re.compile(r"(#{1,6}|[-+*])(?=\s|\Z)|>|(?=\[[ xX]\](\s|\Z))")
_NUMBER_START = re.compile(r"(\d{1,9})([.)])(?=\s|\Z)")
# A line of these alone underlines a heading, begins a table or divides sections.
_RULE = re.compile(r"(=+|[-:| \t]*-[-:| \t]*|([_*])([ \t]*\2){2,})[ \t]*\Z")
_BEFORE = {  # characters that are marks only before these
    "\\": frozenset({*_PUNCTUATION, ""}),
    "!": frozenset("["),
    "<": frozenset({*string.ascii_letters, *"/!?"}),
}
_TAGS = {Script.SUPER: "sup", Script.SUB: "sub"}


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Where running text stands.

    How formulas are marked, whether a pipe would end a cell, and whether its lines begin lines of
    the output, where ``1.`` or ``#`` would be marks.
    """

    math: MathStyle = MathStyle.DOLLAR
    in_pipe_table: bool = False
    line_end: str = HARD_BREAK
    begins_lines: bool = True


@dataclass(frozen=True, slots=True)
class _Marks:
    """Which characters would be read as marks in this text."""

    dollar: bool
    tilde: bool
    pipe: bool
    brackets: bool = False


def markdown_text(content: Content, style: TextStyle) -> str:
    """Return the content as Markdown, line starts guarded; line breaks as the style says."""
    marks = _marks(content, style)
    lines: list[str] = [""]
    for index, inline in enumerate(content):
        after = _first_character(content, index + 1)
        if isinstance(inline, LineBreak):
            lines.append("")
        elif isinstance(inline, FootnoteRef):
            lines[-1] += f"[^{inline.key}]"
        elif inline.link is None:
            lines[-1] += _span(inline, lines[-1], after, marks, style)
        elif index == 0 or _link(content, index - 1) != inline.link:
            lines[-1] += _linked(content, index, lines[-1], marks, style)
    if style.begins_lines:
        lines = [guard_line(line) for line in lines]
    return style.line_end.join(lines)


def escape_plain(text: str) -> str:
    """Return one line of plain text, escaped."""
    span = Span(text)
    return guard_line(escape(text, "", "", _marks((span,), TextStyle())))


def guard_line(line: str) -> str:
    """Return a line that cannot begin a heading, list, quote, rule or table."""
    if match := _NUMBER_START.match(line):
        return f"{match[1]}\\{line[match.end(1) :]}"
    if _LINE_START.match(line) or _RULE.match(line):
        return "\\" + line
    return line


def picture_address(directory: str, name: str) -> str:
    """Return the relative address of a picture, percent-encoded."""
    path = f"{directory}/{name}" if directory else name
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def math_text(latex: str, in_pipe_table: bool = False) -> str:
    """Return LaTeX in which nothing is a mark of Markdown or HTML that would end the formula."""
    text = re.sub(r"<\s*", r"\\lt ", re.sub(r">\s*", r"\\gt ", latex)).replace("`", "'")
    text = re.sub(r"(?<!\\)\$", r"\\$", text)
    if in_pipe_table:
        text = text.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return text.strip()


def code_span(text: str) -> str:
    """Return text between enough backticks."""
    runs = [len(run) for run in _BACKTICKS.findall(text)]
    fence = "`" * (next(n for n in range(1, len(runs) + 2) if n not in runs))
    pad = " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def escape(text: str, before: str, after: str, marks: _Marks) -> str:
    """Return text in which every character stands for itself.

    ``before`` and ``after`` are the characters beside it, empty at the line's ends.
    """
    out = []
    for index, character in enumerate(text):
        left = text[index - 1] if index else before
        right = text[index + 1] if index + 1 < len(text) else after
        if character in _PUNCTUATION and _must_escape(text, index, left, right, marks):
            out.append("\\")
        out.append(character)
    return "".join(out)


def _must_escape(text: str, index: int, left: str, right: str, marks: _Marks) -> bool:
    """``left`` and ``right`` are the characters beside the one at ``index``."""
    character = text[index]
    if character in "$~|":
        return {"$": marks.dollar, "~": marks.tilde, "|": marks.pipe}[character]
    if character in "[](:":
        return _bracket_marks(character, left if index == 0 else "", right, marks)
    if character == "&":
        return _ENTITY.match(text, index) is not None
    if character == "*":
        return not (_blank(left) and _blank(right))
    if character == "_":
        return _underscore_marks(text, index, left, right)
    return character == "`" or (character in _BEFORE and right in _BEFORE[character])


def _bracket_marks(character: str, left: str, right: str, marks: _Marks) -> bool:
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


def _marks(content: Content, style: TextStyle) -> _Marks:
    spans = [inline for inline in content if isinstance(inline, Span)]
    plain = "".join(span.text for span in spans if not (span.math or span.code))
    formulas = any(span.math for span in spans)
    # One dollar is money, two would be a formula.
    return _Marks(
        dollar=plain.count("$") > 1 or (formulas and "$" in plain),
        tilde=plain.count("~") > 1,
        pipe=style.in_pipe_table,
    )


def _link(content: Content, index: int) -> str | None:
    inline = content[index]
    return inline.link if isinstance(inline, Span) else None


def _first_character(content: Content, index: int) -> str:
    """Return what the next inline begins with, as far as escaping must know."""
    if index >= len(content) or isinstance(content[index], LineBreak):
        return ""
    inline = content[index]
    if isinstance(inline, FootnoteRef) or inline.link is not None:  # type: ignore[union-attr]
        return "["
    assert isinstance(inline, Span)
    styled = inline.bold or inline.italic or inline.code or inline.math or inline.script in _TAGS
    return "*" if styled else inline.text[:1]


def _linked(content: Content, index: int, before: str, marks: _Marks, style: TextStyle) -> str:
    """Return the run of spans that share a link as one link."""
    link = _link(content, index) or ""
    run = [
        inline
        for _, group in [next(groupby(content[index:], key=lambda inline: _same(inline, link)))]
        for inline in group
        if isinstance(inline, Span)
    ]
    address = _ENTITY.sub(lambda match: "&amp;" + match[0][1:], link)
    address = address.replace("(", "%28").replace(")", "%29")
    if [span.text for span in run] == [link] and link.isascii() and "@" not in link:
        return f"<{link}>"
    inside = _Marks(marks.dollar, marks.tilde, marks.pipe, brackets=True)
    text = ""
    for at, span in enumerate(run):
        after = run[at + 1].text[:1] if at + 1 < len(run) else "]"
        text += _span(span, text or "[", after, inside, style)
    return f"[{text}]({address})"


def _same(inline: object, link: str) -> bool:
    return isinstance(inline, Span) and inline.link == link


def _span(span: Span, line: str, after: str, marks: _Marks, style: TextStyle) -> str:
    before = line[-1:]
    if span.math:
        latex = math_text(span.text, style.in_pipe_table)
        return f"${latex}$" if style.math is MathStyle.DOLLAR else rf"\({latex}\)"
    strong = ("**" if span.bold else "") + ("*" if span.italic else "")
    text = _code(span.text, before, after, style) if span.code else ""
    if not text:
        inner_before, inner_after = ("*", "*") if strong else (before, after)
        if span.script in _TAGS:
            inner_before, inner_after = ">", "<"
        text = escape(span.text, inner_before, inner_after, marks)
    if tag := _TAGS.get(span.script):
        text = f"<{tag}>{text}</{tag}>"
    if not strong:
        return text
    if _hugs(text[0], before) and _hugs(text[-1], after):
        return f"{strong}{text}{strong[::-1]}"
    for on, tag in ((span.italic, "em"), (span.bold, "strong")):
        text = f"<{tag}>{text}</{tag}>" if on else text
    return text


def _code(text: str, before: str, after: str, style: TextStyle) -> str:
    """Return a code span, or nothing where backticks would run together with their neighbours."""
    if not text.strip(" ") or before == "`" or after == "`":
        return ""
    return code_span(text.replace("|", "\\|") if style.in_pipe_table else text)


def _hugs(inner: str, outer: str) -> bool:
    """Whether stars between these characters open or close (CommonMark's flanking rules)."""
    if inner.isspace() or outer == "*":
        return False
    if unicodedata.category(inner)[0] not in "PS":
        return True
    return not outer or outer.isspace() or unicodedata.category(outer)[0] == "P"
