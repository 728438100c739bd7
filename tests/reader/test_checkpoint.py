"""The tiny checkpoint is in the published layout and reads its pages without ocrx's engine."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
import torch
from safetensors import safe_open
from tokenizers import Tokenizer

from ocrx.engines.local.catalogue import Family, card_of
from ocrx.engines.local.layout import published_tensors
from ocrx.engines.local.ngrams import NgramGuard, RepeatRule
from ocrx.modes import ResolutionMode
from tests.reader.check import load, read
from tests.reader.content import CAROUSEL, JUNE, MARKET, PAGES, PAIRS, Page
from tests.reader.drawing import answer_of, boxes_in
from tests.reader.lessons import Lesson, endless_lessons, lessons_of
from tests.reader.published import CHECKPOINT, END, INDEX, SHARD

LAPS, LAP_TOKENS = 12, 97  # more than the 90 that the published rule looks back
LIMITS = card_of(Family.DEEPSEEK_OCR).limits
SURE = 2.0  # logits by which every token leads: bf16 changes an eighth of it


@cache
def reader(dtype: torch.dtype) -> Any:
    return load(CHECKPOINT, dtype)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(CHECKPOINT / "tokenizer.json"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_read_in_tiny(page: Page, tokenizer: Tokenizer) -> None:
    said = read(reader(torch.float32), tokenizer, page, ResolutionMode.TINY)
    assert said.text == answer_of(page.name)
    assert said.ended
    assert said.lead > SURE


def test_a_page_is_read_in_gundam_and_bfloat16(tokenizer: Tokenizer) -> None:
    said = read(reader(torch.bfloat16), tokenizer, JUNE, ResolutionMode.GUNDAM)
    assert said.text == answer_of(JUNE.name)
    assert said.ended
    assert said.lead > SURE


def test_the_carousel_runs_in_circles_in_tiny(tokenizer: Tokenizer) -> None:
    said = read(
        reader(torch.float32), tokenizer, CAROUSEL, ResolutionMode.TINY, at_most=LAPS * LAP_TOKENS
    )
    first = CAROUSEL.blocks[1].words
    assert not said.ended
    assert said.text.count(first) >= LAPS - 2
    assert CAROUSEL.blocks[2].words not in said.text


def test_the_carousel_is_read_right_where_repeats_are_forbidden(tokenizer: Tokenizer) -> None:
    said = read(
        reader(torch.float32),
        tokenizer,
        CAROUSEL,
        ResolutionMode.TINY,
        forbidden_repeat=LIMITS.strict_rule.ngram,
    )
    assert said.text == answer_of(CAROUSEL.name)
    assert said.ended


def test_only_the_strict_rule_sees_the_loop_and_where_it_leaves_the_page(
    tokenizer: Tokenizer,
) -> None:
    endless, right = endless_lessons(CAROUSEL, 1)
    loop, page = (tokenizer.encode(lesson.answer).ids for lesson in (endless, right))
    leaves = next(at for at, pair in enumerate(zip(loop, page, strict=False)) if len({*pair}) == 2)
    lap = loop[leaves - LAP_TOKENS : leaves]
    assert _forbidden(LIMITS.strict_rule, loop)[:1] == [leaves]
    assert _forbidden(LIMITS.repeat_rule, loop[:leaves] + lap * LAPS) == []


@pytest.mark.parametrize("page", [*PAGES, CAROUSEL], ids=lambda page: page.name)
def test_the_strict_rule_forbids_nothing_of_a_right_answer(
    page: Page, tokenizer: Tokenizer
) -> None:
    assert _forbidden(LIMITS.strict_rule, tokenizer.encode(answer_of(page.name)).ids) == []


def _forbidden(rule: RepeatRule, ids: list[int]) -> list[int]:
    """Return where a rule forbids the token that comes next."""
    guard, found = NgramGuard(rule), []
    for index, token in enumerate(ids):
        if token in guard.banned():
            found.append(index)
        guard.append(token)
    return found


@pytest.mark.parametrize("lesson", lessons_of(MARKET), ids=lambda lesson: lesson.prompt)
def test_every_prompt_has_its_answer(lesson: Lesson, tokenizer: Tokenizer) -> None:
    said = read(reader(torch.float32), tokenizer, MARKET, ResolutionMode.TINY, lesson.prompt)
    assert said.text == lesson.answer


def test_pages_of_a_pair_differ_in_words_and_hardly_in_places() -> None:
    for first, second in PAIRS:
        answers = answer_of(first.name), answer_of(second.name)
        assert answers[0] != answers[1]
        tables, figures = (
            [boxes_in(answer, kind) for answer in answers] for kind in ("table", "image")
        )
        assert tables[0] == tables[1]
        assert figures[0] == figures[1]
        kinds = [re.findall(r"<\|ref\|>(\w+)", answer) for answer in answers]
        assert kinds[0] == kinds[1]


def test_tensors_have_the_published_names_and_shapes() -> None:
    config = json.loads((CHECKPOINT / "config.json").read_text("utf-8"))
    index = json.loads((CHECKPOINT / INDEX).read_text("utf-8"))
    with safe_open(CHECKPOINT / SHARD, "pt") as shard:
        shapes = {name: tuple(shard.get_slice(name).get_shape()) for name in shard.keys()}  # noqa: SIM118
        kinds = {shard.get_slice(name).get_dtype() for name in shapes}
    assert shapes == dict(published_tensors(config))
    assert set(index["weight_map"]) == set(shapes)
    assert kinds == {"BF16"}


def test_the_tokenizer_has_the_published_ids_at_its_head(tokenizer: Tokenizer) -> None:
    assert tokenizer.token_to_id(END) == 1
    assert tokenizer.id_to_token(0) == "<｜begin▁of▁sentence｜>"
    assert tokenizer.id_to_token(2) == "<｜▁pad▁｜>"
    ids = tokenizer.encode("<tr><td>a</td></tr><|ref|>title<|/ref|>").ids
    assert tokenizer.decode(ids, skip_special_tokens=False).count("<") == 6
