"""LaTeX that compiles with xelatex, and with pdflatex where the characters allow it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

from ocrx.document import Asset, Document
from ocrx.writers.flow import flow_of
from ocrx.writers.items import (
    CodeItem,
    Content,
    FigureItem,
    FootnoteItem,
    FootnoteRef,
    FormulaItem,
    Furniture,
    Heading,
    Item,
    ItemList,
    PageFailed,
    PageMark,
    PageNote,
    Paragraph,
    TableItem,
)
from ocrx.writers.latex_math import display_math
from ocrx.writers.latex_tables import latex_table
from ocrx.writers.latex_text import escape_latex, latex_text, raised
from ocrx.writers.options import FigureStyle, WriteOptions

_SECTIONS = ("section", "subsection", "subsubsection", "paragraph", "subparagraph")
MAX_LIST_DEPTH = 4  # as deep as LaTeX itself goes
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]|[\U00020000-\U0003ffff]")
_BEYOND_LATIN = re.compile("[\u0370-\u1dff\u2460-\u2bff]")
_WIDE_FONTS = ("Noto Serif", "DejaVu Serif", "FreeSerif", "CMU Serif")
_CJK_FONTS = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "FandolSong")
_PATH_MACROS = {  # defined in the preamble
    "%": "\\ocrxpercent ",
    "{": "\\ocrxlbrace ",
    "}": "\\ocrxrbrace ",
    "\\": "\\ocrxbackslash ",
}
_DEFAULT_WIDTH = 0.7


def write(document: Document, options: WriteOptions, assets: Mapping[str, Asset]) -> Iterator[str]:
    """Yield the document as one LaTeX file."""
    yield files("ocrx.writers").joinpath("preamble.tex").read_text("utf-8")
    yield _fonts(document)
    yield "\\begin{document}\n"
    writer = _LatexWriter(options)
    for item in flow_of(document, options, page_marks=options.page_breaks):
        yield f"\n{writer.item(item)}\n"
    yield "\n\\mbox{}\n\\end{document}\n"  # TeX writes nothing at all for an empty document


def _fonts(document: Document) -> str:
    """Ask for fonts only where the text needs them; the first one that is installed is taken."""
    lines = []
    if _holds(document, _BEYOND_LATIN):
        lines.append(_first_font(_WIDE_FONTS, "\\setmainfont"))
    if _holds(document, _CJK):
        lines += ["\\usepackage{xeCJK}", _first_font(_CJK_FONTS, "\\setCJKmainfont")]
    if not lines:
        return ""
    return "\\ifXeTeX\n" + "\n".join(lines) + "\n\\fi\n"


def _first_font(names: tuple[str, ...], command: str) -> str:
    text = ""
    for name in reversed(names):
        text = f"\\IfFontExistsTF{{{name}}}{{{command}{{{name}}}}}{{{text}}}"
    return text


def _holds(document: Document, pattern: re.Pattern[str]) -> bool:
    blocks = [block for page in document.pages for block in page.blocks]
    cells = [cell for block in blocks if block.table for cell in block.table.cells]
    texts = [block.text for block in blocks] + [cell.text for cell in cells]
    return any(pattern.search(text) for text in texts)


class _LatexWriter:
    """Formats one item at a time; remembers which footnotes the text already holds."""

    def __init__(self, options: WriteOptions) -> None:
        self._options = options
        self._noted: set[str] = set()

    def item(self, item: Item) -> str:
        """Return the item's LaTeX."""
        match item:
            case PageMark():
                return f"\\clearpage % page {item.number}" if item.number > 1 else "% page 1"
            case PageFailed():
                text = f"\\textbf{{Page {item.number} could not be read:}}"
                return f"\\begin{{quote}}{text} {escape_latex(item.reason)}\\end{{quote}}"
            case PageNote():
                reasons = "; ".join(item.reasons).encode("ascii", "replace").decode()
                return f"% page {item.number} {item.status.value}: {reasons}"
            case Heading():
                section = _SECTIONS[min(item.level, len(_SECTIONS)) - 1]
                return f"\\{section}{{{_moving(self._in_argument(item.content))}}}"
            case Paragraph():
                return self._running(item.content)
            case Furniture():
                return f"{{\\small\\itshape {self._in_argument(item.content)}\\par}}"
            case ItemList():
                return "\n".join(self._list_lines(item, 1))
            case _:
                return self._display(item)

    def _display(self, item: TableItem | FigureItem | FormulaItem | CodeItem | FootnoteItem) -> str:
        match item:
            case TableItem():
                return latex_table(item.grid, self._in_cell, self._in_argument(item.caption))
            case FigureItem():
                return self._figure(item)
            case FormulaItem():
                return self._formula(item)
            case CodeItem():
                return _code(item.text)
            case FootnoteItem():
                if item.key is not None and item.key in self._noted:
                    return f"% footnote {escape_latex(item.key)} is in the text"
                mark = raised(item.marker) + " " if item.marker else ""
                return f"{{\\footnotesize {mark}{self._running(item.content)}\\par}}"

    def _running(self, content: Content) -> str:
        return latex_text(content, "\\newline\n", self._footnote)

    def _in_argument(self, content: Content) -> str:
        """Inside headings and captions a footnote cannot stand: its mark does."""
        return latex_text(content, " ", lambda ref: raised(ref.marker))

    def _in_cell(self, content: Content) -> str:
        return latex_text(content, "\\newline ", lambda ref: raised(ref.marker))

    def _footnote(self, ref: FootnoteRef) -> str:
        if ref.key in self._noted:
            return raised(ref.marker)
        self._noted.add(ref.key)
        number = f"[{ref.marker}]" if ref.marker.isascii() and ref.marker.isdigit() else ""
        note = latex_text(ref.note, " ", lambda inner: raised(inner.marker))
        return f"\\footnote{number if len(number) < 6 else ''}{{{note}}}"

    def _list_lines(self, item: ItemList, depth: int) -> Iterator[str]:
        if depth > MAX_LIST_DEPTH:
            for entry in item.entries:
                yield self._running(entry.content) + "\\par"
                for nested in entry.lists:
                    yield from self._list_lines(nested, depth)
            return
        yield "\\begin{itemize}"
        for index, entry in enumerate(item.entries):
            mark = f"{item.start + index}." if item.ordered else entry.marker
            option = f"[{{{escape_latex(mark)}}}]" if mark else ""
            yield f"\\item{option} {self._running(entry.content)}"
            for nested in entry.lists:
                yield from self._list_lines(nested, depth + 1)
        yield "\\end{itemize}"

    def _figure(self, item: FigureItem) -> str:
        parts = [self._picture(item.asset, item.width) or f"% figure on page {item.page}"]
        if item.caption:
            caption = self._in_argument(item.caption)
            parts.append(f"\\begin{{center}}\\small {caption}\\end{{center}}")
        return "\n".join(parts)

    def _formula(self, item: FormulaItem) -> str:
        if item.latex:
            code = f"\\begin{{quote}}\\ttfamily {escape_latex(item.latex)}\\end{{quote}}"
            return display_math(item.latex) or code
        return self._picture(item.asset, item.width) or self._running(item.text) or "% formula"

    def _picture(self, name: str | None, width: float) -> str:
        if name is None or self._options.figures is not FigureStyle.FILES:
            return ""
        directory = self._options.figures_directory
        path = f"{directory}/{name}" if directory else name
        # The text block is narrower than the page the share was measured on.
        share = min(1.0, width * 1.25) if width else _DEFAULT_WIDTH
        return f"\\ocrxpicture{{{share:.2f}}}{{{_path(path)}}}"


def _moving(text: str) -> str:
    r"""hyperref redefines these two while it sets a link, just when headings may be saved."""
    return text.replace(r"\%", r"\ocrxtextpercent{}").replace(r"\#", r"\ocrxtexthash{}")


def _code(text: str) -> str:
    if "\\end{verbatim}" not in text:
        return f"\\begin{{verbatim}}\n{text}\n\\end{{verbatim}}"
    lines = [escape_latex(line).replace(" ", "~") + "\\mbox{}" for line in text.split("\n")]
    return "{\\ttfamily\n" + "\\newline\n".join(lines) + "\\par}"


def _path(path: str) -> str:
    """Return a path in which no character is a command."""
    return "".join(
        _PATH_MACROS.get(char) or (f"\\string{char}" if char in "#$&^_~" else char) for char in path
    )
