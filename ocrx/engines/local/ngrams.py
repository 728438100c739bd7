"""The no-repeat n-gram rule: which tokens may not come next, so that text never runs in circles."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


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

    Positions after the same n - 1 tokens are chained, the latest first, under the hash of those
    tokens (as compressors find earlier matches): a token costs one hash, and asking walks one chain
    no further back than the window. That is three integers a token, where the n-grams themselves
    would take megabytes a page.

    The rule is that of the published runners, windowed (``NoRepeatNGramLogitsProcessor`` of their
    vLLM code) or over the whole sequence (transformers, which the modelling files call).
    """

    def __init__(self, rule: RepeatRule, prompt_ids: Iterable[int] = ()) -> None:
        """Begin with the prompt where the rule covers it (``window`` None), else with nothing."""
        self._rule = rule
        self._ids: list[int] = []
        self._earlier: list[int] = []  # for each position: the one before it in its chain, or -1
        self._latest: dict[int, int] = {}
        self._key = hash(())  # of the last n - 1 tokens
        if rule.window is None:
            for token in prompt_ids:
                self.append(token)

    def append(self, token: int) -> None:
        """Take the next token of the sequence."""
        ids, n = self._ids, self._rule.ngram
        if n <= 0:
            return
        earlier = -1
        if len(ids) >= n - 1:
            earlier = self._latest.get(self._key, -1)
            self._latest[self._key] = len(ids)
        self._earlier.append(earlier)
        ids.append(token)
        self._key = hash(tuple(ids[max(0, len(ids) - n + 1) :]))

    def banned(self) -> Collection[int]:
        """Return the tokens that may not come next."""
        ids, n, window = self._ids, self._rule.ngram, self._rule.window
        if n <= 0 or len(ids) < n:
            return ()
        end = self._latest.get(self._key, -1)
        oldest = 0 if window is None else max(0, len(ids) - window + n - 1)
        if end < oldest:
            return ()
        last = ids[len(ids) - n + 1 :]
        found: set[int] = set()
        while end >= oldest:
            if ids[end - n + 1 : end] == last:  # equal hashes are not yet equal tokens
                found.add(ids[end])
            end = self._earlier[end]
        return found - self._rule.allowed
