"""Kept output read back, to be written in another format without an engine.

Three kinds can be kept: a document's JSON, its pages as JSON Lines, and raw output as JSON Lines.
Raw output still has to be parsed and put together, which is the conversion's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum

from ocrx.document import Document, PageResult
from ocrx.errors import KeptDataError
from ocrx.serialization import (
    KeptReading,
    document_from_dict,
    load_json,
    page_from_dict,
    reading_from_dict,
)


class KeptKind(StrEnum):
    """What kept output is."""

    DOCUMENT = "document"
    PAGES = "pages"
    READINGS = "readings"


def kind_of(text: str) -> KeptKind:
    """Return what the text is, by its first line alone where that is a whole object.

    Raises:
        KeptDataError: it is none of the three.
    """
    lines = text.lstrip("\ufeff \t\r\n").split("\n", 1)
    if lines[0].startswith("{"):
        # A document's own JSON may be spread over lines, by ocrx or by a formatter.
        whole = lines[0].rstrip().endswith("}")
        data = load_json(lines[0] if whole and _is_object(lines[0]) else text)
        if isinstance(data, dict):
            for field, kind in (
                ("pages", KeptKind.DOCUMENT),
                ("recognition", KeptKind.READINGS),
                ("page", KeptKind.PAGES),
            ):
                if field in data:
                    return kind
    raise KeptDataError("this is neither a document, nor pages, nor raw output that ocrx kept")


def documents_from_kept(text: str) -> Iterator[Document]:
    """Yield the documents in kept JSON, or in kept pages (one for each run of pages of a source).

    Raises:
        KeptDataError: malformed, of another version, over a cap, or raw output.
    """
    kind = kind_of(text)
    if kind is KeptKind.DOCUMENT:
        yield document_from_dict(load_json(text))
    elif kind is KeptKind.PAGES:
        yield from _documents_of_pages(text.removeprefix("\ufeff").split("\n"))
    else:
        raise KeptDataError("raw output must be parsed before it is a document")


def _documents_of_pages(lines: Iterable[str]) -> Iterator[Document]:
    """JSON Lines break at newlines alone: other line ends may stand inside a string."""
    open_document: Document | None = None
    pages: list[PageResult] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        data = load_json(line, where)
        if not isinstance(data, dict):
            raise KeptDataError(f"{where} is not an object")
        facts = document_from_dict({**data, "pages": []})
        page = page_from_dict(data.get("page"))
        # A source that comes again from its first page is another document.
        if facts != open_document or (pages and page.number <= pages[-1].number):
            if open_document is not None:
                yield replace(open_document, pages=tuple(pages))
            open_document, pages = facts, []
        pages.append(page)
    if open_document is not None:
        yield replace(open_document, pages=tuple(pages))


def _is_object(line: str) -> bool:
    try:
        return isinstance(load_json(line), dict)
    except KeptDataError:
        return False


def readings_from_kept(lines: Iterable[str]) -> Iterator[KeptReading]:
    """Yield the raw output of one page after the other.

    Raises:
        KeptDataError: a line is malformed, of another version or over a cap.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield reading_from_dict(load_json(line, f"line {number}"))
