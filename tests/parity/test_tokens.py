"""Prompts as ids, and ids as text, with the tokenizer of a checkpoint."""

import json
from pathlib import Path

import pytest
from parity_cases import GOLDEN, V1, V2
from tokenizers import Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelText
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

from ocrx.document import Task
from ocrx.engines.local.catalogue import CATALOGUE
from ocrx.engines.local.tokens import Tokens
from ocrx.errors import MissingRequirementError

MARKDOWN = "<|grounding|>Convert the document to markdown."
PUBLISHED = json.loads((GOLDEN / "published_prompts.json").read_text(encoding="utf-8"))


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(GOLDEN / "tiny-v1")


@pytest.mark.parametrize("case", [*V1.values(), *V2.values()], ids=[*V1, *V2])
def test_a_prompt_is_begin_then_image_then_question(tokens, case):
    positions = case["n_image_tokens"]
    ids = tokens.prompt_ids(MARKDOWN, positions)
    assert ids == [0] + [259] * positions + case["text_ids_after_image"]
    assert len(ids) == case["seq_len"]
    assert tokens.image_id == 259


def test_a_prompt_ends_at_its_last_letter(tokens):
    assert tokens.prompt_ids("Free OCR. \n", 1) == tokens.prompt_ids("Free OCR.", 1)
    assert tokens.prompt_ids(" Free OCR.", 1) != tokens.prompt_ids("Free OCR.", 1)


def test_a_prompt_may_follow_its_image_at_once(tokens):
    with_break, without = tokens.prompt_ids("x", 1), tokens.prompt_ids("x", 1, "")
    assert without == with_break[:2] + with_break[3:]


@pytest.mark.parametrize("case", V1.values(), ids=list(V1))
def test_text_is_what_the_original_decoded(tokens, case):
    assert tokens.text(case["greedy_ids"]) == case["decoded"]


def test_tags_of_tables_and_boxes_stay_in_the_text(tokens):
    text = "<table><tr><td>a</td></tr></table><|ref|>b<|/ref|><|det|>[[1]]<|/det|>"
    ids = tokens.prompt_ids(text, 0, "")
    assert tokens.id_of("<td>") in ids
    assert tokens.text(ids) == text


def test_begin_end_and_padding_are_not_text(tokens):
    [end] = tokens.end_ids
    letter = tokens.prompt_ids("x", 0, "")[1]
    assert tokens.text([0, letter, end, 2]) == "x"


def test_bytes_that_are_no_text_become_replacement_characters(tokens):
    *_, first, second = tokens.prompt_ids("é", 0, "")
    assert tokens.text([first, second]) == "é"
    assert tokens.text([first]) == "\ufffd"


def test_a_folder_without_a_good_tokenizer_is_refused(tmp_path: Path):
    with pytest.raises(MissingRequirementError, match=r"no tokenizer at .*tokenizer\.json"):
        Tokens(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(MissingRequirementError, match="is no tokenizer"):
        Tokens(tmp_path)


def test_a_tokenizer_without_an_image_token_is_refused(tmp_path: Path):
    text = (GOLDEN / "tiny-v1" / "tokenizer.json").read_text(encoding="utf-8")
    (tmp_path / "tokenizer.json").write_text(text.replace("<image>", "<picture>"), encoding="utf-8")
    with pytest.raises(MissingRequirementError, match="has no token '<image>'"):
        Tokens(tmp_path)


def published_tokens(folder: Path) -> Tokens:
    """The published tokenizer, cut down to what the prompts take: the same ids, merges and cuts."""
    cuts = [Split(Regex(pattern), "isolated") for pattern in PUBLISHED["patterns"]]
    merges = [tuple(merge.split(" ")) for merge in PUBLISHED["merges"]]
    vocabulary = PUBLISHED["vocabulary"] | PUBLISHED["special"]
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=merges))
    tokenizer.add_special_tokens(list(PUBLISHED["special"]))
    tokenizer.pre_tokenizer = Sequence([*cuts, ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = ByteLevelText()
    tokenizer.save(str(folder / "tokenizer.json"))
    return Tokens(folder)


def test_the_prompts_of_every_model_have_the_published_ids(tmp_path: Path):
    tokens = published_tokens(tmp_path)
    asked = 0
    for card in CATALOGUE.values():
        for task in card.tasks:
            query = "total" if task is Task.LOCATE else None
            prompt = card.prompt(task, query)
            ids = tokens.prompt_ids(prompt, 2, card.image_break)
            assert ids == [0, 128815, 128815, *PUBLISHED["ids"][card.image_break + prompt]]
            asked += 1
    assert asked == 13


def test_tags_have_the_published_ids_and_come_back_as_text(tmp_path: Path):
    tokens = published_tokens(tmp_path)
    assert (tokens.id_of("<td>"), tokens.id_of("</td>")) == (128821, 128822)
    assert (tokens.image_id, tokens.end_ids) == (128815, {1})
    cells = "<td>1</td><|ref|>title<|/ref|>"
    ids = tokens.prompt_ids(cells, 0, "")
    assert ids == [0, *PUBLISHED["ids"][cells]]
    assert tokens.text(ids) == cells
