"""From single glyphs to words and printed lines: blanks, styles, super- and subscripts.

Knows geometry only; where the glyphs come from and which of them count is ``spans.py``'s matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ocrx.engines.embedded.lines import Rect, TextLine, Word

_SPLIT_GAP = 1.3  # ems between two words from which on they may belong to two columns
_SCRIPT_SIZE = 0.87  # of the line's size: what is larger is no sub- or superscript
_SUPER_RISE, _SUB_DROP = 0.12, 0.07  # of the line's size
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character where it is printed; ``origin`` lies on the baseline."""

    text: str
    box: Rect
    origin: tuple[float, float]
    size: float
    bold: bool
    italic: bool
    mono: bool


@dataclass(slots=True)
class LineDraft:
    """Glyphs that the layer gives as one line; ``turn`` is 0 for text that runs to the right."""

    glyphs: list[Glyph]
    turn: int = 0
    vertical: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    """A word on its way: its baseline tells whether it is raised."""

    word: Word
    baseline: float


def union(boxes: Iterable[Rect]) -> Rect:
    """Return the smallest box around all of them."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def finish_lines(
    drafts: Iterable[LineDraft], links: Sequence[tuple[Rect, str]]
) -> tuple[TextLine, ...]:
    """Return the printed lines of the drafts, wide gaps split, fragments of one line rejoined."""
    plain: list[list[_Run]] = []
    other: list[TextLine] = []
    for draft in drafts:
        runs = _runs(draft.glyphs, draft.vertical or draft.turn in (90, 270), links)
        if not runs:
            continue
        if draft.turn or draft.vertical:
            other.append(_line(runs, draft.vertical))
        else:
            plain.extend(_split(runs))
    level = tuple(_line(runs, False) for runs in _rejoin(plain))
    turned = tuple(line for line in other if not line.vertical)
    return level + turned + _stacked([line for line in other if line.vertical])


def _stacked(lines: list[TextLine]) -> tuple[TextLine, ...]:
    """Join vertical lines that go on below one another: often each character is one."""
    joined: list[TextLine] = []
    for line in sorted(lines, key=lambda line: (-round(line.box[2]), line.box[1])):
        last = joined[-1] if joined else None
        size = line.size_pt
        gap = line.box[1] - last.box[3] if last else 0.0
        if last and abs(last.box[2] - line.box[2]) < 0.4 * size and -0.5 * size < gap < 0.9 * size:
            first = replace(line.words[0], blank_before=gap > 0.5 * size)
            words = (*last.words, first, *line.words[1:])
            joined[-1] = replace(last, box=union((last.box, line.box)), words=words)
        else:
            joined.append(line)
    return tuple(joined)


def _runs(glyphs: list[Glyph], downwards: bool, links: Sequence[tuple[Rect, str]]) -> list[_Run]:
    runs: list[_Run] = []
    pending: list[Glyph] = []
    blank = True
    for glyph in glyphs:
        if glyph.text.isspace():
            _flush(pending, blank, downwards, links, runs)
            blank = True
            continue
        if pending and not _same_style(pending[-1], glyph):
            _flush(pending, blank, downwards, links, runs)
            blank = False
        pending.append(glyph)
    _flush(pending, blank, downwards, links, runs)
    return runs


def _same_style(one: Glyph, other: Glyph) -> bool:
    same = (one.bold, one.italic, one.mono) == (other.bold, other.italic, other.mono)
    level = (
        abs(one.origin[1] - other.origin[1]) < 0.05 * one.size or one.origin[0] == other.origin[0]
    )
    return same and abs(one.size - other.size) < 0.1 * one.size and level


def _flush(
    pending: list[Glyph],
    blank: bool,
    downwards: bool,
    links: Sequence[tuple[Rect, str]],
    runs: list[_Run],
) -> None:
    """Close the glyphs in hand as one word."""
    if not pending:
        return
    first = pending[0]
    text = _clean("".join(glyph.text for glyph in pending))
    if text:
        box = union(glyph.box for glyph in pending)
        link = _link_at(box, links)
        word = Word(text, box, blank, first.size, first.bold, first.italic, first.mono, 0, link)
        runs.append(_Run(word, first.origin[0] if downwards else first.origin[1]))
    pending.clear()


def _clean(text: str) -> str:
    """Drop control characters and soft hyphens; one that ends the word stays, it may divide it."""
    kept = "".join(char for char in text if char >= " " and char != "\x7f")
    ends = kept.endswith(_SOFT_HYPHEN)
    kept = kept.replace(_SOFT_HYPHEN, "")
    return kept + _SOFT_HYPHEN if ends and kept else kept


def _link_at(box: Rect, links: Sequence[tuple[Rect, str]]) -> str | None:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    for rect, uri in links:
        if rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]:
            return uri
    return None


def _split(runs: list[_Run]) -> list[list[_Run]]:
    """Cut a line where a gap is wide enough to be a gutter; regions decide what belongs together.

    Words that step back to the left start a new piece too: overprinted or right-to-left text.
    """
    size = _main_size(runs)
    pieces = [[runs[0]]]
    for before, after in pairwise(runs):
        gap = after.word.box[0] - before.word.box[2]
        if gap > _SPLIT_GAP * size and after.word.blank_before:
            pieces.append([])
        pieces[-1].append(after)
    return pieces


def _rejoin(pieces: list[list[_Run]]) -> list[list[_Run]]:
    """Join fragments that lie on one line with no more than a blank between them.

    Layers often give a raised number, or a change of font, as a line of its own.
    """
    boxes = [union(run.word.box for run in piece) for piece in pieces]
    order = sorted(range(len(pieces)), key=lambda index: boxes[index][0])
    taken: set[int] = set()
    joined: list[tuple[int, list[_Run]]] = []
    for start in order:
        if start in taken:
            continue
        taken.add(start)
        runs, box, size = list(pieces[start]), boxes[start], _main_size(pieces[start])
        for index in order:
            if index in taken or boxes[index][0] < box[2] - 0.3 * size:
                continue
            gap = boxes[index][0] - box[2]
            if gap > 0.6 * size:
                break
            if _level(box, boxes[index]):
                taken.add(index)
                first = pieces[index][0]
                first = replace(first, word=replace(first.word, blank_before=gap > 0.15 * size))
                runs += [first, *pieces[index][1:]]
                box = union((box, boxes[index]))
        joined.append((start, runs))
    return [runs for _, runs in sorted(joined, key=lambda item: item[0])]


def _level(one: Rect, other: Rect) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > 0.5 * min(one[3] - one[1], other[3] - other[1])


def _main_size(runs: Sequence[_Run]) -> float:
    sizes: Counter[float] = Counter()
    for run in runs:
        sizes[round(run.word.size_pt, 1)] += len(run.word.text)
    return max(sizes.items(), key=lambda item: (item[1], item[0]))[0] or 1.0


def _line(runs: list[_Run], vertical: bool) -> TextLine:
    size = _main_size(runs)
    body = [run for run in runs if abs(run.word.size_pt - size) <= 0.1 * size]
    baselines: Counter[float] = Counter()
    for run in body:
        baselines[round(run.baseline, 1)] += len(run.word.text)
    baseline = baselines.most_common(1)[0][0] if baselines else runs[0].baseline
    words = [_with_script(run, size, baseline) for run in runs] if not vertical else None
    finished = tuple(words or (run.word for run in runs))
    first = replace(finished[0], blank_before=True)
    return TextLine(
        union(word.box for word in finished), (first, *finished[1:]), size, None, vertical
    )


def _with_script(run: _Run, size: float, baseline: float) -> Word:
    """Mark a small raised or lowered word."""
    if run.word.size_pt > _SCRIPT_SIZE * size:
        return run.word
    rise = baseline - run.baseline
    if rise > _SUPER_RISE * size:
        return replace(run.word, script=1)
    if rise < -_SUB_DROP * size:
        return replace(run.word, script=-1)
    return run.word
