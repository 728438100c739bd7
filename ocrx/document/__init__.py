"""The data types that travel down the road: Source, Page, Request, Recognition, Block, Document.

Frozen, slotted dataclasses of plain values, so that they pickle to worker processes. No behaviour
beyond what the values themselves say; reading, parsing and writing live in their own rooms.
"""

from ocrx.document.blocks import (
    Block,
    BlockKind,
    BoundingBox,
    Cell,
    Script,
    Span,
    Table,
)
from ocrx.document.pages import (
    Agreement,
    Asset,
    Attempt,
    Page,
    PageReading,
    Recognition,
    Request,
    Route,
    Source,
    SourceKind,
    StopReason,
    Task,
)
from ocrx.document.results import (
    Document,
    DocumentStatus,
    PageResult,
    Provenance,
    Verdict,
    VerdictStatus,
)

__all__ = [
    "Agreement",
    "Asset",
    "Attempt",
    "Block",
    "BlockKind",
    "BoundingBox",
    "Cell",
    "Document",
    "DocumentStatus",
    "Page",
    "PageReading",
    "PageResult",
    "Provenance",
    "Recognition",
    "Request",
    "Route",
    "Script",
    "Source",
    "SourceKind",
    "Span",
    "StopReason",
    "Table",
    "Task",
    "Verdict",
    "VerdictStatus",
]
