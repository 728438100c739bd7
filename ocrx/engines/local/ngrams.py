"""The no-repeat n-gram rule: which tokens may not come next, so that text never runs in circles."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

_BYTES = 4  # of a token


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """No ``ngram`` tokens may stand twice within the last ``window`` tokens.

    With ``window`` None the rule looks at the whole sequence, the prompt included; else at
    generated tokens only. Tokens in ``allowed`` are never banned. An ``ngram`` of 0 forbids
    nothing.
    """

    ngram: int
    window: int | None
    allowed: frozenset[int] = frozenset()


class NgramGuard:
    """What one sequence's rule forbids next, kept up to date token by token.

    The rule is that of the published runners, windowed (``NoRepeatNGramLogitsProcessor`` of their
    vLLM code) or over the whole sequence (transformers, which the modelling files call).

    An n-gram can only come again where every pair of neighbours in it has come before. So the guard
    counts for how many tokens that has been so, and searches only when it is long enough: hardly
    ever, but in text that repeats itself. The search is that for bytes, four a token.
    """

    def __init__(self, rule: RepeatRule, prompt_ids: Iterable[int] = ()) -> None:
        """Begin with the prompt where the rule covers it (``window`` None), else with nothing."""
        self._rule = rule
        self._ids = bytearray()
        self._pairs: set[tuple[int, int]] = set()
        self._last = -1
        self._known = 0  # so many pairs at the end have come before
        if rule.window is None:
            for token in prompt_ids:
                self.append(token)

    def append(self, token: int) -> None:
        """Take the next token of the sequence."""
        pair = (self._last, token)
        if pair in self._pairs:
            self._known += 1
        else:
            self._known = 0
            self._pairs.add(pair)
        self._last = token
        self._ids += token.to_bytes(_BYTES, "little")

    def banned(self) -> Collection[int]:
        """Return the tokens that may not come next."""
        before = self._rule.ngram - 1  # tokens of an n-gram that stand already
        if self._known < before - 1 or before < 0:
            return ()
        ids, window = self._ids, self._rule.window
        if len(ids) < before * _BYTES:
            return ()
        last = ids[len(ids) - before * _BYTES :]
        at = 0 if window is None else max(0, len(ids) - window * _BYTES)
        found: set[int] = set()
        while (at := ids.find(last, at, len(ids) - _BYTES)) >= 0:
            after = at + len(last)
            if at % _BYTES == 0:
                found.add(int.from_bytes(ids[after : after + _BYTES], "little"))
            at += 1
        return found - self._rule.allowed
