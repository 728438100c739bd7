"""The dialect of DeepSeek-OCR and its family: tagged pieces of text, each with a label and boxes.

``<|ref|>label<|/ref|><|det|>[[x1, y1, x2, y2], ...]<|/det|>`` and the text up to the next tag, or a
line ``label [x1, y1, x2, y2]text``. Reading it never fails, never evaluates, and takes time linear
in the text. What labels and texts mean is left to ``grounding.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ocrx.document import BoundingBox

DIALECT = "grounding/1"
GRID = 999  # boxes are whole numbers from 0 to 999 of the page; models also write 1000
MAX_BOXES = 1_000  # of one tag; a page holds far fewer words

_TAG = re.compile(
    r"<\|(?P<name>/?(?:ref|det))\|>"
    r"|(?P<control><\uff5c[^\uff5c<>\n]{1,40}\uff5c>|<\|(?:grounding|User|Assistant)\|>"
    r"|<image>|<PAGE>)"
    r"|(?P<cut><\|?/?(?:r|re|ref|d|de|det)?\|?\Z)"
)
_BOX = re.compile(r"\[([^\[\]]*)(?:\]|\Z)")
_BOX_SYNTAX = re.compile(r"[\s\[\]\d,.\-]*")
_LABELLED_BOX = re.compile(r"\s*(?P<label>[A-Za-z_]{1,40}) ?(?P<box>\[[\s\[\]\d,.\-]*)\Z")
_LINE = re.compile(
    r"^[ \t]*(?P<label>[A-Za-z_]{1,40}) ?"
    r"(?P<boxes>(?:\[[ \t]*\d{1,4}(?:[ \t]*,[ \t]*\d{1,4}){3}[ \t]*\])+)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the raw text: what its tag says, and the text up to the next tag.

    ``label`` is None for text that no tag opens. ``lost_boxes`` counts boxes that no one can read
    or that hold no area. ``starts_line`` says that a line end stands between the tag and the text.
    """

    label: str | None
    boxes: tuple[BoundingBox, ...]
    text: str
    lost_boxes: int = 0

    @property
    def starts_line(self) -> bool:
        """Whether a line end stands between the tag and its text."""
        return "\n" in self.text[: len(self.text) - len(self.text.lstrip())]


def pieces_of(raw: str, labels: frozenset[str]) -> tuple[Piece, ...]:
    """Return the pieces of a raw text in order; pieces that say nothing are left out.

    ``labels`` are the known ones: a text without tags is read as lines with labels and boxes only
    if the first line that is not blank opens with one of them.
    """
    raw = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    reader = _Reader()
    at = 0
    for match in _TAG.finditer(raw):
        reader.text(raw[at : match.start()])
        if match["name"]:
            reader.tag(match["name"])
        at = match.end()
    reader.text(raw[at:])
    pieces = reader.close()
    if len(pieces) == 1 and pieces[0].label is None and not pieces[0].boxes:
        return tuple(_lines(pieces[0].text, labels))
    return pieces


@dataclass(slots=True)
class _Reader:
    """Reads tags one after the other; ``place`` is the tag that is open."""

    pieces: list[Piece] = field(default_factory=list)
    place: str = ""
    label: str | None = None
    boxes: list[BoundingBox] = field(default_factory=list)
    lost: int = 0
    parts: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)  # inside the open tag

    def text(self, text: str) -> None:
        if text:
            (self.held if self.place else self.parts).append(text)

    def tag(self, name: str) -> None:
        closed = name == f"/{self.place}"
        self._leave(closed)
        if name == "ref" or (name == "det" and "".join(self.parts).strip()):
            self._flush()
        self.place = "" if name[0] == "/" else name

    def close(self) -> tuple[Piece, ...]:
        self._leave(closed=False)
        self._flush()
        return tuple(self.pieces)

    def _leave(self, closed: bool) -> None:
        """Take what stood inside the open tag."""
        held, place = "".join(self.held), self.place
        self.held, self.place = [], ""
        if place == "ref":
            self.label = held.strip() or None
        elif place == "det":
            labelled = _LABELLED_BOX.match(held) if self.label is None else None
            if labelled:
                self.label, held = labelled["label"], labelled["box"]
            syntax = _BOX_SYNTAX.match(held)
            end = syntax.end() if syntax else 0
            boxes, lost = read_boxes(held[:end], cut=not closed)
            room = MAX_BOXES - len(self.boxes)
            self.boxes += boxes[:room]
            self.lost += lost + len(boxes[room:])
            self.text(held[end:])

    def _flush(self) -> None:
        text = "".join(self.parts)
        if self.label is not None or self.boxes or text.strip():
            self.pieces.append(Piece(self.label, tuple(self.boxes), text, self.lost))
        self.label, self.boxes, self.lost, self.parts = None, [], 0, []


def read_boxes(text: str, cut: bool = False) -> tuple[list[BoundingBox], int]:
    """Return the boxes of ``[[x1, y1, x2, y2], ...]`` and how many more cannot be used.

    Corners in the wrong order change places, coordinates off the page are clamped. ``cut`` says
    that the text may end in the middle of a number.
    """
    boxes: list[BoundingBox] = []
    lost = 0
    for match in _BOX.finditer(text):
        inside = match[1]
        if not inside.strip(" \t\n,.-") and match.end() < len(text):
            continue  # the outer bracket
        box = None if cut and match.end() == len(text) and text[-1:] != "]" else _box(inside)
        if box is None or len(boxes) >= MAX_BOXES:
            lost += bool(inside.strip())
        else:
            boxes.append(box)
    return boxes, lost


def _box(text: str) -> BoundingBox | None:
    numbers = [_coordinate(part) for part in text.split(",", 5)]
    known = [number for number in numbers if number is not None]
    if len(known) != 4 or len(numbers) != 4:
        return None
    left, right = sorted(known[::2])
    top, bottom = sorted(known[1::2])
    return BoundingBox(left, top, right, bottom) if left < right and top < bottom else None


def _coordinate(text: str) -> float | None:
    try:
        return min(max(float(text.strip()[:20]) / GRID, 0.0), 1.0)
    except ValueError:
        return None


def _lines(text: str, labels: frozenset[str]) -> Iterator[Piece]:
    """Yield the pieces of a text without tags: its lines with label and box, else the whole."""
    opening = _LINE.match(text, len(text) - len(text.lstrip()))
    if opening is None or opening["label"].lower() not in labels:
        yield Piece(None, (), text)
        return
    found = [match for match in _LINE.finditer(text) if match["label"].lower() in labels]
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        boxes, lost = read_boxes(match["boxes"])
        yield Piece(match["label"], tuple(boxes), text[match.end() : end], lost)
