"""What the generated documents are: blocks that write themselves as TeX and as Markdown.

One description gives both the page and its truth, so that the truth is exact by construction.
"""

from __future__ import annotations

import html
import random
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.corpus_text import GOODS, LANGUAGES, PLACES

_TEX_ESCAPES = str.maketrans({"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "$": r"\$"})
_SECTIONS = {1: r"\section*", 2: r"\subsection*"}


class Block(Protocol):
    """A piece of a document that knows both of its forms."""

    def tex(self) -> str:
        """Return the block as TeX."""
        ...

    def markdown(self) -> str:
        """Return the block as Markdown."""
        ...


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 or 2 (the title has a place of its own)."""

    text: str
    level: int = 1

    def tex(self) -> str:
        """Return the heading as TeX."""
        return f"{_SECTIONS[self.level]}{{{_tex(self.text)}}}"

    def markdown(self) -> str:
        """Return the heading as Markdown, one level below the title."""
        return f"{'#' * (self.level + 1)} {self.text}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str

    def tex(self) -> str:
        """Return the paragraph as TeX."""
        return _tex(self.text)

    def markdown(self) -> str:
        """Return the paragraph as Markdown."""
        return self.text


@dataclass(frozen=True, slots=True)
class Bullets:
    """A flat list."""

    items: tuple[str, ...]

    def tex(self) -> str:
        """Return the list as TeX."""
        items = "\n".join(rf"\item {_tex(item)}" for item in self.items)
        return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"

    def markdown(self) -> str:
        """Return the list as Markdown."""
        return "\n".join(f"- {item}" for item in self.items)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table."""

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of the cells that begin there; ``ruled`` draws every line."""

    rows: tuple[tuple[Cell, ...], ...]
    caption: str
    ruled: bool = True

    def tex(self) -> str:
        """Return the table as TeX; slots under a tall cell stay empty."""
        width = sum(cell.columns for cell in self.rows[0])
        bar = "|" if self.ruled else ""
        columns = bar + bar.join("l" + "r" * (width - 1)) + bar
        body = [r"\hline" if self.ruled else r"\toprule"]
        open_rows = [0] * width
        for number, row in enumerate(self.rows):
            body.append(self._tex_row(row, open_rows, bar) + r" \\")
            body.append(self._line_below(number, open_rows))
        table = "\n".join([rf"\begin{{tabular}}{{{columns}}}", *body, r"\end{tabular}"])
        return f"\\begin{{center}}\n{table}\n\n\\smallskip {_tex(self.caption)}\n\\end{{center}}"

    def _tex_row(self, row: tuple[Cell, ...], open_rows: list[int], bar: str) -> str:
        """Fill one row and note in ``open_rows`` how many rows each column is still taken."""
        parts: list[str] = []
        cells = iter(row)
        column = 0
        while column < len(open_rows):
            if open_rows[column]:
                open_rows[column] -= 1
                parts.append("")
                column += 1
                continue
            cell = next(cells)
            text = _tex(cell.text)
            if cell.rows > 1:
                text = rf"\multirow{{{cell.rows}}}{{*}}{{{text}}}"
            if cell.columns > 1:
                left = bar if column == 0 else ""
                text = rf"\multicolumn{{{cell.columns}}}{{{left}c{bar}}}{{{text}}}"
            for taken in range(column, column + cell.columns):
                open_rows[taken] = cell.rows - 1
            column += cell.columns
            parts.append(text)
        return " & ".join(parts)

    def _line_below(self, number: int, open_rows: list[int]) -> str:
        last = number == len(self.rows) - 1
        if not self.ruled:
            return r"\bottomrule" if last else r"\midrule" if number == 0 else ""
        if last or not any(open_rows):
            return r"\hline"
        free = [column + 1 for column, rows in enumerate(open_rows) if not rows]
        return "".join(rf"\cline{{{column}-{column}}}" for column in free)

    def markdown(self) -> str:
        """Return the table as HTML, with its caption below."""
        lines = []
        for row in self.rows:
            cells = "".join(f"<td{_span_attributes(c)}>{html.escape(c.text)}</td>" for c in row)
            lines.append(f"<tr>{cells}</tr>")
        return "<table>\n" + "\n".join(lines) + f"\n</table>\n\n{self.caption}"


def _span_attributes(cell: Cell) -> str:
    rows = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    return rows + (f' colspan="{cell.columns}"' if cell.columns > 1 else "")


def _tex(text: str) -> str:
    return text.translate(_TEX_ESCAPES)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a document is set: paper, type and columns."""

    columns: int = 1
    size_pt: int = 10
    font: str = "Latin Modern Roman"
    margin_mm: int = 24
    running_head: str = ""


@dataclass(slots=True)
class Writer:
    """Writes blocks in one language, never the same sentence twice."""

    language: str
    seed: int
    random: random.Random = field(init=False)
    sentences: list[str] = field(init=False)
    headings: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Shuffle the language's sentences and headings."""
        self.random = random.Random(self.seed)
        headings, sentences = LANGUAGES[self.language]
        self.sentences = self.random.sample(sentences, len(sentences))
        self.headings = self.random.sample(headings, len(headings))

    def heading(self, level: int = 1) -> Heading:
        """Return a heading that was not used yet."""
        return Heading(self.headings.pop(), level)

    def sentence(self) -> str:
        """Return a sentence that was not used yet."""
        return self.sentences.pop().replace("{n}", str(self.random.randint(12, 1890)))

    def paragraph(self, sentences: int = 3) -> Paragraph:
        """Return a paragraph."""
        glue = "" if self.language == "zh" else " "
        return Paragraph(glue.join(self.sentence() for _ in range(sentences)))

    def bullets(self, items: int = 3) -> Bullets:
        """Return a list."""
        return Bullets(tuple(self.sentence() for _ in range(items)))

    def grid(self, ruled: bool, spans: bool) -> Grid:
        """Return a table of goods by place, with a spanning head or group cells when asked."""
        number = self.random.randint
        goods = self.random.sample(GOODS, 3)
        places = self.random.sample(PLACES, 4)
        head: list[tuple[Cell, ...]] = [(Cell("Place"), Cell("Year"), *(Cell(g) for g in goods))]
        if spans:
            head = [
                (Cell("Place", rows=2), Cell("Year", rows=2), Cell("Loads delivered", columns=3)),
                tuple(Cell(g) for g in goods),
            ]
        body: list[tuple[Cell, ...]] = []
        for place in places:
            for year in (1911, 1912):
                values = tuple(Cell(f"{number(100, 99_999):,}") for _ in goods)
                first = () if spans and year == 1912 else (Cell(place, rows=2 if spans else 1),)
                body.append((*first, Cell(str(year)), *values))
        caption = f"Table {number(1, 9)}. Goods by place and year, series {number(100, 999)}."
        return Grid((*head, *body), caption, ruled)
