"""Documents, pages and recognitions as plain dicts, ready for JSON, and back again.

The format is versioned (``schema_version``) and published as a JSON Schema beside the writers.
Reading is strict and capped: whatever the input, it gives the value that was written or raises
``KeptDataError``. Turning dicts into text is left to the writers.
"""

from __future__ import annotations

from ocrx.serialization.limits import SCHEMA_VERSION, KeptReading
from ocrx.serialization.reading import (
    document_from_dict,
    load_json,
    page_from_dict,
    reading_from_dict,
    recognition_from_dict,
)
from ocrx.serialization.writing import (
    document_facts,
    document_to_dict,
    page_to_dict,
    reading_to_dict,
    recognition_to_dict,
)

__all__ = [
    "SCHEMA_VERSION",
    "KeptReading",
    "document_facts",
    "document_from_dict",
    "document_to_dict",
    "load_json",
    "page_from_dict",
    "page_to_dict",
    "reading_from_dict",
    "reading_to_dict",
    "recognition_from_dict",
    "recognition_to_dict",
]
