"""What the user named becomes Sources: found, hashed and sniffed, never parsed.

Imports no heavy package; documents are opened by ``raster``, in workers.
"""

from ocrx.source.discovery import Candidate, Discovery, Skipped, discover, read_file_list
from ocrx.source.names import describe_page, describe_place, display_name
from ocrx.source.opening import check_unchanged, open_source
from ocrx.source.pages import PageSelection, parse_page_selection
from ocrx.source.sniffing import HEAD_BYTES, describe_bytes, sniff_kind
from ocrx.source.spooling import is_pipe, spool_pipe, spool_stdin

__all__ = [
    "HEAD_BYTES",
    "Candidate",
    "Discovery",
    "PageSelection",
    "Skipped",
    "check_unchanged",
    "describe_bytes",
    "describe_page",
    "describe_place",
    "discover",
    "display_name",
    "is_pipe",
    "open_source",
    "parse_page_selection",
    "read_file_list",
    "sniff_kind",
    "spool_pipe",
    "spool_stdin",
]
