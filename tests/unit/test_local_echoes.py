"""A model that loops and may not repeat itself is found out too; pages that echo are not."""

import random
from dataclasses import replace

import pytest

from ocrx.engines.local.ngrams import NgramGuard, RepeatRule
from ocrx.engines.local.repeats import Loop, RepeatWatch

STRAYS = [f" stray{letter}{other}" for letter in "abcdefghij" for other in "klmnopqrst"]
SENTENCE = ["The", " results", " of", " this", " experiment", " are", " shown", " below", ".", "\n"]
ROW = ["<tr>", "<td>", "Total", "</td>", "<td>", "amount", "</td>", "</tr>"]
EMPTY = ["<tr>", "<td>", "</td>", "<td>", "</td>", "<td>", "</td>", "</tr>"]
WORD = [" the"]
PARAGRAPH = [f" word{n * n % 89}{'abcdefg'[n % 7]}" for n in range(80)] + ["\n\n"]
RULES = [RepeatRule(30, 90), RepeatRule(20, None), RepeatRule(35, None), RepeatRule(20, 8192)]
LONGEST = 8192


def looped(unit: list[str], rule: RepeatRule, *, restarts: bool) -> tuple[Loop | None, int]:
    """Write a unit again and again, a stray wherever the rule forbids that; return the tokens."""
    words = [*dict.fromkeys(unit), *STRAYS]
    ids = {word: number for number, word in enumerate(words)}
    if rule.window is not None:  # the windowed rules let the tags of tables stand
        rule = replace(rule, allowed=frozenset(ids[word] for word in words if word[0] == "<"))
    guard, watch = NgramGuard(rule), RepeatWatch(lambda some: "".join(words[i] for i in some))
    draw, written, at = random.Random(3), [], 0
    while len(written) < LONGEST:
        token = ids[unit[at % len(unit)]]
        if token in guard.banned():
            token = ids[draw.choice(STRAYS)]
            at = 0 if restarts else at
        else:
            at += 1
        written.append(token)
        guard.append(token)
        loop = watch.check(written)
        if loop is not None:
            return loop, len(written)
    return None, len(written)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("unit", [SENTENCE, ROW, WORD, PARAGRAPH], ids=lambda unit: unit[0])
def test_a_loop_full_of_strays_is_found_long_before_the_end(
    unit: list[str], rule: RepeatRule, restarts: bool
) -> None:
    loop, tokens = looped(unit, rule, restarts=restarts)
    assert loop is not None
    assert tokens < LONGEST * 0.6
    assert loop.kept < 3 * len("".join(unit)) + 100


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_empty_rows_full_of_strays_are_found(rule: RepeatRule) -> None:
    loop, tokens = looped(EMPTY, rule, restarts=False)
    assert loop is not None
    assert tokens < LONGEST * 0.6


def form(seed: int, letters: int) -> str:
    draw = random.Random(seed)
    words = ["".join(draw.choices("etaoinshrdlu", k=draw.randrange(2, 9))) for _ in range(letters)]
    text, count = "", 0
    for number, word in enumerate(words):
        text, count = text + word + ("\n" if number % 10 == 9 else " "), count + len(word)
        if count >= letters:
            break
    return text + "\n"


@pytest.mark.parametrize(
    "page",
    [
        form(1, 1800) * 3,
        form(2, 2500) * 2,
        "".join(form(3, 150) + form(9 + n, 60) for n in range(20)),
        "".join(
            f"{n % 28 + 1}.03. Card purchase, market street {n * n % 977}.00\n" for n in range(90)
        ),
        "<table>" + ("<tr>" + "<td>0</td>" * 30 + "</tr>") * 40 + "</table>",
    ],
    ids=["three receipts", "two forms", "the same heading on 20 cards", "bookings", "zeros"],
)
def test_a_page_that_echoes_passes(page: str) -> None:
    watch = RepeatWatch(lambda ids: "".join(map(chr, ids)))
    text = list(map(ord, form(77, 600) + page + form(78, 600)))
    assert not any(watch.check(text[:end]) for end in range(0, len(text), 32))
