"""Flat list items, each with a depth and a printed mark, as nested lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ocrx.writers.inline import one_line
from ocrx.writers.items import Content, ItemList, ListEntry

MAX_DEPTH = 6
_NUMBER = re.compile(r"([0-9]{1,8})[.)]?\Z")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class FlatItem:
    """A list item as the page has it: depth from 0, the mark as printed."""

    depth: int
    marker: str | None
    content: Content


@dataclass(slots=True)
class _Node:
    item: FlatItem
    children: list[_Node] = field(default_factory=list)


def nest(items: list[FlatItem]) -> tuple[ItemList, ...]:
    """Return the items as lists. A jump in depth counts as one step down.

    Numbers that count up one by one make an ordered list; where the count breaks, a new list
    begins. Marks that carry letters (``(a)``, ``iv.``) stay as printed in an unordered list.
    """
    top: list[_Node] = []
    open_nodes: list[tuple[int, _Node]] = []
    for item in items:
        while open_nodes and open_nodes[-1][0] >= item.depth:
            open_nodes.pop()
        node = _Node(item)
        if open_nodes and len(open_nodes) < MAX_DEPTH:
            open_nodes[-1][1].children.append(node)
        elif open_nodes:
            open_nodes[-2][1].children.append(node)
            open_nodes.pop()
        else:
            top.append(node)
        open_nodes.append((item.depth, node))
    return _lists(top)


def _lists(nodes: list[_Node]) -> tuple[ItemList, ...]:
    lists: list[ItemList] = []
    run: list[_Node] = []
    first: int | None = None
    for node in nodes:
        number = _number(node.item.marker)
        if run and number != (None if first is None else first + len(run)):
            lists.append(_list(run, first))
            run = []
        if not run:
            first = number
        run.append(node)
    if run:
        lists.append(_list(run, first))
    return tuple(lists)


def _list(nodes: list[_Node], first: int | None) -> ItemList:
    entries = tuple(
        ListEntry(
            content=node.item.content,
            marker=None if first is not None else _worth_showing(node.item.marker),
            lists=_lists(node.children),
        )
        for node in nodes
    )
    return ItemList(ordered=first is not None, start=first or 0, entries=entries)


def _number(marker: str | None) -> int | None:
    match = _NUMBER.match(one_line(marker or ""))
    return int(match[1]) if match else None


def _worth_showing(marker: str | None) -> str | None:
    """A bullet says no more than the list does; letters and numbers do."""
    text = one_line(marker or "")
    return text if _LETTER_OR_DIGIT.search(text) else None
