"""Writers turn a Document into text: one module a format, and ``flow`` for what they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Protocol, cast

from ocrx.document import Asset, Document
from ocrx.writers.options import (
    FigureStyle,
    MathStyle,
    OutputFormat,
    TableStyle,
    WriteOptions,
)

__all__ = [
    "FigureStyle",
    "MathStyle",
    "OutputFormat",
    "TableStyle",
    "WriteOptions",
    "iter_document",
    "write_document",
]

_MODULES = {
    OutputFormat.MD: "ocrx.writers.markdown",
    OutputFormat.HTML: "ocrx.writers.html",
    OutputFormat.LATEX: "ocrx.writers.latex",
    OutputFormat.JSON: "ocrx.writers.json_pages",
    OutputFormat.JSONL: "ocrx.writers.json_lines",
    OutputFormat.TXT: "ocrx.writers.plain",
}
_NO_ASSETS: Mapping[str, Asset] = {}


class _WriterModule(Protocol):
    def write(
        self, document: Document, options: WriteOptions, assets: Mapping[str, Asset]
    ) -> Iterator[str]: ...


def iter_document(
    document: Document,
    output_format: OutputFormat,
    options: WriteOptions | None = None,
    assets: Mapping[str, Asset] = _NO_ASSETS,
) -> Iterator[str]:
    """Yield the document's text in pieces, so that a large one never stands in memory whole.

    ``assets`` are the pictures by name; only HTML with FigureStyle.EMBED asks for them. The text
    holds no lone surrogates (it can be encoded as UTF-8) and ends in a newline unless it is empty.
    """
    module = cast(_WriterModule, import_module(_MODULES[output_format]))
    yield from module.write(document, options or WriteOptions(), assets)


def write_document(
    document: Document,
    output_format: OutputFormat,
    options: WriteOptions | None = None,
    assets: Mapping[str, Asset] = _NO_ASSETS,
) -> str:
    """Return the document's text; see ``iter_document``."""
    return "".join(iter_document(document, output_format, options, assets))
