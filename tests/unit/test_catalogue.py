"""What the catalogue says of the published models."""

import re

import pytest

from ocrx.document import Task
from ocrx.engines.local.catalogue import (
    CATALOGUE,
    DEFAULT_MODEL,
    Family,
    card_named,
    card_of,
    require_card,
)
from ocrx.errors import MissingRequirementError
from ocrx.modes import ResolutionMode

CARDS = list(CATALOGUE.values())


def test_the_three_published_models_are_known():
    assert list(CATALOGUE) == ["deepseek-ocr", "deepseek-ocr-2", "unlimited-ocr"]
    assert [card_of(family).family for family in Family] == list(Family)
    assert DEFAULT_MODEL in CATALOGUE


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_model_is_pinned_to_a_commit_and_its_files_to_hashes(card):
    assert re.fullmatch("[0-9a-f]{40}", card.revision)
    hashes = [file.git_blob for file in card.files if file.git_blob]
    assert all(re.fullmatch("[0-9a-f]{40}", each) for each in hashes)
    assert {"config.json", "tokenizer.json"} <= {f.name for f in card.files if f.git_blob}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_no_code_and_no_pickle_is_among_the_files(card):
    assert {file.name.rsplit(".", 1)[1] for file in card.files} == {"json", "safetensors"}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_retry_forbids_shorter_repeats_over_a_longer_window(card):
    rule, strict = card.limits.repeat_rule, card.limits.strict_rule
    assert strict.ngram < rule.ngram
    assert rule.window < strict.window
    assert rule.allowed <= strict.allowed
    assert {128821, 128822} <= strict.allowed  # cells of a table repeat


def test_deepseek_answers_all_tasks_in_all_modes_with_the_published_prompts():
    card = CATALOGUE["deepseek-ocr"]
    assert card.tasks == frozenset(Task)
    assert card.modes == frozenset(ResolutionMode)
    assert card.prompt(Task.MARKDOWN) == "<|grounding|>Convert the document to markdown."
    assert card.prompt(Task.TEXT) == "Free OCR."


def test_what_is_looked_for_is_put_into_the_prompt_as_it_is():
    prompt = CATALOGUE["deepseek-ocr"].prompt(Task.LOCATE, "{0} %s {query}")
    assert prompt == "Locate <|ref|>{0} %s {query}<|/ref|> in the image."


def test_unlimited_ocr_has_the_one_task_that_was_published():
    card = CATALOGUE["unlimited-ocr"]
    assert card.tasks == {Task.MARKDOWN}
    assert (card.image_break, card.prompt(Task.MARKDOWN)) == ("", "document parsing.")
    assert card.limits.max_positions == 32768


@pytest.mark.parametrize("name", ["deepseek-ocr-2", "DeepSeek-OCR-2", "deepseek-ai/DeepSeek-OCR-2"])
def test_a_model_is_found_by_its_name_and_by_its_id_on_the_hub(name):
    assert require_card(name) is CATALOGUE["deepseek-ocr-2"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("deepsek-ocr", "did you mean deepseek-ocr?"),
        ("deepseek-ai/DeepSeekOCR", "did you mean deepseek-ai/DeepSeek-OCR?"),
        ("qqq", "there are deepseek-ocr, deepseek-ocr-2, unlimited-ocr"),
    ],
)
def test_an_unknown_name_gets_the_nearest_or_all(name, said):
    assert card_named(name) is None
    with pytest.raises(MissingRequirementError, match=re.escape(said)):
        require_card(name)
