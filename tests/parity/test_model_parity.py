"""The numbers of a model, from pixels to tokens, against those of the original code."""

import hashlib
import json

import pytest
import torch
from parity_cases import GOLDEN, V1, V2, Tiny, greedy

from ocrx.engines.local.vision import image_features

VISION_TOLERANCE = 2e-5
LOGITS_TOLERANCE = 5e-5
PIXELS = json.loads((GOLDEN / "manifest.json").read_text())["cases"]


@pytest.fixture(scope="module")
def v1() -> Tiny:
    return Tiny(GOLDEN / "tiny-v1", "model")


@pytest.fixture(scope="module")
def v2() -> Tiny:
    return Tiny(GOLDEN / "tiny-v2", "model-v2")


def features(tiny: Tiny, names: list[str], cases, free_bytes: int = 2**31) -> list[torch.Tensor]:
    prompts = [tiny.prompt(cases[name]) for name in names]
    with torch.inference_mode():
        return image_features(tiny.loaded.model, prompts, free_bytes)


def reads_as_the_original(tiny: Tiny, cases, name: str) -> None:
    prompt, golden = tiny.prompt(cases[name]), tiny.golden(name)
    assert list(prompt.ids) == golden["input_ids"].tolist()
    decoder = tiny.decoder(slots=2)
    logits = decoder.prompt_logits([(1, prompt)])[0]
    torch.testing.assert_close(logits, golden["first_logits"], rtol=0, atol=LOGITS_TOLERANCE)
    ids = [int(logits.argmax())]
    for expected in golden["step_logits"][1:]:
        logits = decoder.step_logits([1], ids[-1:])[1]
        torch.testing.assert_close(logits, expected, rtol=0, atol=LOGITS_TOLERANCE)
        ids += decoder.step([1], ids[-1:], [()])
    assert ids == golden["greedy_ids"].tolist()


@pytest.mark.parametrize("name", [name for name in PIXELS if "max6" not in name])
def test_pixels_are_the_original_ones_to_the_last_bit(v1, name):
    prompt = v1.prompt(PIXELS[name])
    bits = prompt.global_pixels.contiguous().view(torch.int16).numpy().tobytes()
    assert hashlib.sha256(bits).hexdigest() == PIXELS[name]["global_bf16_sha256"]
    assert (prompt.tile_pixels is None) == (PIXELS[name]["n_tiles"] == 0)


@pytest.mark.parametrize("name", V2)
def test_pixels_of_the_second_model_are_the_original_ones(v2, name):
    prompt = v2.prompt(V2[name])
    bits = prompt.global_pixels.contiguous().view(torch.int16).numpy().tobytes()
    assert hashlib.sha256(bits).hexdigest() == V2[name]["global_bf16_sha256"]
    assert (prompt.tile_pixels is None) == (V2[name]["n_tiles"] == 0)


@pytest.mark.parametrize("name", V1)
def test_a_page_is_seen_as_by_the_original(v1, name):
    [seen] = features(v1, [name], V1)
    expected = v1.golden(name)["vision_embeds"]
    torch.testing.assert_close(seen, expected, rtol=0, atol=VISION_TOLERANCE)


@pytest.mark.parametrize("name", V2)
def test_a_page_is_seen_as_by_the_second_original(v2, name):
    [seen] = features(v2, [name], V2)
    expected = v2.golden(name)["vision_embeds"]
    torch.testing.assert_close(seen, expected, rtol=0, atol=VISION_TOLERANCE)


@pytest.mark.parametrize("free_bytes", [1, 2**34], ids=["one view at once", "many"])
def test_pages_with_and_without_tiles_are_seen_together(v1, free_bytes):
    names = ["small_600x400__gundam", "wide_1601x701__gundam", "wide_1601x701__base"]
    for name, seen in zip(names, features(v1, names, V1, free_bytes), strict=True):
        expected = v1.golden(name)["vision_embeds"]
        torch.testing.assert_close(seen, expected, rtol=0, atol=VISION_TOLERANCE)


def test_pages_of_the_second_model_are_seen_together(v2):
    names = ["small_600x400__default", "wide_1601x701__default"]
    for name, seen in zip(names, features(v2, names, V2), strict=True):
        expected = v2.golden(name)["vision_embeds"]
        torch.testing.assert_close(seen, expected, rtol=0, atol=VISION_TOLERANCE)


@pytest.mark.parametrize("name", V1)
def test_a_page_is_read_as_by_the_original(v1, name):
    reads_as_the_original(v1, V1, name)


@pytest.mark.parametrize("name", V2)
def test_a_page_is_read_as_by_the_second_original(v2, name):
    reads_as_the_original(v2, V2, name)


def test_three_hundred_tokens_are_those_of_the_original(v1):
    """Enough to tell full attention from a window of 128, which differs from token 145 on."""
    golden = v1.golden("A4_1241x1754__tiny__long300_ng8")
    prompt = v1.prompt(V1["A4_1241x1754__tiny"])
    ids = list(greedy(v1.decoder(slots=1), prompt, 300, ngram=8))
    assert ids == golden["greedy_ids"].tolist()


def test_late_logits_are_those_of_the_original(v1):
    golden = v1.golden("A4_1241x1754__tiny__long300_ng8")
    ids = golden["greedy_ids"].tolist()
    decoder = v1.decoder(slots=1)
    decoder.start([(0, v1.prompt(V1["A4_1241x1754__tiny"]))], [()])
    late = {130: "logits_130", 200: "logits_200", len(ids) - 1: "logits_last"}
    for step in range(1, len(ids)):
        if step in late:
            logits = decoder.step_logits([0], [ids[step - 1]])[0]
            expected = golden[late[step]]
            torch.testing.assert_close(logits, expected, rtol=0, atol=LOGITS_TOLERANCE)
        decoder.step([0], [ids[step - 1]], [()])
