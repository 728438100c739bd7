"""Page headers and footers: the page number stands apart from the rest."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.document import BlockKind
from ocrx.parsing.rows import Row
from ocrx.typesetting.page_numbers import is_page_number


def header_blocks(pieces: Sequence[Row], kind: BlockKind) -> list[tuple[BlockKind, list[Row]]]:
    """Return the kinds and rows of the blocks in a header or footer, in order."""
    blocks: list[tuple[BlockKind, list[Row]]] = []
    for piece in pieces:
        if is_page_number(piece.text):
            blocks.append((BlockKind.PAGE_NUMBER, [piece]))
        elif blocks and blocks[-1][0] is kind:
            blocks[-1][1].append(piece)
        else:
            blocks.append((kind, [piece]))
    return blocks
