"""Raw text of a model and its blocks, for the tests of the grounding dialect."""

from __future__ import annotations

from ocrx.document import Block, BoundingBox, Recognition, StopReason
from ocrx.parsing import parse, parse_page
from ocrx.parsing.grounding_dialect import DIALECT, GRID


def recognition(raw: str) -> Recognition:
    return Recognition("page", raw, DIALECT, StopReason.END)


def blocks_of(raw: str) -> tuple[Block, ...]:
    return parse(recognition(raw))


def notes_of(raw: str) -> tuple[str, ...]:
    return parse_page(recognition(raw)).repairs


def tagged(label: str, text: str = "", boxes: str = "[100, 200, 300, 400]") -> str:
    return f"<|ref|>{label}<|/ref|><|det|>[{boxes}]<|/det|>\n{text}\n"


def box(left: int, top: int, right: int, bottom: int) -> BoundingBox:
    return BoundingBox(left / GRID, top / GRID, right / GRID, bottom / GRID)


def shown(raw: str) -> list[tuple[str, str]]:
    """Return the kind and the text (or LaTeX) of every block."""
    return [(block.kind.value, block.latex or block.text) for block in blocks_of(raw)]


BOX = box(100, 200, 300, 400)
