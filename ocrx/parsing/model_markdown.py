r"""Text as models write it to blocks: Markdown, with HTML tables and displayed formulas inside.

A Markdown parser would drop the cells that a table has too many, take indented text for code and
run lines together; so lines are read here, and only what stands inside them by markdown-it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ocrx.document import Block, BlockKind, Span
from ocrx.parsing.cell_grids import PlainCell
from ocrx.parsing.html_tables import HtmlTable, read_table, table_of
from ocrx.parsing.markdown_segments import Part, Segment, segments_of
from ocrx.parsing.model_inline import spans_of
from ocrx.parsing.model_math import tidy
from ocrx.typesetting.markers import list_marker

MAX_DEPTH = 8
TAB = 4

_HEADING = re.compile(r"(#{1,6})\s+(?=\S)")
_CLOSING_HASHES = re.compile(r"\s#{1,6}\Z")
_MARKDOWN_ITEM = re.compile(r"(?P<mark>[-*+]|(?P<number>\d{1,9})[.)])[ \t]+(?=\S)")
_RULE = re.compile(r"(?:-[ \t]?){3,}\Z|(?:\*[ \t]?){3,}\Z")
_PIPE = re.compile(r"(?<!\\)\|")
_RULE_CHARACTERS = frozenset("|-: \t")
_EMPTY_LINES = re.compile(r"\n[ \t]*\n")
_CENTRED = re.compile(r"</?center>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelText:
    """Blocks in order, without boxes, and what was repaired in each table, by the table's index."""

    blocks: tuple[Block, ...]
    repairs: dict[int, tuple[str, ...]]


def read_markdown(text: str, listed: bool = False, passage: BlockKind | None = None) -> ModelText:
    """Return the blocks of a text.

    With ``passage`` its running text has no marks at the starts of lines: it is passages of that
    kind, parted by empty lines. With ``listed`` it is known to be a list: ``(a)`` and ``[1]`` open
    items too. A heading with one ``#`` is the title; the others have levels from 1. Line ends stay.
    """
    blocks: list[Block] = []
    repairs: dict[int, tuple[str, ...]] = {}
    for segment in segments_of(text):
        match segment.part:
            case Part.TEXT:
                if passage is not None:
                    blocks.extend(_passages(segment.text, passage))
                    continue
                read = _Lines(listed).read(segment.text)
                repairs |= {len(blocks) + at: found for at, found in read.repairs.items()}
                blocks.extend(read.blocks)
            case Part.CODE:
                blocks.append(Block(BlockKind.CODE, (Span(segment.text),)))
            case Part.FORMULA:
                blocks.append(_formula(segment))
            case Part.TABLE:
                html = read_table(segment.text, spans_of)
                if html.before:
                    blocks.append(Block(BlockKind.CAPTION, spans_of(html.before)))
                if html.repairs:
                    repairs[len(blocks)] = html.repairs
                blocks.extend(_table(html))
    return ModelText(tuple(blocks), repairs)


def _passages(text: str, kind: BlockKind) -> Iterator[Block]:
    for part in _EMPTY_LINES.split(_CENTRED.sub("", text)):
        if part.strip():
            yield Block(kind, spans_of(part))


def _table(found: HtmlTable) -> tuple[Block, ...]:
    suspect = bool(found.repairs)
    if found.table is not None:
        return (Block(BlockKind.TABLE, table=found.table, suspect=suspect),)
    spans = (Span(found.rest),)
    return (Block(BlockKind.PARAGRAPH, spans, suspect=suspect),) if found.rest else ()


def _formula(segment: Segment) -> Block:
    return Block(BlockKind.FORMULA, latex=tidy(segment.text), suspect=segment.cut)


