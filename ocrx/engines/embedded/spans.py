"""A page's text layer as printed lines: words with style, size, script and link.

Only what a person sees counts: invisible, white-on-white, clipped and off-page characters are left
out, and a character printed twice in one place (a poor man's bold) counts once. Whether the layer
can be trusted is for ``layer.py`` to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ocrx.engines.embedded.lines import Rect, TextLine
from ocrx.engines.embedded.words import Glyph, LineDraft, finish_lines, union
from ocrx.raster.mupdf import load_pymupdf

_FILLED, _STROKED, _CLIPPING = 16, 32, 64  # bits of MuPDF's char_flags: how a glyph is painted
_BOLD, _SYNTHETIC_BOLD = 16, 8
_ITALIC, _MONO = 2, 8
_NEAR_WHITE = 0xF0
_WHITE_CONTRAST = 40  # of 255, between the lightest and the darkest pixel behind white text
_SAMPLE_CHARACTERS = 24
_FIRST_CJK = "\u2e80"  # from here on scripts are written without blanks
_MAX_GLYPHS = 400_000
_SAFE_SCHEMES = ("http://", "https://", "mailto:")
_EVEN_LETTERS = 8  # different characters of a font that tell whether it is a typewriter's
_EVEN_EM = 0.03
_MONO_NAMES = ("mono", "courier", "consol", "typewriter", "menlo", "inconsolata", "cmtt")


@dataclass(frozen=True, slots=True)
class Sample:
    """A stretch of one font in one line: what the layer says stands in that box."""

    font: str
    text: str
    box: Rect


@dataclass(slots=True)
class LayerText:
    """What a page's text layer holds. Counts are of characters, blanks left out.

    ``hidden`` characters are painted with no ink at all (what scanners put over their picture).
    ``samples`` are upright stretches of a single font, ``fonts`` counts each font's characters.
    """

    lines: tuple[TextLine, ...] = ()
    visible: int = 0
    hidden: int = 0
    unknown: int = 0
    directions: Counter[int] = field(default_factory=Counter)
    fonts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    text: str = ""


def layer_text(page: Any) -> LayerText:
    """Read the text layer of an upright pymupdf page (rotation 0).

    Boxes are in points of the page as rendered. ``directions`` counts characters by the quarter
    turn, in degrees clockwise, that would bring them upright.
    """
    pymupdf = load_pymupdf()
    flags = (
        pymupdf.TEXT_PRESERVE_WHITESPACE
        | pymupdf.TEXT_MEDIABOX_CLIP
        | pymupdf.TEXT_COLLECT_STYLES
        | pymupdf.TEXT_CLIP
    )
    subset_names = bool(pymupdf.TOOLS.set_subset_fontnames())
    pymupdf.TOOLS.set_subset_fontnames(True)  # two subsets of one face may lie differently
    try:
        blocks = page.get_text("rawdict", flags=flags)["blocks"]
    finally:
        pymupdf.TOOLS.set_subset_fontnames(subset_names)
    found = LayerText()
    reader = _Reader(page, found, _even_fonts(blocks))
    drafts = [reader.draft(line) for block in blocks for line in block.get("lines", ())]
    found.lines = finish_lines((draft for draft in drafts if draft.glyphs), _links(page))
    found.text = "".join(line.text for line in found.lines)
    return found


def upright_turn(found: LayerText) -> int:
    """Return the quarter turn in degrees clockwise that brings most of the text upright."""
    if not found.directions:
        return 0
    turn, count = found.directions.most_common(1)[0]
    return turn if count > 0.6 * sum(found.directions.values()) else 0


class _Reader:
    """Turns MuPDF's lines into drafts, counting what it meets."""

    def __init__(self, page: Any, found: LayerText, even_fonts: frozenset[str]) -> None:
        rect = page.rect
        self._bounds: Rect = (0.0, 0.0, float(rect.width), float(rect.height))
        self._found = found
        self._page = page
        self._backdrop: Any = None
        self._even_fonts = even_fonts
        self._seen: dict[tuple[str, int, int], tuple[float, float]] = {}
        self._left = _MAX_GLYPHS

    def draft(self, line: dict[str, Any]) -> LineDraft:
        vertical = bool(line.get("wmode"))
        turn = 0 if vertical else _turn_of(line["dir"])
        glyphs: list[Glyph] = []
        for span in line["spans"]:
            fresh = list(self._glyphs(span, turn, vertical))
            glyphs.extend(fresh)
            if fresh and not turn and not vertical:
                self._sample(span["font"], fresh)
        return LineDraft(glyphs, turn, vertical)

    def _sample(self, font: str, glyphs: list[Glyph]) -> None:
        """Keep what one font says, in stretches that end at a blank and are cheap to read."""
        chunk: list[Glyph] = []
        for glyph in glyphs:
            chunk.append(glyph)
            if len(chunk) >= _SAMPLE_CHARACTERS and _may_break(glyph.text):
                self._found.samples.append(_sample_of(font, chunk))
                chunk = []
        if chunk:
            self._found.samples.append(_sample_of(font, chunk))

    def _glyphs(self, span: dict[str, Any], turn: int, vertical: bool) -> Iterator[Glyph]:
        painted = span.get("char_flags", _FILLED) & (_FILLED | _STROKED | _CLIPPING)
        hidden = not painted or span.get("alpha", 255) == 0
        white = not hidden and _is_white(span["color"])
        style = _style(span, span["font"] in self._even_fonts)
        for char in span["chars"]:
            text, box = char["c"], char["bbox"]
            blank = text.isspace()
            if not blank and not self._counts(text, box, char["origin"], span["size"]):
                continue
            if hidden or (white and not blank and not self._shows(box)):
                if not blank:
                    self._found.hidden += 1
                continue
            if not blank:
                self._found.visible += 1
                self._found.fonts[span["font"]] += 1
                self._found.unknown += _is_unknown(text)
                self._found.directions[turn] += 1
            tight = box if turn or vertical else _tight(box, char["origin"][1], span["size"])
            yield Glyph(text, tight, char["origin"], span["size"], *style)

    def _counts(self, text: str, box: Rect, origin: tuple[float, float], size: float) -> bool:
        """Say whether a character lies on the page and is no second print of one before it."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if not (
            self._bounds[0] <= x <= self._bounds[2] and self._bounds[1] <= y <= self._bounds[3]
        ):
            return False
        self._left -= 1
        if self._left < 0:
            return False
        step = max(1.0, 0.2 * size)
        column, row = int(origin[0] // step), int(origin[1] // step)
        for dx in (0, -1, 1):
            for dy in (0, -1, 1):
                other = self._seen.get((text, column + dx, row + dy))
                if other and _near(other, origin, 0.12 * size):
                    return False
        self._seen[text, column, row] = origin
        return True

    def _shows(self, box: Rect) -> bool:
        """Say whether white text stands out from what is behind it."""
        if self._backdrop is None:
            self._backdrop = self._page.get_pixmap(colorspace="gray", alpha=False)
        pixels = self._backdrop
        left, top = max(0, int(box[0])), max(0, int(box[1]))
        right, bottom = min(pixels.width, int(box[2]) + 1), min(pixels.height, int(box[3]) + 1)
        darkest = 255
        for row in range(top, bottom):
            line = pixels.samples_mv[row * pixels.stride + left : row * pixels.stride + right]
            darkest = min(darkest, min(line, default=255))
        return darkest < 255 - _WHITE_CONTRAST


def _may_break(text: str) -> bool:
    return text.isspace() or text >= _FIRST_CJK


def _sample_of(font: str, glyphs: list[Glyph]) -> Sample:
    box = union(glyph.box for glyph in glyphs)
    return Sample(font, "".join(glyph.text for glyph in glyphs), box)


def _tight(box: Rect, baseline: float, size: float) -> Rect:
    """Cut a box to what letters take up; fonts claim up to twice their size."""
    top, bottom = max(box[1], baseline - 0.8 * size), min(box[3], baseline + 0.22 * size)
    return (box[0], top, box[2], bottom) if bottom - top > 0.3 * (box[3] - box[1]) else box


def _near(one: tuple[float, float], other: tuple[float, float], limit: float) -> bool:
    return abs(one[0] - other[0]) < limit and abs(one[1] - other[1]) < limit


def _turn_of(direction: tuple[float, float]) -> int:
    """Return the clockwise quarter turn that makes this writing direction run to the right."""
    x, y = direction
    if abs(x) >= abs(y):
        return 0 if x >= 0 else 180
    return 90 if y < 0 else 270


def _is_white(color: int) -> bool:
    return min(color >> 16 & 255, color >> 8 & 255, color & 255) >= _NEAR_WHITE


def _is_unknown(text: str) -> bool:
    code = ord(text[0])
    return code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000 or code < 32


def _even_fonts(blocks: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Return the fonts whose letters all take the same room, whatever their name says."""
    advances: dict[str, dict[str, float]] = {}
    for block in blocks:
        for line in block.get("lines", ()):
            if line.get("wmode") or line["dir"][0] < 0.99:
                continue
            for span in line["spans"]:
                own = advances.setdefault(span["font"], {})
                for char, following in pairwise(span["chars"]):
                    if "!" <= char["c"] <= "~" and not following.get("synthetic"):
                        step = following["origin"][0] - char["origin"][0]
                        own[char["c"]] = step / (span["size"] or 1.0)
    return frozenset(
        font
        for font, own in advances.items()
        if len(own) >= _EVEN_LETTERS and max(own.values()) - min(own.values()) < _EVEN_EM
    )


def _style(span: dict[str, Any], even: bool) -> tuple[bool, bool, bool]:
    """Return bold, italic, mono from the font's flags and, where those say nothing, its name."""
    flags = span["flags"]
    name = span["font"].rsplit("+", 1)[-1].lower()
    bold = bool(flags & _BOLD) or bool(span.get("char_flags", 0) & _SYNTHETIC_BOLD)
    bold = bold or any(mark in name for mark in ("bold", "black", "heavy", "cmbx"))
    italic = bool(flags & _ITALIC) or "italic" in name or "oblique" in name
    mono = even or bool(flags & _MONO) or any(mark in name for mark in _MONO_NAMES)
    return bold, italic, mono


def _links(page: Any) -> list[tuple[Rect, str]]:
    """Return the page's links to the outside, with schemes that are safe to print."""
    links: Iterable[dict[str, Any]] = page.get_links()
    found = []
    for link in links:
        uri = link.get("uri") or ""
        if uri.lower().startswith(_SAFE_SCHEMES):
            found.append((tuple(link["from"]), uri))
    return found
