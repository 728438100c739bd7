"""Is a page believable? Verdicts from what the engine said and from what its text looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocrx.document import (
    Block,
    BlockKind,
    Recognition,
    StopReason,
    Verdict,
    VerdictStatus,
)
from ocrx.errors import OcrxError

MIN_CONFIDENCE = 0.75  # mean over the page's characters; sound scans read with over 0.9
MAX_REPEATED_LINES = 15  # the same line as often, one after the other, is a loop
MAX_REPLACEMENT_SHARE = 0.05  # of the characters
_MIN_LOOP_CHARACTERS = 120
_MIN_LOOP_REPEATS = 15
_MAX_LOOP_PERIOD = 40
_FAILURES = {
    StopReason.FAILED: "the engine failed",
    StopReason.TIMEOUT: "the page took longer than the time limit",
    StopReason.MEMORY: "the page needed more memory than the cap",
    StopReason.CRASHED: "the worker died on the page",
}


def judge(recognition: Recognition, blocks: Sequence[Block]) -> Verdict:
    """Return the verdict of a page from its recognition and the blocks parsed from it.

    Failed when the engine stopped without a page; blank when there is neither text nor figure and
    the engine has no doubt; partial when it ran out of tokens; suspect for the engine's own
    reasons, a low mean confidence, repetition or replacement characters; else ok.
    """
    if recognition.stop_reason in _FAILURES:
        return failed(recognition.failure or _FAILURES[recognition.stop_reason])
    reasons = [*recognition.reasons, *_doubts(recognition, blocks)]
    if recognition.stop_reason is StopReason.LENGTH:
        return Verdict(
            VerdictStatus.PARTIAL, ("the text was cut at the engine's length limit", *reasons)
        )
    if reasons:
        return Verdict(VerdictStatus.SUSPECT, tuple(dict.fromkeys(reasons)))
    if not any(_shows(block) for block in blocks):
        return Verdict(VerdictStatus.BLANK)
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
    if recognition.stop_reason is StopReason.REPETITION or _loops(blocks):
        yield "the text repeats itself"
    share = _replacement_share(blocks)
    if share > MAX_REPLACEMENT_SHARE:
        yield f"{share:.0%} of the characters are unreadable"


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
