"""Which module reads which dialect."""

from __future__ import annotations

from collections.abc import Callable

from ocrx.document import Block, Recognition
from ocrx.errors import RawTextError
from ocrx.parsing import region_dialect
from ocrx.parsing.regions import blocks_of
from ocrx.typesetting.joining import Vocabulary

MAX_RAW_CHARACTERS = 64_000_000

_Parser = Callable[[str, Vocabulary | None], tuple[Block, ...]]


def parse(recognition: Recognition, vocabulary: Vocabulary | None = None) -> tuple[Block, ...]:
    """Return the blocks of a page, in reading order; none for an empty raw text.

    ``vocabulary`` is what is known of the whole document's words; without it the page's own words
    decide which hyphens at line ends stay.

    Raises:
        RawTextError: an unknown dialect, text that is not in it, or text over a cap. The caller
            turns it into a verdict with ``verification.unparsable``.
    """
    parser = _PARSERS.get(recognition.dialect)
    if not recognition.raw.strip():
        return ()
    if parser is None:
        known = ", ".join(sorted(_PARSERS))
        raise RawTextError(f"unknown dialect {recognition.dialect[:40]!r} (known: {known})")
    if len(recognition.raw) > MAX_RAW_CHARACTERS:
        raise RawTextError(f"raw text over {MAX_RAW_CHARACTERS:,} characters")
    return parser(recognition.raw, vocabulary)


def _parse_regions(raw: str, vocabulary: Vocabulary | None) -> tuple[Block, ...]:
    try:
        page = region_dialect.loads(raw)
    except region_dialect.DialectError as error:
        raise RawTextError(f"{error}"[:200]) from error
    return blocks_of(page, vocabulary)


_PARSERS: dict[str, _Parser] = {region_dialect.DIALECT: _parse_regions}
