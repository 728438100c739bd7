"""Code: rows of monospaced type to text with its line breaks and indents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from ocrx.parsing.letter_widths import is_square
from ocrx.parsing.region_dialect import RawLine
from ocrx.parsing.rows import Row

MONO_PAGE_SHARE = 0.7  # a page with more monospaced type than this is typewritten, not code
_MAX_INDENT = 120
_MAX_EMPTY_LINES = 2


def is_mono(lines: Sequence[RawLine]) -> bool:
    """Return whether every character of the lines is monospaced."""
    spans = [span for line in lines for span in line.spans if span.text.strip()]
    return bool(spans) and all(span.mono and not is_square(span.text) for span in spans)


def all_text(lines: Iterable[RawLine]) -> str:
    """Return the characters of all lines."""
    return "".join(line.text for line in lines)


def mono_share(lines: Iterable[RawLine]) -> float:
    """Return which share of the characters is monospaced."""
    mono = total = 0
    for line in lines:
        for span in line.spans:
            total += len(span.text)
            mono += len(span.text) * (span.mono and not is_square(span.text))
    return mono / total if total else 0.0


def code_text(rows: Sequence[Row]) -> str:
    """Return the rows as lines, indented by where they stand and parted by empty lines."""
    if not rows:
        return ""
    width = _character_width(rows)
    edge = min(row.left for row in rows)
    lines = [_indent(rows[0].left - edge, width) + rows[0].text]
    pitches = [b.middle - a.middle for a, b in pairwise(rows) if b.middle > a.middle]
    pitch = median(pitches) if len(pitches) > 2 else min(pitches, default=1.0)
    for before, row in pairwise(rows):
        empty = round((row.middle - before.middle) / max(pitch, 0.5 * row.size)) - 1
        lines += [""] * max(0, min(_MAX_EMPTY_LINES, empty))
        lines.append(_indent(row.left - edge, width) + row.text)
    return "\n".join(lines)


def _character_width(rows: Sequence[Row]) -> float:
    """Return the width of one character: long lines measure it best."""
    longest = sorted(rows, key=lambda row: len(row.text))[-max(1, len(rows) // 2) :]
    return median((row.right - row.left) / len(row.text) for row in longest)


def _indent(distance: float, width: float) -> str:
    return " " * min(_MAX_INDENT, round(distance / width)) if width > 0 else ""
