"""Where a paragraph ends: the rows of a text region to paragraphs, by their geometry.

Typesetters fill each line as far as it goes; a line that ends although the next word would have
fitted was ended on purpose. That tells verse and addresses (every line) and last lines of
paragraphs (some) from running text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocrx.document import Script, Span
from ocrx.parsing.rows import Row
from ocrx.typesetting.hyphenation import HYPHENS
from ocrx.typesetting.joining import Vocabulary, join_spans, stack_spans

_SENTENCE_END = re.compile(
    r"[.!?:\u2026\u3002\uff01\uff1f][\"'\u2019\u201d\u00bb)\]\u300d\u300f]*$"
)
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]")
_LEADERS = re.compile(r"(?:[.\u2026_\u00b7] ?){4,}\s*\S{0,8}$")  # of a table of contents
GAP_FACTOR = 1.45  # rows further apart than this many usual pitches are not one paragraph
_GAP_AFTER_SENTENCE = 1.28
_INDENT_EM = (0.7, 6.0)
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_VERSE_SHARE = 0.6  # of line breaks that were not needed
_MIN_COLUMN = 25  # characters: in a narrower column a short line says nothing


@dataclass(frozen=True, slots=True)
class _Measure:
    """The column that rows are set in: its edges, and the usual distance of two rows (points)."""

    left: float
    right: float
    pitch: float
    size: float
    centred: bool


def split_paragraphs(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows paragraph by paragraph."""
    if len(rows) < 2 or _mostly_vertical(rows):
        return [list(rows)] if rows else []
    measure = _measure(rows)
    pieces = _split(rows, [index for index in range(1, len(rows)) if _apart(rows, index, measure)])
    return [paragraph for piece in pieces for paragraph in _split_piece(piece)]


def running_text(rows: Sequence[Row], vocabulary: Vocabulary | None = None) -> tuple[Span, ...]:
    """Return the text of one paragraph; verse and addresses keep their line breaks."""
    pieces = [row.spans for row in rows]
    return stack_spans(pieces) if is_verse(rows) else join_spans(pieces, vocabulary)


def is_verse(rows: Sequence[Row]) -> bool:
    """Return whether most lines end although the next word would have fitted."""
    if len(rows) < 2 or _mostly_vertical(rows):
        return False
    measure = _measure(rows)
    breaks = [_room(rows[i], rows[i + 1], measure) for i in range(len(rows) - 1)]
    if 2 * sum(row.parted or bool(_LEADERS.search(row.text)) for row in rows) > len(rows):
        return True
    if len(rows) == 2:
        return _pair_is_verse(rows, breaks[0], measure)
    if any(row.text[-1] in HYPHENS for row in rows[:-1]):
        return False
    if sum(room > 1.0 for room in breaks) >= _VERSE_SHARE * len(breaks):
        return True
    return len(rows) > 3 and max(breaks) > 0.5 and _capitals_open(rows, measure)


def _capitals_open(rows: Sequence[Row], measure: _Measure) -> bool:
    """Whether each of the ragged lines opens with a capital, though it is not all in capitals."""
    widths = [row.right - row.left for row in rows[:-1]]
    ragged = max(widths) - min(widths) > measure.size
    opened = all(row.text[0].isupper() or not row.text[0].isalnum() for row in rows)
    letters = sum(row.text[0].isupper() and not row.text.isupper() for row in rows)
    return ragged and opened and 4 * letters >= 3 * len(rows)


def _pair_is_verse(rows: Sequence[Row], room: float, measure: _Measure) -> bool:
    """Two lines are little evidence: the first must leave much room and start nothing."""
    width = measure.right - measure.left
    short = rows[0].right - rows[0].left < 0.6 * width and not measure.centred
    goes_on = rows[1].text[0].islower() or rows[0].text[-1] in HYPHENS
    return short and room > 4.0 and not goes_on


def _mostly_vertical(rows: Sequence[Row]) -> bool:
    return 2 * sum(row.is_vertical for row in rows) > len(rows)


def _measure(rows: Sequence[Row]) -> _Measure:
    size = median(row.size for row in rows)
    left, right = min(row.left for row in rows), max(row.right for row in rows)
    pitches = [
        after.middle - before.middle
        for before, after in pairwise(rows)
        if 0 < after.middle - before.middle < 12 * size
    ]
    # Of few rows the smallest distance is the pitch; a median would hide the gap.
    pitch = (median(pitches) if len(pitches) > 2 else min(pitches)) if pitches else 1.2 * size
    size = min(size, max(pitch, 0.5 * size))  # no type is higher than its lines stand apart
    middle = (left + right) / 2
    lefts = max(row.left for row in rows) - left
    centred = len(rows) > 1 and lefts > 1.5 * size and all(
        abs((row.left + row.right) / 2 - middle) < 0.8 * size for row in rows
    )  # fmt: skip
    return _Measure(left, right, max(pitch, 0.5 * size), size, centred)


