"""What earlier runs kept (JSON, JSON Lines, raw text) as documents again, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from ocrx.conversion.results import build_document, page_result, with_shared_words
from ocrx.document import Asset, Document
from ocrx.engine import EngineInfo
from ocrx.errors import KeptDataError
from ocrx.serialization import (
    KeptReading,
    document_from_dict,
    load_json,
    page_from_dict,
    reading_from_dict,
)

_MEDIA_TYPE = "image/png"


def load_kept(
    data: bytes,
    where: str,
    asset_names: frozenset[str],
    on_failure: Callable[[str], None] = lambda message: None,
) -> tuple[Document, ...]:
    """Return the documents that ``data`` holds, in its order.

    ``asset_names`` are the pictures that still lie beside it; raw text names no others. Lines of
    one document stand together. ``on_failure`` is told why a document is not among them that had
    failed as a whole.

    Raises:
        KeptDataError: it is nothing that ocrx wrote.
    """
    try:
        return tuple(_documents(data, asset_names, on_failure))
    except KeptDataError as error:
        raise KeptDataError(f"{where}: {error}") from error


def _documents(
    data: bytes, asset_names: frozenset[str], on_failure: Callable[[str], None]
) -> Iterator[Document]:
    if not data.strip():
        raise KeptDataError("it is empty")
    lines = [line for line in data.splitlines() if line.strip()]
    if _opens_document(lines[0]):
        yield document_from_dict(load_json(data, "it"))
        return
    values = []
    for number, line in enumerate(lines, start=1):
        value = _object(line, number)
        if isinstance(value.get("error"), dict):
            on_failure(str(value["error"].get("message", "a document failed")))
        else:
            values.append(value)
    if not values:
        raise KeptDataError("every document in it had failed")
    for _, group in groupby(values, key=lambda value: (value.get("source"), value.get("sha256"))):
        yield _document(list(group), asset_names)


def _opens_document(first_line: bytes) -> bool:
    """A document is one object over several lines; other kept files are an object a line."""
    try:
        value = load_json(first_line)
    except KeptDataError:
        return True
    return isinstance(value, dict) and "pages" in value


def _object(line: bytes, number: int) -> dict[str, Any]:
    value = load_json(line, f"line {number}")
    if not isinstance(value, dict):
        raise KeptDataError(f"line {number} is not an object")
    return value


def _document(lines: list[dict[str, Any]], asset_names: frozenset[str]) -> Document:
    if "recognition" in lines[0]:
        return _from_readings([reading_from_dict(line) for line in lines], asset_names)
    facts = {name: value for name, value in lines[0].items() if name != "page"}
    document = document_from_dict({**facts, "pages": []})
    pages = tuple(page_from_dict(line.get("page")) for line in lines)
    return Document(
        source=document.source,
        sha256=document.sha256,
        engine=document.engine,
        model=document.model,
        ocrx_version=document.ocrx_version,
        pages=pages,
    )


def _from_readings(kept: list[KeptReading], asset_names: frozenset[str]) -> Document:
    first = kept[0]
    info = EngineInfo(
        name=first.engine,
        model=first.model,
        revision="",
        dialect=first.reading.recognition.dialect,
        modes=frozenset(),
        tasks=frozenset(),
    )
    pages = with_shared_words(
        [page_result(each.reading, info, asset_names) for each in kept],
        lambda: ((each.reading.page.number, each.reading.recognition) for each in kept),
    )
    return build_document(first.reading.page.source, pages, info)


class FolderAssets(Mapping[str, Asset]):
    """The pictures that a run wrote into a folder, read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        """Look at the folder once; one that is not there holds nothing."""
        self._paths = {path.name: path for path in folder.glob("*.png")} if folder.is_dir() else {}

    def __getitem__(self, name: str) -> Asset:
        """Return a picture; KeyError when it cannot be read."""
        try:
            return Asset(name, _MEDIA_TYPE, self._paths[name].read_bytes())
        except OSError as error:
            raise KeyError(name) from error

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(sorted(self._paths))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._paths)
