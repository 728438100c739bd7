"""Tables as LaTeX: longtable, which breaks over pages, with merged cells."""

from __future__ import annotations

from collections.abc import Callable

from ocrx.writers.inline import plain_text
from ocrx.writers.items import Content, Grid, GridCell

CellText = Callable[[Content], str]
MIN_SHARE = 0.04  # of the line, so that a narrow column still shows its text
MANY_COLUMNS = 9  # more are set small and close
MAX_WEIGHT = 60  # characters; beyond it a column grows no wider


def latex_table(grid: Grid, cell_text: CellText, caption: str = "") -> str:
    """Return a longtable; column widths follow the text and fill the line together."""
    shares = _shares(grid)
    columns = "|".join(f"p{{{_width(share)}}}" for share in shares)
    lines = [f"\\begin{{longtable}}{{|{columns}|}}"]
    if caption:
        lines.append(f"\\caption*{{{caption}}}\\\\")
    lines.append("\\hline")
    owners = _owners(grid)
    for row in range(len(grid.rows)):
        lines.append(_row(owners[row], row, shares, cell_text) + r" \\" + _rule(owners, row))
        if row + 1 == grid.header_rows < len(grid.rows):
            lines.append("\\endhead")
    lines.append("\\end{longtable}")
    text = "\n".join(lines)
    if grid.columns > MANY_COLUMNS:
        return f"{{\\footnotesize\\setlength{{\\tabcolsep}}{{1pt}}%\n{text}\n}}"
    return text


def _shares(grid: Grid) -> list[float]:
    """Return each column's share of the line, by its longest text; they add up to 1."""
    weights = [3.0] * grid.columns
    for row in grid.rows:
        for cell in row:
            longest = max(map(len, plain_text(cell.content).split("\n")))
            weight = min(longest, MAX_WEIGHT) / cell.column_span
            for column in range(cell.column, cell.column + cell.column_span):
                weights[column] = max(weights[column], weight)
    least = min(MIN_SHARE, 1 / grid.columns)
    shares = [max(least, weight / sum(weights)) for weight in weights]
    return [share / sum(shares) for share in shares]


def _width(share: float) -> str:
    r"""Return a column's width: its share without the blanks and the line that come with it.

    It holds for merged cells too: what lies between the columns is then part of the share.
    """
    return f"\\dimexpr {share:.4f}\\linewidth-2\\tabcolsep-\\arrayrulewidth\\relax"


def _owners(grid: Grid) -> list[list[GridCell]]:
    owners: list[list[GridCell | None]] = [[None] * grid.columns for _ in grid.rows]
    for cells in grid.rows:
        for cell in cells:
            for row in range(cell.row, cell.row + cell.row_span):
                for column in range(cell.column, cell.column + cell.column_span):
                    owners[row][column] = cell
    return [[cell for cell in row if cell is not None] for row in owners]


def _row(owners: list[GridCell], row: int, shares: list[float], cell_text: CellText) -> str:
    parts = []
    column = 0
    while column < len(owners):
        cell = owners[column]
        parts.append(_cell(cell, cell.row == row, shares, cell_text))
        column = cell.column + cell.column_span
    return " & ".join(parts)


def _cell(cell: GridCell, begins: bool, shares: list[float], cell_text: CellText) -> str:
    """A merged cell stands in its first row; below it the slots stay empty but as wide."""
    text = cell_text(cell.content) if begins else ""
    if cell.header and text:
        text = f"\\textbf{{{text}}}"
    if cell.row_span > 1 and begins:
        text = f"\\multirow[t]{{{cell.row_span}}}{{=}}{{{text}}}"
    if cell.column_span == 1:
        return text
    share = sum(shares[cell.column : cell.column + cell.column_span])
    left = "|" if cell.column == 0 else ""
    width = _width(share)
    return f"\\multicolumn{{{cell.column_span}}}{{{left}p{{{width}}}|}}{{{text}}}"


def _rule(owners: list[list[GridCell]], row: int) -> str:
    """Return the line under a row, open where a cell goes on into the next one."""
    if row + 1 == len(owners):
        return " \\hline"
    closed = [
        column + 1 for column, cell in enumerate(owners[row]) if cell.row + cell.row_span == row + 1
    ]
    if len(closed) == len(owners[row]):
        return " \\hline"
    return "".join(f" \\cline{{{column}-{column}}}" for column in closed)
