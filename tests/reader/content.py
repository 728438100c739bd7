"""What stands on the pages: words, tables, formulas and figures, without places or pixels.

Pages come in pairs of one layout. ``harbour`` and ``desert``, ``market`` and ``choir`` differ in
every word; ``glacier-may`` and ``glacier-june`` share title and text and differ only in the table,
the formula and the figure, so that a reader that goes by the title alone gets one of them wrong.
``carousel`` stands apart: in Tiny the words of its first paragraph are said without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Title:
    """The heading of a page."""

    words: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; ``\\( \\)`` holds inline math."""

    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell that spans ``columns`` columns and ``rows`` rows."""

    words: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; a cell that is covered by a span is not listed."""

    rows: tuple[tuple[Cell, ...], ...]
    columns: int


@dataclass(frozen=True, slots=True)
class Formula:
    """A display formula in LaTeX, without its delimiters."""

    latex: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart of ``shape`` bars, discs or steps, of these heights (0 to 1), and its caption."""

    shape: str
    color: tuple[int, int, int]
    heights: tuple[float, ...]
    caption: str


Block = Title | Paragraph | Table | Formula | Figure
Kind = TypeVar("Kind", Title, Paragraph, Table, Formula, Figure)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of ``size`` px; its blocks stand one below another, or in ``columns`` columns."""

    name: str
    size: tuple[int, int]
    blocks: tuple[Block, ...]
    columns: int = 1

    def one(self, kind: type[Kind]) -> Kind:
        """Return the page's first block of a kind."""
        return next(block for block in self.blocks if isinstance(block, kind))


def _table(head: str, names: str, *rows: str) -> Table:
    """Return a table whose head spans all columns but the first, which spans two rows."""
    second = names.split("|")
    corner, *rest = second
    top = (Cell(corner, rows=2), Cell(head, columns=len(rest)))
    under = tuple(Cell(name) for name in rest)
    body = tuple(tuple(Cell(word) for word in row.split("|")) for row in rows)
    return Table((top, under, *body), len(second))


def _wide(head: str, *rows: str) -> Table:
    """Return a table whose first row is one cell."""
    columns = rows[0].count("|") + 1
    body = tuple(tuple(Cell(word) for word in row.split("|")) for row in rows)
    return Table(((Cell(head, columns=columns),), *body), columns)


HARBOUR = Page(
    "harbour",
    (900, 1200),
    (
        Title("Tidal Power at Sea"),
        Paragraph(
            "The harbour of Westhaven has turned its tides into light since 1987. Twice a day "
            "the water rises by seven metres, and forty turbines under the pier take a part of it."
        ),
        _table("Energy in MWh", "Month|Flood|Ebb", "March|412|388", "April|395|371"),
        Paragraph("A current of speed \\( v \\) carries the power of a cube, not of a square:"),
        Formula("P = \\frac{1}{2} \\rho A v^{3}"),
        Figure("bars", (28, 92, 176), (0.9, 0.6, 0.75, 0.4), "Figure 1: Output by season."),
    ),
)
DESERT = Page(
    "desert",
    (900, 1200),
    (
        Title("Wells of the Desert"),
        Paragraph(
            "Caravans crossing the Red Plain once counted their days in wells. Nobody drinks "
            "there now, but a survey of 2019 found that eleven of them still hold clear water."
        ),
        _table("Depth in feet", "Well|Old|New", "Amara|96|143", "Siwan|57|108"),
        Paragraph("A stone that falls for \\( t \\) seconds tells how deep the shaft must be:"),
        Formula("h = \\frac{1}{2} g t^{2}"),
        Figure("bars", (202, 108, 24), (0.35, 0.8, 0.5, 0.95), "Figure 1: Rain over a year."),
    ),
)
MARKET = Page(
    "market",
    (640, 1200),
    (
        Title("Prices at the Market"),
        Figure("discs", (40, 140, 70), (0.9, 0.5, 0.7), "Figure 2: Shares of fruit."),
        Paragraph(
            "On Saturday morning the price of apples fell by a third. Growers blame the warm "
            "spring & a new road; buyers were happy to carry home two baskets for one."
        ),
        Formula("E = \\frac{\\Delta Q}{\\Delta P}"),
        _wide("Price for a kilo", "Apples|1.20|0.80", "Plums|2.65|2.40", "Pears|1.95|2.10"),
        Paragraph("Where \\( E < 1 \\) a cheaper fruit earns its grower less."),
    ),
)
CHOIR = Page(
    "choir",
    (640, 1200),
    (
        Title("Voices of the Choir"),
        Figure("discs", (150, 40, 130), (0.6, 0.9, 0.4), "Figure 2: Sizes of parts."),
        Paragraph(
            "Last winter the parish choir grew from nine singers to thirty. The organist "
            "credits hot soup; neighbours say that the windows hum when they begin."
        ),
        Formula("f = \\frac{\\lambda c}{\\pi L}"),
        _wide("Notes in each voice", "Treble|C4|A5", "Tenor|B2|G4", "Basses|E2|D4"),
        Paragraph("With \\( n > 4 \\) singers a part is never lost in the hall."),
    ),
)
_ICE_TITLE = Title("Field Notes on the Ice")
_ICE_TEXT = Paragraph(
    "Our camp stands on the northern tongue of the glacier. Every week one of us walks the line "
    "of stakes, reads the gauge of each and writes the numbers in the table below."
)
MAY = Page(
    "glacier-may",
    (1200, 900),
    (
        _ICE_TITLE,
        _ICE_TEXT,
        _table("Height in cm", "Stake|Snow|Ice", "North|214|865", "South|187|902"),
        Formula("m = \\rho V"),
        Figure("steps", (20, 150, 170), (0.2, 0.4, 0.7, 0.9), "Figure 3: Cold days in May."),
    ),
    columns=2,
)
JUNE = Page(
    "glacier-june",
    (1200, 900),
    (
        _ICE_TITLE,
        _ICE_TEXT,
        _table("Height in cm", "Stake|Snow|Ice", "North|96|731", "South|43|658"),
        Formula("q = \\alpha T"),
        Figure("steps", (200, 40, 60), (0.9, 0.8, 0.5, 0.3), "Figure 3: Warm days in June."),
    ),
    columns=2,
)
CAROUSEL = Page(
    "carousel",
    (900, 900),
    (
        Title("The Carousel"),
        Paragraph(
            "Round and round go the painted horses of the old fair while the barrel organ plays "
            "its only waltz. A child in a yellow coat waves to her father each time she passes, "
            "and each time he lifts his hat, laughs, and calls her name above the music. The lamps "
            "are lit at six; the ponies gleam, the mirrors turn, and nobody wishes to step down."
        ),
        Paragraph(
            "Round and round go the painted horses of the old fair while the barrel organ plays "
            "until nine, and then everyone walks home through the wet grass."
        ),
    ),
)

PAIRS = ((HARBOUR, DESERT), (MARKET, CHOIR), (MAY, JUNE))
PAGES = tuple(page for pair in PAIRS for page in pair)
