"""Draws the pages and writes the answer to each in the model's grounding dialect.

One pass does both: what is drawn at a place is what the answer says stands there. Run as
``python -m tests.reader.drawing`` to make ``pages/*.png`` and ``pages/*.txt`` anew; nothing else
needs the fonts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.reader.content import CAROUSEL, PAGES, Figure, Formula, Page, Paragraph, Table, Title

FOLDER = Path(__file__).parent / "pages"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
GRID = 999  # the model's coordinates go from 0 to 999 over each side of the page
INK = (20, 20, 20)
SIGNS = {
    "\\frac{1}{2}": "½",
    "\\frac{\\Delta Q}{\\Delta P}": "ΔQ / ΔP",
    "\\frac{\\lambda c}{\\pi L}": "λc / πL",
    "\\rho": "ρ",
    "\\alpha": "α",
    "^{2}": "²",
    "^{3}": "³",
}
Box = tuple[int, int, int, int]


def answer_of(name: str) -> str:
    """Return what the model should say of a page."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def picture_of(name: str) -> Path:
    """Return the file of a page's picture."""
    return FOLDER / f"{name}.png"


def boxes_in(answer: str, kind: str) -> list[tuple[float, float, float, float]]:
    """Return the boxes of a kind in an answer: left, top, right, bottom in [0, 1] of the page."""
    found = re.findall(rf"<\|ref\|>{kind}<\|/ref\|><\|det\|>\[\[([\d, ]+)\]\]", answer)
    numbers = [[int(number) / GRID for number in box.split(",")] for box in found]
    return [(left, top, right, bottom) for left, top, right, bottom in numbers]


@dataclass(slots=True)
class _Sheet:
    """A page being drawn, from ``top`` downwards between ``left`` and ``right`` (px)."""

    image: Image.Image
    left: int
    right: int
    top: int
    said: list[str] = field(default_factory=list)

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def say(self, kind: str, box: Box, words: str = "") -> None:
        """Add a block to the answer."""
        sides = (self.image.width, self.image.height) * 2
        grid = [round(place * GRID / side) for place, side in zip(box, sides, strict=True)]
        tag = f"<|ref|>{kind}<|/ref|><|det|>[{grid}]<|/det|>"
        self.said.append(f"{tag}\n{words}" if words else tag)

    def write(self, words: str, font: ImageFont.FreeTypeFont, *, centred: bool = False) -> Box:
        """Draw wrapped text at ``top``, move ``top`` below it and return its box."""
        lines = _wrapped(words, font, self.right - self.left)
        height = round(font.size * 1.35)
        widest, top = 0, self.top
        for line in lines:
            width = round(font.getlength(line))
            x = (self.left + self.right - width) // 2 if centred else self.left
            self.pen.text((x, self.top), line, INK, font)
            self.top += height
            widest = max(widest, width)
        left = (self.left + self.right - widest) // 2 if centred else self.left
        box = (left, top, left + widest, self.top)
        self.top += round(font.size * 0.9)
        return box


def draw(page: Page) -> tuple[Image.Image, str]:
    """Return a page's picture (RGB) and the answer that describes it."""
    image = Image.new("RGB", page.size, (255, 255, 255))
    margin = page.size[0] // 12
    sheet = _Sheet(image, margin, page.size[0] - margin, page.size[1] // 16)
    for index, block in enumerate(page.blocks):
        if page.columns == 2 and index == 1:
            body, sheet.right = sheet.top, page.size[0] // 2 - margin // 3
        if page.columns == 2 and index == 3:
            sheet.left, sheet.right = page.size[0] // 2 + margin // 3, page.size[0] - margin
            sheet.top = body
        _draw_block(sheet, block)
    return image, "\n\n".join(sheet.said)


def _draw_block(sheet: _Sheet, block: object) -> None:
    if isinstance(block, Title):
        box = sheet.write(block.words, _font("DejaVuSans-Bold", 40), centred=True)
        sheet.say("title", box, f"# {block.words}")
    elif isinstance(block, Paragraph):
        box = sheet.write(_drawn(block.words), _font("DejaVuSerif", 24))
        sheet.say("text", box, block.words)
    elif isinstance(block, Formula):
        box = sheet.write(_drawn(block.latex), _font("DejaVuSerif-Italic", 34), centred=True)
        sheet.say("equation", box, f"\\[ {block.latex} \\]")
    elif isinstance(block, Table):
        sheet.say("table", _draw_table(sheet, block), markup(block))
    elif isinstance(block, Figure):
        sheet.say("image", _draw_figure(sheet, block))
        box = sheet.write(block.caption, _font("DejaVuSans", 20), centred=True)
        sheet.say("image_caption", box, f"<center>{block.caption}</center>")


def markup(table: Table) -> str:
    """Return a table in the HTML that the model writes."""
    rows = []
    for row in table.rows:
        cells = []
        for cell in row:
            spans = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
            spans += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
            cells.append(f"<td{spans}>{cell.words}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _draw_table(sheet: _Sheet, table: Table) -> Box:
    width, height = (sheet.right - sheet.left) // table.columns, 46
    top, font = sheet.top, _font("DejaVuSans", 22)
    covered: set[tuple[int, int]] = set()
    for index, row in enumerate(table.rows):
        column = 0
        for cell in row:
            while (index, column) in covered:
                column += 1
            covered |= {
                (index + down, column + over)
                for down in range(cell.rows)
                for over in range(cell.columns)
            }
            x, y = sheet.left + column * width, top + index * height
            right, bottom = x + cell.columns * width, y + cell.rows * height
            sheet.pen.rectangle((x, y, right, bottom), outline=INK, width=2)
            sheet.pen.text(((x + right) / 2, (y + bottom) / 2), cell.words, INK, font, "mm")
    bottom = top + len(table.rows) * height
    sheet.top = bottom + 30
    return (sheet.left, top, sheet.left + table.columns * width, bottom)


def _draw_figure(sheet: _Sheet, figure: Figure) -> Box:
    left, right = sheet.left + 40, sheet.right - 40
    top, bottom = sheet.top, sheet.top + 240
    pen, step = sheet.pen, (right - left) // len(figure.heights)
    pale = tuple(255 - (255 - shade) // 6 for shade in figure.color)
    pen.rectangle((left, top, right, bottom), fill=pale, outline=figure.color, width=4)
    for index, share in enumerate(figure.heights):
        x, rise = left + index * step, round(share * 200)
        if figure.shape == "discs":
            x, y, radius = x + step // 2, (top + bottom) // 2, min(step // 2 - 8, rise // 2)
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=figure.color)
        else:
            gap = step // 5 if figure.shape == "bars" else 0
            pen.rectangle((x + gap, bottom - rise, x + step - gap, bottom), fill=figure.color)
    sheet.top = bottom + 16
    return (left, top, right + 1, bottom + 1)


def _drawn(words: str) -> str:
    """Return text with its LaTeX as the signs that one sees."""
    for latex, sign in SIGNS.items():
        words = words.replace(latex, sign)
    return words.replace("\\( ", "").replace(" \\)", "")


def _wrapped(words: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)


def main() -> None:
    """Write every page and its answer."""
    FOLDER.mkdir(exist_ok=True)
    for page in (*PAGES, CAROUSEL):
        image, answer = draw(page)
        image.quantize(64).save(picture_of(page.name), optimize=True)
        (FOLDER / f"{page.name}.txt").write_text(answer, encoding="utf-8")


if __name__ == "__main__":
    main()
