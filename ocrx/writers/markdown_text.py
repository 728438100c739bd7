"""Running text as GitHub Flavored Markdown: escaped where it must be and no more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import quote

from ocrx.document import Script, Span
from ocrx.writers.items import Content, FootnoteRef, Inline, LineBreak
from ocrx.writers.markdown_escapes import ENTITY, PUNCTUATION, Marks, escape, guard_line
from ocrx.writers.options import MathStyle

HARD_BREAK = "  \n"  # every dialect knows it, and nothing shows where Markdown is read as text
_BACKTICKS = re.compile("`+")
# What GitHub takes for an address as it stands, the stops of a sentence left aside.
_BARE_LINK = re.compile(
    r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/|([/?#=%.:+,-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))?"
    r"[A-Za-z0-9])*\Z"
)
_AFTER_LINK = re.compile(r"\s|\)|[.,;:](\s|\Z)")
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


def markdown_text(content: Content, style: TextStyle) -> str:
    """Return the content as Markdown, line starts guarded; line breaks as the style says."""
    marks = _marks(content, style)
    lines: list[str] = [""]
    for index, inline in enumerate(content):
        if isinstance(inline, LineBreak):
            lines.append("")
        elif isinstance(inline, FootnoteRef):
            lines[-1] += f"[^{inline.key}]"
        elif inline.link is None:
            if index == 0 or not _in_one_run(content[index - 1], inline):
                run = _run_from(content, index)
                after = _first_character(content, index + len(run))
                lines[-1] += _run(run, lines[-1], after, marks, style)
        elif index == 0 or _link(content, index - 1) != inline.link:
            lines[-1] += _linked(content, index, lines[-1], marks, style)
    if style.begins_lines:
        lines = [guard_line(line) for line in lines]
    return style.line_end.join(lines)


def escape_plain(text: str) -> str:
    """Return one line of plain text, escaped."""
    span = Span(text)
    return guard_line(escape(text, "", "", _marks((span,), TextStyle())))


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


def inline_math(latex: str, style: MathStyle) -> str:
    """Return LaTeX between the marks of a formula in running text."""
    return f"${latex}$" if style is MathStyle.DOLLAR else rf"\({latex}\)"


def code_span(text: str) -> str:
    """Return text between enough backticks."""
    runs = [len(run) for run in _BACKTICKS.findall(text)]
    fence = "`" * (next(n for n in range(1, len(runs) + 2) if n not in runs))
    pad = " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _marks(content: Content, style: TextStyle) -> Marks:
    spans = [inline for inline in content if isinstance(inline, Span)]
    plain = "".join(span.text for span in spans if not (span.math or span.code))
    formulas = any(span.math for span in spans)
    # One dollar is money, two would be a formula.
    return Marks(
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
    return _opening(inline)


def _opening(span: Span) -> str:
    """Return the character that a span begins with, seen from the one before it.

    Of two styled runs in touch the second takes tags, as stars of both would run together.
    """
    if span.math:
        return "$"
    if span.bold or span.italic or span.script in _TAGS:
        return "<"
    return "`" if span.code else span.text[:1]


def _in_one_run(one: Inline, other: Span) -> bool:
    """Whether two neighbours are set between the same marks of emphasis."""
    if not isinstance(one, Span) or one.math or other.math or one.link != other.link:
        return False
    styled = one.bold or one.italic
    return styled and (one.bold, one.italic) == (other.bold, other.italic)


def _run_from(content: Sequence[Inline], index: int) -> list[Span]:
    """Return the spans from the index on that share their emphasis."""
    first = content[index]
    run = [first] if isinstance(first, Span) else []
    for inline in content[index + 1 :]:
        if not run or not isinstance(inline, Span) or not _in_one_run(run[-1], inline):
            break
        run.append(inline)
    return run


def _linked(content: Content, index: int, before: str, marks: Marks, style: TextStyle) -> str:
    """Return the run of spans that share a link as one link."""
    link = _link(content, index) or ""
    run = [
        inline
        for _, group in [next(groupby(content[index:], key=lambda inline: _same(inline, link)))]
        for inline in group
        if isinstance(inline, Span)
    ]
    address = ENTITY.sub(lambda match: "&amp;" + match[0][1:], link)
    address = address.replace("(", "%28").replace(")", "%29")
    if [span.text for span in run] == [link] and link.isascii() and "@" not in link:
        bare = _BARE_LINK.match(link) and _parted(before, content[index + 1 : index + 2])
        return link if bare else f"<{link}>"
    inside = Marks(marks.dollar, marks.tilde, marks.pipe, brackets=True)
    text = ""
    at = 0
    while at < len(run):
        part = _run_from(run, at)
        at += len(part)
        after = _opening(run[at]) if at < len(run) else "]"
        text += _run(part, text or "[", after, inside, style)
    return f"[{text}]({address})"


def _parted(before: str, rest: Content) -> bool:
    """Whether an address stands apart from its neighbours, so that it links without brackets."""
    if before and not before[-1].isspace() and before[-1] != "(":
        return False
    if not rest or isinstance(rest[0], LineBreak):
        return True
    return isinstance(rest[0], Span) and bool(_AFTER_LINK.match(_opening_text(rest[0])))


def _opening_text(span: Span) -> str:
    """Return the plain text that a span begins with, nothing where marks stand before it."""
    return "" if span.link or _opening(span) != span.text[:1] else span.text[:3]


def _same(inline: object, link: str) -> bool:
    return isinstance(inline, Span) and inline.link == link


def _run(run: Sequence[Span], line: str, after: str, marks: Marks, style: TextStyle) -> str:
    """Return spans of one emphasis between its marks, or in tags where marks would not work."""
    first, before = run[0], line[-1:]
    if first.math:
        return inline_math(math_text(first.text, style.in_pipe_table), style.math)
    strong = ("**" if first.bold else "") + ("*" if first.italic else "")
    text = ""
    for at, span in enumerate(run):
        ahead = (
            _opening(replace(run[at + 1], bold=False, italic=False)) if at + 1 < len(run) else ""
        )
        inner_before = text[-1:] or ("*" if strong else before)
        text += _span(span, inner_before, ahead or ("*" if strong else after), marks, style)
    if not strong:
        return text
    if _hugs(text[0], before) and _hugs(text[-1], after):
        return f"{strong}{text}{strong[::-1]}"
    for on, tag in ((first.italic, "em"), (first.bold, "strong")):
        text = f"<{tag}>{text}</{tag}>" if on else text
    return text


def _span(span: Span, before: str, after: str, marks: Marks, style: TextStyle) -> str:
    """Return a span without its emphasis."""
    # "]:" in code cannot be escaped, and would make a link that opens a paragraph a definition.
    as_code = span.code and not (span.link and "]:" in span.text)
    text = _code(span.text, before, after, style) if as_code else ""
    if not text:
        edges = (">", "<") if span.script in _TAGS else (before, after)
        text = escape(span.text, *edges, marks)
    tag = _TAGS.get(span.script)
    return f"<{tag}>{text}</{tag}>" if tag else text


def _code(text: str, before: str, after: str, style: TextStyle) -> str:
    """Return a code span, or nothing where backticks would run together with their neighbours."""
    if not text.strip(" ") or before == "`" or after == "`":
        return ""
    return code_span(text.replace("|", "\\|") if style.in_pipe_table else text)


def _hugs(inner: str, outer: str) -> bool:
    """Whether stars between these characters open or close (CommonMark's flanking rules)."""
    if inner.isspace() or (outer and outer in "*\\"):
        return False
    if unicodedata.category(inner)[0] not in "PS":
        return True
    return (
        not outer
        or outer.isspace()
        or outer in PUNCTUATION
        or (unicodedata.category(outer)[0] == "P")
    )
