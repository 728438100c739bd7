"""JSON Lines: a page a line, each with the facts of its document, so that lines stand alone.

A document that failed as a whole is one line, too, which says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ocrx.document import Asset, Document
from ocrx.errors import OcrxError
from ocrx.serialization import SCHEMA_VERSION, document_facts, page_to_dict
from ocrx.writers.json_pages import dump_json
from ocrx.writers.options import WriteOptions


def write(document: Document, options: WriteOptions, assets: Mapping[str, Asset]) -> Iterator[str]:
    """Yield one line a page. Every block is kept, whatever the options say."""
    facts = document_facts(document)
    for page in document.pages:
        yield dump_json({**facts, "page": page_to_dict(page)}) + "\n"


def failure_line(source: str, ocrx_version: str, error: OcrxError) -> str:
    """Return the line of a document that failed as a whole."""
    told = {
        "kind": error.exit_code.name.lower(),
        "exit_code": int(error.exit_code),
        "message": str(error),
    }
    facts = {"schema_version": SCHEMA_VERSION, "source": source, "ocrx_version": ocrx_version}
    return dump_json({**facts, "error": told}) + "\n"
