"""The raw text of engines that see a page as regions of lines: JSON, dialect ``regions/1``.

Only the format: what an engine writes and ``parsing/regions.py`` reads. Boxes are [left, top,
right, bottom] in [0, 1] of the upright page, origin top left; regions stand in reading order;
sizes are in points (for a picture: of a page 11 inches high).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DIALECT = "regions/1"
MAX_REGIONS = 20_000
MAX_CELLS = 200_000


class RegionClass(StrEnum):
    """What the layout model calls a region (DocLayNet's eleven classes, and code)."""

    TITLE = "title"
    SECTION_HEADER = "section-header"
    TEXT = "text"
    LIST_ITEM = "list-item"
    TABLE = "table"
    PICTURE = "picture"
    FORMULA = "formula"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    CODE = "code"
    PAGE_HEADER = "page-header"
    PAGE_FOOTER = "page-footer"


Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class RawSpan:
    """A run of characters in one style, as printed. ``script`` is 1 super, -1 sub, 0 normal."""

    text: str
    bold: bool = False
    italic: bool = False
    mono: bool = False
    script: int = 0
    link: str | None = None


@dataclass(frozen=True, slots=True)
class RawLine:
    """One printed line. Its spans hold the blanks between words, none at its ends."""

    box: Box
    spans: tuple[RawSpan, ...]
    size_pt: float = 0.0
    confidence: float | None = None

    @property
    def text(self) -> str:
        """The line's characters."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class RawCell:
    """One cell of a table region, 0-based, with its own lines."""

    row: int
    column: int
    row_span: int
    column_span: int
    header: bool
    lines: tuple[RawLine, ...]


@dataclass(frozen=True, slots=True)
class RawRegion:
    """One region of the page. ``cells`` only for a table; its lines are then in the cells."""

    region_class: RegionClass
    box: Box
    lines: tuple[RawLine, ...] = ()
    cells: tuple[RawCell, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class RawPage:
    """All regions of a page in reading order.

    ``width`` and ``height`` are the upright page's, in points. ``turned_degrees`` is how far the
    picture was turned clockwise, in whole quarters, to be upright: boxes are relative to the
    upright picture.
    """

    width: float
    height: float
    regions: tuple[RawRegion, ...]
    turned_degrees: int = 0


class DialectError(ValueError):
    """The text is not ``regions/1``."""


def dumps(page: RawPage) -> str:
    """Return the page as compact JSON; defaults are left out."""
    return json.dumps(_page_dict(page), ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> RawPage:
    """Read a page back.

    Raises:
        DialectError: not JSON, not this dialect, or over a cap.
    """
    try:
        return _page(json.loads(text))
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise DialectError(f"not {DIALECT}: {error}") from error


def _page_dict(page: RawPage) -> dict[str, Any]:
    return {
        "dialect": DIALECT,
        "width": round(page.width, 2),
        "height": round(page.height, 2),
        "turned": page.turned_degrees,
        "regions": [_region_dict(region) for region in page.regions],
    }


def _region_dict(region: RawRegion) -> dict[str, Any]:
    out: dict[str, Any] = {"class": region.region_class.value, "box": _round(region.box)}
    if region.lines:
        out["lines"] = _line_dicts(region.lines)
    if region.cells:
        out["cells"] = [
            [c.row, c.column, c.row_span, c.column_span, int(c.header), _line_dicts(c.lines)]
            for c in region.cells
        ]
    if region.confidence is not None:
        out["confidence"] = round(region.confidence, 4)
    return out


def _line_dicts(lines: tuple[RawLine, ...]) -> list[dict[str, Any]]:
    return [_line_dict(line) for line in lines]


def _line_dict(line: RawLine) -> dict[str, Any]:
    out: dict[str, Any] = {"box": _round(line.box), "size": round(line.size_pt, 2)}
    out["spans"] = [_span_list(span) for span in line.spans]
    if line.confidence is not None:
        out["confidence"] = round(line.confidence, 4)
    return out


def _span_list(span: RawSpan) -> str | list[Any]:
    style = "".join(
        letter for letter, on in zip("bim", (span.bold, span.italic, span.mono), strict=True) if on
    )
    if not style and not span.script and span.link is None:
        return span.text
    return [span.text, style, span.script, span.link]


def _round(box: Box) -> list[float]:
    return [round(value, 5) for value in box]


def _page(data: dict[str, Any]) -> RawPage:
    if data["dialect"] != DIALECT:
        raise DialectError(f"dialect is {data['dialect']!r}, expected {DIALECT!r}")
    if len(data["regions"]) > MAX_REGIONS:
        raise DialectError(f"more than {MAX_REGIONS} regions")
    regions = tuple(_region(region) for region in data["regions"])
    if sum(len(region.cells) for region in regions) > MAX_CELLS:
        raise DialectError(f"more than {MAX_CELLS} cells")
    return RawPage(float(data["width"]), float(data["height"]), regions, int(data["turned"]))


def _region(data: dict[str, Any]) -> RawRegion:
    return RawRegion(
        region_class=RegionClass(data["class"]),
        box=_box(data["box"]),
        lines=_lines(data.get("lines", ())),
        cells=tuple(
            RawCell(int(row), int(column), int(row_span), int(column_span), bool(head), _lines(ls))
            for row, column, row_span, column_span, head, ls in data.get("cells", ())
        ),
        confidence=_optional_float(data.get("confidence")),
    )


def _lines(items: Any) -> tuple[RawLine, ...]:
    return tuple(
        RawLine(
            box=_box(item["box"]),
            spans=tuple(_span(span) for span in item["spans"]),
            size_pt=float(item["size"]),
            confidence=_optional_float(item.get("confidence")),
        )
        for item in items
    )


def _span(item: Any) -> RawSpan:
    if isinstance(item, str):
        return RawSpan(item)
    text, style, script, link = item
    return RawSpan(
        text=str(text),
        bold="b" in style,
        italic="i" in style,
        mono="m" in style,
        script=int(script),
        link=None if link is None else str(link),
    )


def _box(values: Any) -> Box:
    left, top, right, bottom = (min(1.0, max(0.0, float(value))) for value in values)
    return left, top, right, bottom


def _optional_float(value: Any) -> float | None:
    return None if value is None else float(value)
