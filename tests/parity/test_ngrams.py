"""The no-repeat n-gram rule: equal to the published runner's, and to that of transformers."""

import json
import random
from pathlib import Path

import pytest

from ocrx.engines.local.ngrams import NgramGuard, RepeatRule

torch = pytest.importorskip("torch")

CASES = json.loads((Path(__file__).parent / "golden" / "ngram.json").read_text("utf-8"))["cases"]


def test_the_golden_cases_are_all_there_and_some_ban() -> None:
    assert len(CASES) == 70
    assert sum(bool(case["banned"]) for case in CASES) == 17


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_a_windowed_rule_bans_what_the_published_runner_bans(case: dict) -> None:
    rule = RepeatRule(case["ngram_size"], case["window_size"], frozenset(case["whitelist"]))
    guard = NgramGuard(rule, prompt_ids=case["generated"] * 3)  # a windowed rule ignores the prompt
    for token in case["generated"]:
        guard.append(token)
    assert sorted(guard.banned()) == sorted(case["banned"])


@pytest.mark.parametrize("ngram", [1, 2, 3, 5, 20, 35])
@pytest.mark.parametrize("seed", range(4))
def test_a_rule_without_window_bans_what_transformers_bans(ngram: int, seed: int) -> None:
    from transformers import NoRepeatNGramLogitsProcessor

    vocabulary = 3 if ngram < 10 else 2
    draw = random.Random(seed)
    prompt = [draw.randrange(vocabulary) for _ in range(60)]
    guard = NgramGuard(RepeatRule(ngram, None), prompt)
    reference = NoRepeatNGramLogitsProcessor(ngram)
    ids, bans = list(prompt), 0
    for _ in range(120):
        # long n-grams of chance never repeat: now and then what stands before comes again
        token = ids[-41] if ngram > 10 and len(ids) % 100 > 20 else draw.randrange(vocabulary)
        scores = reference(torch.tensor([ids]), torch.zeros(1, vocabulary))
        expected = torch.isinf(scores[0]).nonzero().flatten().tolist()
        assert sorted(guard.banned()) == expected
        bans += len(expected)
        ids.append(token)
        guard.append(token)
    assert bans > 0


def test_a_rule_of_zero_forbids_nothing() -> None:
    guard = NgramGuard(RepeatRule(0, None), [1] * 50)
    for _ in range(50):
        guard.append(1)
    assert not guard.banned()
