"""The words of a page's output against those of another reading of the same page.

What is missing and what stands there without being on the page; order does not count. Running
heads, page numbers, letters inside figures and formulas may be left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocrx.document import Agreement, Block, BlockKind, BoundingBox, Route
from ocrx.verification.words import words_of

TEXT_LAYER = Route.TEXT_LAYER.value  # the reference that is exact; every other misreads words, too
SECOND_READING = "second reading"
# Measured on papers, reports, lists, bills and old prints, pixels read in Base against each: the
# text layer is covered by 0.996 or more, and 0.7 % of its words are invented; a second reading by
# 0.979 and 2 %. A paragraph of ten that is lost covers 0.88 of a page.
MIN_COVERAGE = {TEXT_LAYER: 0.95, SECOND_READING: 0.9}
MAX_INVENTED = {TEXT_LAYER: 0.03, SECOND_READING: 0.06}  # of as many words as the reference has
_FEWEST = 3  # words missing or invented: fewer happen to any reading of a short page
MAX_EXAMPLES = 10
_OPTIONAL = (
    BlockKind.PAGE_HEADER,
    BlockKind.PAGE_FOOTER,
    BlockKind.PAGE_NUMBER,
    BlockKind.FIGURE,
    BlockKind.FORMULA,
)
_MARGIN = 0.08  # of the page's height: a line that lies wholly in it may be a running head
_LABEL_WORDS = 8  # more of them inside a figure are prose, and not to be lost
_LETTERS_AN_ERROR = 4  # a word of 4 to 7 letters may be misread in one, of 8 in two
_LONGEST = 64  # letters of a word; what is longer is none
_PIECE = 3  # letters; shorter ones are found in any run of letters
_MOST_DOUBTFUL = 2_000  # words that are looked for one by one
_MOST_PAIRS = 4_000_000  # of words that are compared letter by letter; a second's work


def compare(
    blocks: Sequence[Block], reference_blocks: Sequence[Block], reference: str
) -> Agreement:
    """Return how the words of a page's blocks agree with those of a reference reading.

    Both are multisets of words. A word counts as found, too, when only the spaces differ, and
    unless the reference is the text layer, when a few letters do. ``coverage`` is 1.0 when the
    reference has no words. Single letters do not count.
    """
    tolerant = reference != TEXT_LAYER
    figures, formulas = _boxes(blocks, BlockKind.FIGURE), _boxes(blocks, BlockKind.FORMULA)
    wanted: list[str] = []
    extra: list[str] = []
    for block in reference_blocks:
        optional = block.kind in _OPTIONAL or _lies_in(block, formulas)
        optional = optional or _may_be_left_out(block, figures)
        (extra if optional else wanted).extend(words_of(block))
    given = [word for block in blocks for word in words_of(block)]
    total = sum(map(_counts, wanted))
    missing = _missing(wanted, given, tolerant)
    # What stands in a picture is no part of a text layer.
    pictures = [] if tolerant else _boxes(reference_blocks, BlockKind.FIGURE)
    checked = [b for b in blocks if b.kind is not BlockKind.FORMULA and not _lies_in(b, pictures)]
    printed = [word for block in checked for word in words_of(block)]
    invented = _invented(printed, [*wanted, *extra], tolerant)
    return Agreement(
        reference=reference,
        reference_words=total,
        coverage=1 - missing / total if total else 1.0,
        invented_words=len(invented),
        examples=tuple(dict.fromkeys(invented))[:MAX_EXAMPLES],
    )


def disagreements(agreement: Agreement) -> Iterator[str]:
    """Yield what is wrong with a page's words, one sentence each; nothing if they agree."""
    exact = agreement.reference == TEXT_LAYER
    limits = TEXT_LAYER if exact else SECOND_READING
    missing = 1 - agreement.coverage
    lacks = round(missing * agreement.reference_words) >= _FEWEST or (
        exact and agreement.coverage == 0
    )
    if lacks and agreement.coverage < MIN_COVERAGE[limits]:
        yield f"{missing:.0%} of the page's words are missing ({agreement.reference})"
    invented, words = agreement.invented_words, agreement.reference_words
    if invented >= _FEWEST and invented > MAX_INVENTED[limits] * words:
        examples = ", ".join(agreement.examples)
        yield f"{invented} words stand in the output but not on the page: {examples}"


def _may_be_left_out(block: Block, figures: Iterable[BoundingBox]) -> bool:
    """Whether a block of the reference may be a running head, or a label of an output's figure."""
    box = block.bbox
    if box is None or len(words_of(block)) > _LABEL_WORDS:
        return False
    return _lies_in(block, figures) or box.bottom <= _MARGIN or box.top >= 1 - _MARGIN


def _boxes(blocks: Iterable[Block], kind: BlockKind) -> list[BoundingBox]:
    return [block.bbox for block in blocks if block.kind is kind and block.bbox]


def _lies_in(block: Block, boxes: Iterable[BoundingBox]) -> bool:
    if block.bbox is None:
        return False
    x, y = (block.bbox.left + block.bbox.right) / 2, (block.bbox.top + block.bbox.bottom) / 2
    return any(box.left <= x <= box.right and box.top <= y <= box.bottom for box in boxes)


def _missing(wanted: Sequence[str], given: Sequence[str], tolerant: bool) -> int:
    """Count the wanted words that are not given, each given word standing for one at most."""
    spare = Counter(given) - Counter(wanted)
    lacking = list(_beyond(wanted, Counter(given)))
    run = "".join(_beyond(given, Counter(wanted)))
    tolerant = tolerant and len(lacking) * len(spare) <= _MOST_PAIRS
    missing = 0
    for word in lacking[:_MOST_DOUBTFUL]:
        if not _counts(word) or (len(word) >= _PIECE and word in run):
            continue
        near = _near(word, spare) if tolerant else None
        if near is None:
            missing += 1
        else:
            spare -= Counter([near])
    return missing + sum(map(_counts, lacking[_MOST_DOUBTFUL:]))


def _invented(given: Sequence[str], known: Sequence[str], tolerant: bool) -> list[str]:
    """Return the given words that are like none of the known ones, as often as they stand there."""
    vocabulary = frozenset(known)
    strange = {word for word in given if _counts(word) and word not in vocabulary}
    if len(strange) <= _MOST_DOUBTFUL:
        run = "".join(_beyond(known, Counter(given)))
        strange = {word for word in strange if len(word) < _PIECE or word not in run}
        if tolerant and len(strange) * len(vocabulary) <= _MOST_PAIRS:
            strange = {word for word in strange if _near(word, vocabulary) is None}
    return [word for word in given if word in strange]


def _beyond(words: Iterable[str], others: Counter[str]) -> Iterator[str]:
    """Yield, in order, the words that there are more of than among the others."""
    left = Counter(others)
    for word in words:
        if left[word]:
            left[word] -= 1
        else:
            yield word


def _counts(word: str) -> bool:
    """Single letters are symbols of formulas, or crumbs; a character may be a word elsewhere."""
    return len(word) > 1 or not word.isascii()


def _near(word: str, words: Iterable[str]) -> str | None:
    """Return a word that is the same but for a few letters; a number has none."""
    allowed = len(word) // _LETTERS_AN_ERROR
    if not allowed or word.isdecimal() or len(word) > _LONGEST:
        return None
    distance = Levenshtein.distance
    best = process.extractOne(word, list(words), scorer=distance, score_cutoff=allowed)
    return None if best is None else str(best[0])