def _apart(rows: Sequence[Row], index: int, measure: _Measure) -> bool:
    """Whether a vertical gap stands before the row; not when it starts a column."""
    distance = rows[index].middle - rows[index - 1].middle
    if distance <= 0:
        return False
    pitch = measure.pitch if len(rows) > 2 else min(measure.pitch, 1.35 * measure.size)
    if len(rows) == 2:
        return distance > 2.2 * measure.size
    ended = ends_sentence(rows[index - 1]) and not goes_on(rows[index - 1], rows[index])
    factor = _GAP_AFTER_SENTENCE if ended else GAP_FACTOR
    return distance > factor * pitch and distance > pitch + 0.3 * measure.size


def _split(rows: Sequence[Row], starts: list[int]) -> list[list[Row]]:
    edges = [0, *starts, len(rows)]
    return [list(rows[a:b]) for a, b in pairwise(edges) if b > a]


def _split_piece(rows: list[Row]) -> list[list[Row]]:
    """Split rows that stand at one pitch by indents, or by last lines that end short."""
    if len(rows) < 2 or is_verse(rows):
        return [rows]
    starts: list[int] = []
    offset = 0
    for column in _columns(rows):
        starts += [offset + index for index in _starts(column) if offset + index]
        offset += len(column)
    return _split(rows, starts)


def _columns(rows: Sequence[Row]) -> list[list[Row]]:
    """Split rows where the next one stands higher on the page."""
    starts = [i for i in range(1, len(rows)) if rows[i].middle < rows[i - 1].middle - rows[i].size]
    return _split(rows, starts)


def _starts(rows: list[Row]) -> list[int]:
    """Return the indices of rows that start a paragraph, within one column."""
    if len(rows) < 2:
        return []
    measure = _measure(rows)
    if measure.centred:
        return []
    base = _base_edge(rows, measure)
    indents = [_indented(row, base, measure.size) for row in rows]
    if sum(indents) > len(rows) / 2:
        return _hanging_starts(rows, indents)
    apart = [_stands_alone(row, measure) for row in rows]
    return [
        index
        for index in range(1, len(rows))
        if apart[index - 1]
        or apart[index]
        or (indents[index] and not indents[index - 1] and _may_start(rows, index, measure))
        or _ended_short(rows[index - 1], rows[index], measure)
    ]


def _stands_alone(row: Row, measure: _Measure) -> bool:
    """Whether a short row is centred among full ones (a speaker, a sign) or set to the right.

    A catchword, a date or a name stands to the right; so does every last line from right to left.
    """
    before, after = row.left - measure.left, measure.right - row.right
    far = 4 * measure.size
    if after < measure.size and before > max(far, 0.5 * (measure.right - measure.left)):
        return unicodedata.bidirectional(row.text[0]) not in _RIGHT_TO_LEFT
    return before > far and after > far and abs(before - after) < 2 * measure.size


def _base_edge(rows: Sequence[Row], measure: _Measure) -> float:
    """Return the left edge that rows come back to: the lower quartile, free of strays."""
    lefts = sorted(row.left for row in rows)
    return max(lefts[len(lefts) // 4] if len(lefts) > 3 else lefts[0], measure.left)


def _indented(row: Row, base: float, size: float) -> bool:
    low, high = _INDENT_EM
    return low * size <= row.left - base <= high * size


def _hanging_starts(rows: list[Row], indents: list[bool]) -> list[int]:
    """Most rows are indented: each row at the edge starts an entry (a bibliography)."""
    if indents[0]:
        return []
    edges = [row.left for row, indented in zip(rows, indents, strict=True) if indented]
    if max(edges) - min(edges) > 1.5 * rows[0].size:
        return []
    return [
        index
        for index in range(1, len(rows))
        if not indents[index] and not goes_on(rows[index - 1], rows[index])
    ]


def goes_on(before: Row, row: Row) -> bool:
    """Return whether the words themselves say that the sentence goes on."""
    return before.text[-1] in HYPHENS or row.text[0].islower() or before.text[-1] in ",("


def ends_sentence(row: Row) -> bool:
    """Return whether the row ends with a stop, raised marks of notes left aside."""
    spans = list(row.spans)
    while len(spans) > 1 and (spans[-1].script is Script.SUPER or not spans[-1].text.strip()):
        spans.pop()
    return bool(_SENTENCE_END.search(spans[-1].text.rstrip()))


def _may_start(rows: list[Row], index: int, measure: _Measure) -> bool:
    """An indented row starts a paragraph if the row before it ended a sentence, or ended early."""
    before = rows[index - 1]
    if goes_on(before, rows[index]):
        return False
    return ends_sentence(before) or _room(before, rows[index], measure) > 0


def _ended_short(before: Row, row: Row, measure: _Measure) -> bool:
    """Whether the row before was the last of its paragraph: a sentence's end, and room left."""
    if (measure.right - measure.left) < _MIN_COLUMN * _character_width(before):
        return False
    if goes_on(before, row):
        return False
    return ends_sentence(before) and _room(before, row, measure) > 1.5


def _room(before: Row, row: Row, measure: _Measure) -> float:
    """Return the room that was left after the next row's first word had fitted, in ems."""
    slack = measure.right - before.right
    if measure.centred:
        slack += before.left - measure.left
    first = row.text.split(maxsplit=1)[0]
    characters = 2 if _WIDE.match(first) else len(first) + 1
    return (slack - characters * _character_width(row)) / measure.size


def _character_width(row: Row) -> float:
    return (row.right - row.left) / max(1, len(row.text))
