"""Printed regions for the tests of parsing: lines of even type on a page of 600 by 800 points."""

from ocrx.document import Block, Recognition, StopReason
from ocrx.parsing import parse
from ocrx.parsing.region_dialect import (
    DIALECT,
    RawCell,
    RawLine,
    RawPage,
    RawRegion,
    RawSpan,
    RegionClass,
    dumps,
)

WIDTH, HEIGHT = 600.0, 800.0
CHARACTER = 5.0  # points, of 10 pt type


def line(
    text: str | tuple[RawSpan, ...],
    top: float,
    left: float = 100.0,
    size: float = 10.0,
    right: float | None = None,
    confidence: float | None = None,
) -> RawLine:
    """A line whose characters are half as wide as high, ``top`` and ``left`` in points.

    With a confidence it was read from pixels.
    """
    spans = (RawSpan(text),) if isinstance(text, str) else text
    characters = sum(len(span.text) for span in spans)
    right = left + characters * size / 2 if right is None else right
    box = (left / WIDTH, top / HEIGHT, right / WIDTH, (top + size) / HEIGHT)
    return RawLine(box, spans, size, confidence)


def region(
    region_class: RegionClass, *lines: RawLine, cells: tuple[RawCell, ...] = ()
) -> RawRegion:
    inside = lines or tuple(held for cell in cells for held in cell.lines)
    box = (
        min(held.box[0] for held in inside),
        min(held.box[1] for held in inside),
        max(held.box[2] for held in inside),
        max(held.box[3] for held in inside),
    )
    return RawRegion(region_class, box, lines, cells)


def blocks(*regions: RawRegion) -> tuple[Block, ...]:
    raw = dumps(RawPage(WIDTH, HEIGHT, regions))
    return parse(Recognition("p", raw, DIALECT, StopReason.END))


def texts(*regions: RawRegion) -> list[str]:
    return [block.text for block in blocks(*regions)]


def set_lines(*rows: str, top: float = 100, pitch: float = 12, left: float = 100) -> list[RawLine]:
    return [line(row, top + pitch * index, left) for index, row in enumerate(rows)]


FULL = "a line of words that fills its column to the edge"  # 49 characters
