"""JSON: the whole document, a page a line, so that it stays small and still can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ocrx.document import Asset, Document
from ocrx.serialization import document_facts, page_to_dict
from ocrx.writers.options import WriteOptions

_SURROGATE = re.compile("[\ud800-\udfff]")


def write(document: Document, options: WriteOptions, assets: Mapping[str, Asset]) -> Iterator[str]:
    """Yield the document as one JSON object. Every block is kept, whatever the options say."""
    yield dump_json(document_facts(document))[:-1] + ',"pages":['
    for index, page in enumerate(document.pages):
        yield (",\n" if index else "\n") + dump_json(page_to_dict(page))
    yield "\n]}\n"


def dump_json(value: dict[str, Any]) -> str:
    """Return compact JSON on one line, in UTF-8 as far as it can be encoded."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A lone surrogate (from a broken file name) can stand in JSON only as an escape.
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
