"""The four measures: edit distance, word F1, reading order, and TEDS for tables.

Each takes what ``plain.read_markdown`` gives for the truth and for a tool's output.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from apted import APTED, Config
from lxml import html as lxml_html
from lxml.etree import ParserError
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from benchmarks.plain import CJK, Plain, fold, strip_marks

MIN_PROBE = 12  # a shorter block cannot be found again without doubt
PROBE = 200  # the head of a block is where it starts
FOUND_PERCENT = 70.0
SAME_LINE_PERCENT = 85.0
MAX_SPAN = 1000
_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")


@dataclass(frozen=True, slots=True)
class Scores:
    """A document's scores in [0, 1]; None where the truth has nothing to measure.

    ``edit_distance`` is better when lower, the others when higher.
    """

    edit_distance: float
    word_f1: float
    order: float | None
    teds: float | None


def score(truth: Plain, found: Plain) -> Scores:
    """Measure one document."""
    text = _without_optional(found.text, truth)
    true_text, read_text = fold(truth.text), fold(text)
    return Scores(
        edit_distance=edit_distance(true_text, read_text),
        word_f1=word_f1(_with_cells(true_text, truth.tables), _with_cells(read_text, found.tables)),
        order=reading_order(blocks(truth.text), read_text),
        teds=table_similarity(truth.tables, found.tables),
    )


def edit_distance(truth: str, found: str) -> float:
    """Return Levenshtein distance / length of the longer text; 0 for two empty texts."""
    longer = max(len(truth), len(found))
    return Levenshtein.distance(truth, found) / longer if longer else 0.0


def word_f1(truth: str, found: str) -> float:
    """Return F1 of the two bags of case-folded words; a CJK character is a word."""
    true_words = Counter(_WORD.findall(truth.casefold()))
    found_words = Counter(_WORD.findall(found.casefold()))
    total = true_words.total() + found_words.total()
    return 2 * (true_words & found_words).total() / total if total else 1.0


def blocks(text: str) -> list[str]:
    """Return the folded paragraphs of a text."""
    return [block for part in re.split(r"\n\s*\n", text) if (block := fold(part))]


def reading_order(truth_blocks: Sequence[str], found: str) -> float | None:
    """Return 1 - edit distance of the order in which the true blocks appear / their number.

    Blocks too short or too much alike to be told apart are left out, and so are blocks that cannot
    be found again: those cost edit distance already. None with fewer than three usable blocks.
    """
    probes = [b[:PROBE] for b in truth_blocks if len(b) >= MIN_PROBE and truth_blocks.count(b) == 1]
    if len(probes) < 3:
        return None
    places = []
    for number, probe in enumerate(probes):
        hit = fuzz.partial_ratio_alignment(probe, found, score_cutoff=FOUND_PERCENT)
        if hit is not None and found:
            places.append((hit.dest_start, number))
    if len(places) < 2:
        return 0.0
    order = [number for _, number in sorted(places)]
    return 1 - Levenshtein.distance(sorted(order), order) / len(order)


def table_similarity(truth: Sequence[str], found: Sequence[str]) -> float | None:
    """Return the mean TEDS of the true tables, each paired with the found table most like it."""
    if not truth:
        return None
    true_trees, found_trees = [tree(table) for table in truth], [tree(table) for table in found]
    likeness = sorted(
        (
            (fuzz.ratio(_tree_text(a), _tree_text(b)), -i, -j)
            for i, a in enumerate(true_trees)
            for j, b in enumerate(found_trees)
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for _, i, j in likeness:
        if -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return sum(teds(true_trees[i], found_trees[j]) for i, j in pairs.items()) / len(truth)


@dataclass(slots=True)
class Node:
    """A node of a table's tree: table, row or cell."""

    tag: str
    spans: tuple[int, int] = (1, 1)
    text: str = ""
    children: list[Node] = field(default_factory=list)


class _Costs(Config):  # type: ignore[misc]  # apted has no types
    """Renaming a cell costs the edit distance of its text; every other change costs 1."""

    def rename(self, node1: Node, node2: Node) -> float:
        if node1.tag != node2.tag or node1.spans != node2.spans:
            return 1.0
        return edit_distance(node1.text, node2.text)

    def children(self, node: Node) -> list[Node]:
        return node.children


def teds(truth: Node, found: Node) -> float:
    """Return 1 - tree edit distance / nodes of the larger tree (Zhong et al., ECCV 2020).

    Table sections are unwrapped, and header cells count as cells.
    """
    nodes = max(_count(truth), _count(found))
    return max(0.0, 1 - float(APTED(truth, found, _Costs()).compute_edit_distance()) / nodes)


def tree(table: str) -> Node:
    """Read an HTML table as a tree of rows and cells; what cannot be read is an empty table."""
    root = Node("table")
    try:
        element = lxml_html.fromstring(f"<div>{table}</div>")
    except (ParserError, ValueError):
        return root
    for row in element.xpath("(.//table)[1]//tr"):
        cells = [
            Node(
                "cell",
                (_span(cell.get("rowspan")), _span(cell.get("colspan"))),
                re.sub(r"\s+", "", fold(strip_marks(cell.text_content()))),
            )
            for cell in row.xpath("./td|./th")
        ]
        root.children.append(Node("row", children=cells))
    return root


def _span(value: str | None) -> int:
    return min(MAX_SPAN, int(value)) if value and value.isdecimal() and int(value) else 1


def _count(node: Node) -> int:
    return 1 + sum(_count(child) for child in node.children)


def _tree_text(root: Node) -> str:
    return " ".join(cell.text for row in root.children for cell in row.children)


def _with_cells(text: str, tables: Sequence[str]) -> str:
    cells = [fold(strip_marks(re.sub(r"<[^>]*>", " ", table))) for table in tables]
    return " ".join([text, *cells])


def _without_optional(text: str, truth: Plain) -> str:
    """Drop lines that are text which may but need not be there, unless the truth has them."""
    if not truth.optional:
        return text
    own = {fold(line) for line in truth.text.split("\n")}
    kept = []
    for line in text.split("\n"):
        folded = fold(line)
        if not folded or folded in own or not _is_optional(folded, truth.optional):
            kept.append(line)
    return "\n".join(kept)


def _is_optional(line: str, optional: Sequence[str]) -> bool:
    return any(
        fuzz.ratio(line, text) >= SAME_LINE_PERCENT or (len(line) > 3 and line in text)
        for text in optional
    )