class _Lines:
    """Reads lines one after the other into headings, list items, pipe tables and paragraphs."""

    def __init__(self, listed: bool) -> None:
        self._listed = listed
        self._blocks: list[Block] = []
        self._held: list[str] = []  # of the open paragraph or item
        self._item: Block | None = None
        self._edges: list[int] = []  # indents of the open list's depths
        self._after_blank = True
        self._repairs: dict[int, tuple[str, ...]] = {}

    def read(self, text: str) -> ModelText:
        lines = text.split("\n")
        at = 0
        while at < len(lines):
            rows = _pipe_rows(lines, at)
            if rows:
                self._close()
                self._table(lines[at : at + rows])
                at += rows
            else:
                self._line(lines[at])
                at += 1
        self._close()
        return ModelText(tuple(self._blocks), self._repairs)

    def _table(self, lines: list[str]) -> None:
        """The second line is the rule below the head; cells beyond it stay."""
        rows = [_pipe_cells(line, index == 0) for index, line in enumerate(lines) if index != 1]
        found = table_of(rows, spans_of)
        if found.repairs:
            self._repairs[len(self._blocks)] = found.repairs
        self._blocks.extend(_table(found))

    def _line(self, line: str) -> None:
        stripped = line.strip()
        indent = len(line.expandtabs(TAB)) - len(line.expandtabs(TAB).lstrip())
        if not stripped:
            if self._item is None:
                self._close()
            self._after_blank = True
            return
        heading = _HEADING.match(stripped)
        mark = self._marker(stripped)
        if heading:
            self._close()
            self._edges = []
            self._blocks.append(heading_block(len(heading[1]), stripped[heading.end() :]))
        elif _RULE.match(stripped):
            self._close()
        elif mark:
            self._open_item(mark[0], indent)
            self._held.append(stripped[mark[1] :])
        else:
            if self._item is not None and self._after_blank and indent <= self._edges[-1]:
                self._close()
                self._edges = []
            self._held.append(stripped)
        self._after_blank = False

    def _marker(self, line: str) -> tuple[str, int] | None:
        """Return a list item's mark and how many characters it takes."""
        found = _MARKDOWN_ITEM.match(line)
        if found:
            # a number that only happens to begin a line of a paragraph is none
            interrupts = self._held and self._item is None and found["number"] not in (None, "1")
            long = len(found["number"] or "") > 3 and not self._edges
            return None if interrupts or long else (found["mark"], found.end())
        marker = list_marker(line[:24])
        if marker and (marker.is_certain or self._listed) and marker.length < len(line):
            return marker.text, marker.length
        return None

    def _open_item(self, mark: str, indent: int) -> None:
        self._close()
        while self._edges and self._edges[-1] >= indent:
            self._edges.pop()
        if len(self._edges) <= MAX_DEPTH:
            self._edges.append(indent)
        self._item = Block(BlockKind.LIST_ITEM, level=len(self._edges) - 1, marker=mark)

    def _close(self) -> None:
        text = _CENTRED.sub("", "\n".join(self._held)).strip()
        if self._item is not None:
            self._blocks.append(replace(self._item, spans=spans_of(text)))
        elif text:
            self._edges = []
            self._blocks.append(Block(BlockKind.PARAGRAPH, spans_of(text)))
        self._item, self._held = None, []


def heading_block(hashes: int, text: str) -> Block:
    """Return the heading that a line with so many ``#`` is; one is the title."""
    spans = spans_of(_CENTRED.sub("", _CLOSING_HASHES.sub("", text)))
    if hashes == 1:
        return Block(BlockKind.TITLE, spans)
    return Block(BlockKind.HEADING, spans, level=hashes - 1)


def _pipe_rows(lines: list[str], at: int) -> int:
    """Return how many lines from here on are a pipe table, 0 when none begins here."""
    if "|" not in lines[at] or at + 1 >= len(lines) or not _is_rule(lines[at + 1]):
        return 0
    end = at + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return end - at


def _is_rule(line: str) -> bool:
    return "|" in line and "-" in line and set(line) <= _RULE_CHARACTERS


def _pipe_cells(line: str, header: bool) -> list[PlainCell]:
    inside = line.strip().removeprefix("|")
    inside = inside[:-1] if inside.endswith("|") and not inside.endswith("\\|") else inside
    texts = (part.replace("\\|", "|") for part in _PIPE.split(inside))
    return [PlainCell([text], header=header) for text in texts]
