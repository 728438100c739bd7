r"""Running text as models write it to spans: emphasis, code, links, scripts, formulas, entities.

markdown-it reads the Markdown; the few HTML tags and the formulas are rules of ours, and what
would take marks away from plain text (``3*4*5``, ``____``) is switched off. Time is linear.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ocrx.document import Script, Span
from ocrx.parsing.model_math import inline_formulas, raised_marks
from ocrx.typesetting.joining import merge_spans

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

MAX_CHARACTERS = 4_000  # of one reading: emphasis and links do not reach over its ends

_STYLES: dict[str, dict[str, Any]] = {
    "b": {"bold": True},
    "strong": {"bold": True},
    "i": {"italic": True},
    "em": {"italic": True},
    "code": {"code": True},
    "tt": {"code": True},
    "sup": {"script": Script.SUPER},
    "sub": {"script": Script.SUB},
}
_IDLE = ("center", "div", "p", "span", "font", "u", "small", "big")
_VALUE = r"(?:\"[^\"<>]{0,200}\"|'[^'<>]{0,200}'|[\w%#-]{1,40})"
_ATTRIBUTES = rf"(?:\s{{1,3}}[A-Za-z-]{{1,20}}\s?=\s?{_VALUE})"
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>br|{'|'.join((*_STYLES, *_IDLE))}){_ATTRIBUTES}{{0,4}}\s{{0,3}}/?>",
    re.IGNORECASE,
)
_ESCAPED_ENTITY = re.compile(r"&amp;(?=(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6});)")
_MARKS = re.compile(r"[\\*`&<\[]")
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)


def spans_of(text: str) -> tuple[Span, ...]:
    """Return the spans of a passage; its line ends stay.

    A link keeps its address only where it is one; no letter of the text is lost, only marks are.
    """
    text = _ESCAPED_ENTITY.sub("&", text.strip())
    return merge_spans(span for part in _parts(text) for span in _read(part))


def _parts(text: str) -> Iterator[str]:
    """Cut a very long passage at blanks."""
    at = 0
    while len(text) - at > MAX_CHARACTERS:
        end = text.rfind(" ", at, at + MAX_CHARACTERS) + 1 or at + MAX_CHARACTERS
        yield text[at:end]
        at = end
    yield text[at:]


def _read(text: str) -> list[Span]:
    if not text:
        return []
    formulas = inline_formulas(text)
    if not formulas and not _MARKS.search(text):
        return [Span(text.replace("\u00a0", " "))]
    tokens = _markdown().parseInline(text, {"formulas": formulas})
    return _spans([child for token in tokens for child in token.children or ()])


@cache
def _markdown() -> MarkdownIt:
    """Return the reader; it holds no state between two texts."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("zero").enable(["escape", "backticks", "emphasis", "link", "entity"])
    reader.inline.ruler.before("escape", "formula", _formula)
    reader.inline.ruler.before("emphasis", "plain_run", _plain_run)
    reader.inline.ruler.push("tag", _tag)
    # f[i](x) is mathematics, not a link; validateLink is markdown-it's own way to say so
    reader.validateLink = lambda url: _ADDRESS.match(url) is not None  # type: ignore[method-assign]
    return reader


def _formula(state: StateInline, silent: bool) -> bool:
    found = state.env["formulas"].get(state.pos)
    if found is None or found.end > state.posMax:
        return False
    if not silent:
        state.push("formula", "", 0).content = found.latex
    state.pos = found.end
    return True


def _plain_run(state: StateInline, silent: bool) -> bool:
    """Underscores, and stars between two letters or digits, stand for themselves."""
    mark = state.src[state.pos]
    if mark not in "*_":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == mark:
        end += 1
    around = state.src[max(0, state.pos - 1) : state.pos] + state.src[end : end + 1]
    inside = len(around) == 2 and around.isascii() and around.isalnum() and end - state.pos == 1
    if mark == "*" and not inside:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _tag(state: StateInline, silent: bool) -> bool:
    found = _TAG.match(state.src, state.pos) if state.src[state.pos] == "<" else None
    if found is None:
        return False
    if not silent:
        token = state.push("tag", found["name"].lower(), 0)
        token.info = found["close"]
    state.pos = found.end()
    return True


def _spans(tokens: list[Token]) -> list[Span]:
    """Return the spans of a flat list of tokens; a tag that is never closed styles nothing."""
    closings = Counter(token.tag for token in tokens if token.type == "tag" and token.info)
    spans: list[Span] = []
    styles: list[tuple[str, Span]] = [("", Span(""))]  # what is open, and the style inside it
    for token in tokens:
        style = styles[-1][1]
        if token.type == "formula":
            spans.append(_formula_span(token.content, style))
        elif token.type in ("text", "code_inline", "text_special"):
            text = token.content.replace("\u00a0", " ")
            spans.append(replace(style, text=text, code=style.code or token.type == "code_inline"))
        elif token.type in ("softbreak", "hardbreak") or token.tag == "br":
            spans.append(replace(style, text="\n"))
        elif token.type == "tag" and token.info:
            closings[token.tag] -= 1
            _leave(styles, token.tag)
        elif token.type == "tag":
            if closings[token.tag]:
                styles.append((token.tag, replace(style, **_STYLES.get(token.tag, {}))))
        elif token.nesting == 1:
            spans.extend(_title(token, style))
            styles.append((token.tag, _opened(token, style)))
        elif token.nesting == -1:
            _leave(styles, token.tag)
    return spans


def _opened(token: Token, style: Span) -> Span:
    if token.tag == "a":
        return replace(style, link=str(token.attrGet("href") or "") or None)
    return replace(style, **_STYLES.get(token.tag, {}))


def _title(token: Token, style: Span) -> tuple[Span, ...]:
    """A link's title is read before its words."""
    title = str(token.attrGet("title") or "")
    return (replace(style, text=f"{title} "),) if title else ()


def _leave(styles: list[tuple[str, Span]], tag: str) -> None:
    """Close the innermost of these tags, and what was opened inside it."""
    for depth in range(len(styles) - 1, 0, -1):
        if styles[depth][0] == tag:
            del styles[depth:]
            return


def _formula_span(latex: str, style: Span) -> Span:
    marks = raised_marks(latex)
    if marks is not None:
        return replace(style, text=marks, script=Script.SUPER)
    return replace(style, text=latex, math=True, code=False, script=Script.NORMAL)
