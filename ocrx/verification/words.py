"""The words of a page as they can be compared: no case, no accents, no marks, no markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from ocrx.document import Block, Script, Span

_DIVIDED = re.compile(r"(?<=\w)[-\u00ad\u2010\u2011][^\S\n]*\n\s*(?=\w)")
_INSIDE = re.compile(r"(?<=[^\W\d])['\u2019\u00ad\u2010\u2011-](?=[^\W\d])|(?<=\d)[.,](?=\d)")
_WORD = re.compile(  # scripts without spaces: every character is a word
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_LATEX = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}(?:\{[lcr|]*\})?|\\[A-Za-z]+|\\.")


def words_in(text: str) -> list[str]:
    """Return the words of a text in order.

    Compatibility forms (ligatures, full width) are unfolded, accents dropped; words divided at a
    line's end are joined; apostrophes, hyphens and the points of numbers inside a word are left
    out, since readings differ in them.
    """
    text = _INSIDE.sub("", _DIVIDED.sub("", text))
    unfolded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(c for c in unfolded if not unicodedata.combining(c))
    return _WORD.findall(unicodedata.normalize("NFC", bare))


def words_of(block: Block) -> list[str]:
    """Return the words that a block shows: its mark and text, its cells, or its formula."""
    return [word for text in _texts(block) for word in words_in(text)]


def _texts(block: Block) -> Iterator[str]:
    yield block.marker or ""
    for cell in block.table.cells if block.table else ():
        yield _shown(cell.spans)
    yield _without_commands(block.latex) if block.latex else _shown(block.spans)


def _shown(spans: Iterable[Span]) -> str:
    """Return the letters of spans; formulas and raised or lowered signs stand alone."""
    return "".join(
        f" {_without_commands(span.text)} "
        if span.math
        else span.text
        if span.script is Script.NORMAL
        else f" {span.text} "
        for span in spans
    )


def _without_commands(latex: str) -> str:
    r"""Return the letters of a formula: ``\frac{speed}{2}`` shows a word and a number."""
    return _LATEX.sub(" ", latex)
