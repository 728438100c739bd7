"""Which module reads which dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocrx.document import Block, Recognition
from ocrx.errors import RawTextError
from ocrx.parsing import grounding, grounding_dialect, region_dialect
from ocrx.parsing.regions import blocks_of
from ocrx.typesetting.joining import Vocabulary

MAX_RAW_CHARACTERS = 64_000_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """The blocks of a page in reading order, and what was mended in its raw text.

    ``repairs`` are phrases (``table 2: ragged rows (3)``); only text that a model wrote has any.
    """

    blocks: tuple[Block, ...] = ()
    repairs: tuple[str, ...] = ()


_Parser = Callable[[str, Vocabulary | None], Parsed]


def parse(recognition: Recognition, vocabulary: Vocabulary | None = None) -> tuple[Block, ...]:
    """Return the blocks of a page; see ``parse_page``."""
    return parse_page(recognition, vocabulary).blocks


def parse_page(recognition: Recognition, vocabulary: Vocabulary | None = None) -> Parsed:
    """Return what a page's raw text says; nothing for an empty one.

    ``vocabulary`` is what is known of the whole document's words; without it the page's own words
    decide which hyphens at line ends stay.

    Raises:
        RawTextError: an unknown dialect, text that is not in it, or text over a cap. The caller
            turns it into a verdict with ``verification.unparsable``.
    """
    parser = _PARSERS.get(recognition.dialect)
    if not recognition.raw.strip():
        return Parsed()
    if parser is None:
        known = ", ".join(sorted(_PARSERS))
        raise RawTextError(f"unknown dialect {recognition.dialect[:40]!r} (known: {known})")
    if len(recognition.raw) > MAX_RAW_CHARACTERS:
        raise RawTextError(f"raw text over {MAX_RAW_CHARACTERS:,} characters")
    return parser(recognition.raw, vocabulary)


def _parse_regions(raw: str, vocabulary: Vocabulary | None) -> Parsed:
    try:
        page = region_dialect.loads(raw)
    except region_dialect.DialectError as error:
        raise RawTextError(f"{error}"[:200]) from error
    return Parsed(blocks_of(page, vocabulary))


def _parse_grounding(raw: str, vocabulary: Vocabulary | None) -> Parsed:
    """A model joins the lines of a paragraph itself: no word of it ends in a hyphen."""
    page = grounding.read_page(raw)
    return Parsed(page.blocks, page.notes)


_PARSERS: dict[str, _Parser] = {
    region_dialect.DIALECT: _parse_regions,
    grounding_dialect.DIALECT: _parse_grounding,
}
