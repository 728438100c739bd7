"""Verdicts from what the engine said, what its text looks like, and another reading's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocrx.document import (
    Block,
    BlockKind,
    Recognition,
    Route,
    StopReason,
    Verdict,
    VerdictStatus,
)
from ocrx.errors import OcrxError
from ocrx.verification.agreement import disagreements

MIN_CONFIDENCE = 0.75  # mean over the page's characters; sound scans read with over 0.9
MAX_REPEATED_LINES = 15  # the same line as often, one after the other, is a loop
MAX_REPLACEMENT_SHARE = 0.05  # of the characters
BLANK_INK = 4e-6  # of a page (``raster.ink_coverage``): blank ones have none, one digit has 11e-6
_MIN_LOOP_CHARACTERS = 120
_MIN_LOOP_REPEATS = 15
_MAX_LOOP_PERIOD = 40
_MIN_EMPTY_BOXES = 3
_FAILURES = {
    StopReason.FAILED: "the engine failed",
    StopReason.TIMEOUT: "the page took longer than the time limit",
    StopReason.MEMORY: "the page needed more memory than the cap",
    StopReason.CRASHED: "the worker died on the page",
}
_CUTS = {
    StopReason.LENGTH: "the text was cut at the engine's length limit",
    StopReason.TIMEOUT: "the text was cut at the time limit",
}
_BOX_TAG = "<|det|>"  # opens the boxes of a piece of text, which may be empty
_MARKUP = re.compile(r"<\|[^|<>]*\|?>?|\[\[[\d\s,.\[\]-]*")  # tags and coordinates of models


def judge(recognition: Recognition, blocks: Sequence[Block]) -> Verdict:
    """Return the verdict of a page from its recognition and the blocks parsed from it.

    Failed when the engine stopped without a page; partial when the text was cut; suspect for the
    engine's own reasons, a low mean confidence, repetition, replacement characters, boxes or markup
    without words, or too little agreement with another reading; blank when there is neither text
    nor figure; retried when earlier tries were not enough; else ok.
    """
    stop, shows = recognition.stop_reason, any(map(_shows, blocks))
    cut = stop is StopReason.TIMEOUT and shows and recognition.failure is None
    if stop in _FAILURES and not cut:
        return failed(recognition.failure or _FAILURES[stop])
    reasons = tuple(dict.fromkeys((*recognition.reasons, *_doubts(recognition, blocks))))
    if stop in _CUTS:
        return Verdict(VerdictStatus.PARTIAL, (_CUTS[stop], *reasons))
    if reasons:
        return Verdict(VerdictStatus.SUSPECT, reasons)
    if not shows:
        return Verdict(VerdictStatus.BLANK)
    if recognition.attempts:
        tried = (f"read {attempt.how}, {attempt.reason}" for attempt in recognition.attempts)
        return Verdict(VerdictStatus.RETRIED, tuple(tried))
    return Verdict(VerdictStatus.OK)


def unparsable(error: OcrxError) -> Verdict:
    """Return the verdict of a page whose raw text could not be parsed."""
    return failed(f"the engine's output could not be parsed: {error}")


def failed(reason: str) -> Verdict:
    """Return the verdict of a page that was not read, its reason on one line."""
    return Verdict(VerdictStatus.FAILED, (" ".join(reason.split()) or "unknown failure",))


def _shows(block: Block) -> bool:
    """Whether anything would be seen of the block on the page."""
    if block.kind in (BlockKind.FIGURE, BlockKind.FORMULA) or block.latex:
        return True
    cells = block.table.cells if block.table else ()
    return bool(block.text.strip()) or any(cell.text.strip() for cell in cells)


def _doubts(recognition: Recognition, blocks: Sequence[Block]) -> Iterator[str]:
    confidence = recognition.confidence
    if confidence is not None and confidence < MIN_CONFIDENCE and any(map(_shows, blocks)):
        yield f"low recogniser confidence ({confidence:.2f})"
    repeats = recognition.stop_reason is StopReason.REPETITION and not recognition.reasons
    if repeats or _loops(blocks):
        yield "the text repeats itself"
    if recognition.route is Route.MODEL:
        yield from _wordless(recognition.raw, blocks)
    if recognition.agreement is not None:
        yield from disagreements(recognition.agreement)
    share = _replacement_share(blocks)
    if share > MAX_REPLACEMENT_SHARE:
        yield f"{share:.0%} of the characters are unreadable"


def _wordless(raw: str, blocks: Sequence[Block]) -> Iterator[str]:
    """Doubt a model that drew boxes and put nothing into them, or wrote nothing but its markup."""
    boxes = raw.count(_BOX_TAG)
    empty = boxes - sum(map(_shows, blocks))
    if empty >= _MIN_EMPTY_BOXES and 2 * empty > boxes:
        yield f"{empty} of {boxes} boxes hold no words"
    text = " ".join(_texts(blocks))
    plain = _MARKUP.sub("", text)
    if plain != text and not any(map(str.isalnum, plain)):
        yield "the text is nothing but markup"


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if block.table:
            yield from (cell.text for cell in block.table.cells)
        else:
            yield block.text


def _replacement_share(blocks: Sequence[Block]) -> float:
    total = replaced = 0
    for text in _texts(blocks):
        total += len(text)
        replaced += text.count("\ufffd")
    return replaced / total if total else 0.0


def _loops(blocks: Sequence[Block]) -> bool:
    """Whether a line comes many times on end, or a block goes round in a circle.

    Table cells are left out: columns of equal cells are common. Lines without a letter (rules,
    dots, ditto marks) say nothing.
    """
    latest, times = "", 0
    for block in blocks:
        if block.table:
            continue
        for line in block.text.splitlines():
            line = line.strip()
            times = times + 1 if line == latest else 1
            latest = line
            if times >= MAX_REPEATED_LINES and _has_words(line):
                return True
        if _circles(block.text):
            return True
    return False


def _has_words(text: str) -> bool:
    return sum(character.isalpha() for character in text) >= 3


def _circles(text: str) -> bool:
    """Whether the words at the end repeat with one period, as decoders do that never stop."""
    words = text[-8_000:].split()
    for period in range(1, _MAX_LOOP_PERIOD + 1):
        unit = words[-period:]
        if len(words) < period * _MIN_LOOP_REPEATS:
            break
        same = 1
        while words[-period * (same + 1) : -period * same] == unit:
            same += 1
        repeated = " ".join(unit * same)
        long_enough = same >= _MIN_LOOP_REPEATS and len(repeated) >= _MIN_LOOP_CHARACTERS
        if long_enough and _has_words(" ".join(unit)):
            return True
    return False
