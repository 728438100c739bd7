"""The blocks of a document as entries that can grow: what continues is merged into its beginning.

Works over the whole document, because a paragraph or table may run over pages. Nothing of the
document is changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ocrx.document import Block, BlockKind, Document, Span, Table
from ocrx.typesetting.joining import join_spans
from ocrx.writers.grids import join_tables
from ocrx.writers.options import WriteOptions

FURNITURE = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.PAGE_NUMBER})
_NEVER_MERGED = frozenset({BlockKind.FIGURE, BlockKind.FORMULA}) | FURNITURE


@dataclass(slots=True, eq=False)
class Entry:
    """A block and what continues it. ``caption`` is the caption entry that belongs to it."""

    block: Block
    pieces: list[tuple[Span, ...]]
    table: Table | None = None
    caption: Entry | None = None
    key: str | None = None
    refs: dict[int, Entry] = field(default_factory=dict)

    @property
    def kind(self) -> BlockKind:
        """What the block is."""
        return self.block.kind

    @property
    def spans(self) -> tuple[Span, ...]:
        """All pieces as one running text."""
        if self.kind is BlockKind.CODE:
            return tuple(span for piece in _with_line_ends(self.pieces) for span in piece)
        return join_spans(self.pieces)


@dataclass(frozen=True, slots=True)
class PageEntries:
    """The entries that begin on a page, and those of earlier pages that go on there."""

    own: list[Entry]
    continued: list[Entry]


def entries_of(document: Document, options: WriteOptions) -> list[PageEntries]:
    """Return the entries of each page in order, without running heads unless they are kept."""
    latest: dict[BlockKind, Entry] = {}
    pages = []
    for page in document.pages:
        entries: list[Entry] = []
        continued: list[Entry] = []
        for block in page.blocks:
            if block.kind in FURNITURE and not options.keep_headers:
                continue
            before = latest.get(block.kind) if block.continues else None
            if before is not None and _merge(before, block, options):
                if before not in entries and before not in continued:
                    continued.append(before)
                continue
            entry = Entry(block, [block.spans], block.table)
            latest[block.kind] = entry
            entries.append(entry)
        pages.append(PageEntries(entries, continued))
    return pages


def _merge(before: Entry, block: Block, options: WriteOptions) -> bool:
    if block.kind in _NEVER_MERGED:
        return False
    if block.kind is BlockKind.TABLE:
        if not options.join_tables or before.table is None or block.table is None:
            return False
        joined = join_tables(before.table, block.table)
        if joined is None:
            return False
        before.table = joined
        return True
    before.pieces.append(block.spans)
    return True


def _with_line_ends(pieces: list[tuple[Span, ...]]) -> list[tuple[Span, ...]]:
    return [piece if index == 0 else (Span("\n"), *piece) for index, piece in enumerate(pieces)]
