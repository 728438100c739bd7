"""JSON Lines: a page a line, each with the facts of its document, so that lines stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ocrx.document import Asset, Document
from ocrx.serialization import document_facts, page_to_dict
from ocrx.writers.json_pages import dump_json
from ocrx.writers.options import WriteOptions


def write(document: Document, options: WriteOptions, assets: Mapping[str, Asset]) -> Iterator[str]:
    """Yield one line a page. Every block is kept, whatever the options say."""
    facts = document_facts(document)
    for page in document.pages:
        yield dump_json({**facts, "page": page_to_dict(page)}) + "\n"
