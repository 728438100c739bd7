"""The no-repeat n-gram rule: which tokens may not come next, so that text does not run in circles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """No ``ngram`` tokens may stand twice within the last ``window`` tokens.

    With ``window`` None the rule looks at the whole sequence, the prompt included; else at generated
    tokens only. Tokens in ``allowed`` are never banned.
    """

    ngram: int
    window: int | None
    allowed: frozenset[int] = frozenset()
