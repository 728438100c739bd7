"""Every way to multiply by experts gives the same, and one of those that fit is taken."""

import pytest
import torch
from parity_cases import GOLDEN, Tiny

from ocrx.engines.local.experts import COPIED_EXPERTS, EVERY_EXPERT, RANKED_TOKENS, ExpertsChoice


@pytest.fixture(scope="module")
def language():
    return Tiny(GOLDEN / "tiny-v1").loaded.model.model.language_model


def routed(language, tokens: int):
    """Return hidden states of tokens, and what a router asks for them."""
    hidden = torch.randn((tokens, 64), generator=torch.Generator().manual_seed(tokens))
    layer = language.layers[1].mlp
    _, weights, index = layer.gate(hidden)
    return layer.experts, hidden, index, weights


@pytest.mark.parametrize("tokens", [1, 2, 7, 40])
def test_all_ways_agree(language, tokens):
    experts, *inputs = routed(language, tokens)
    ways = ["eager", "grouped_mm", EVERY_EXPERT, COPIED_EXPERTS, RANKED_TOKENS]
    outputs = []
    for way in ways:
        ExpertsChoice(language, way).use(tokens)
        outputs.append(experts(*inputs))
    assert outputs[0].abs().max() > 0.01
    for output in outputs[1:]:
        torch.testing.assert_close(output, outputs[0], rtol=0, atol=2e-6)


def test_an_expert_that_overflows_is_not_felt_by_those_who_did_not_ask_it(language):
    experts, hidden, index, weights = routed(language, 3)
    ExpertsChoice(language, EVERY_EXPERT).use(3)
    expected = experts(hidden, index, weights)
    idle = next(number for number in range(8) if not (index == number).any())
    kept = experts.gate_up_proj[idle].clone()
    experts.gate_up_proj[idle] = torch.finfo(torch.float32).max
    assert torch.equal(experts(hidden, index, weights), expected)
    experts.gate_up_proj[idle] = kept


def test_the_way_taken_is_one_of_those_that_run(language):
    choice = ExpertsChoice(language)
    for tokens in (1, 8, 1500):
        choice.use(tokens)
        taken = language.layers[1].mlp.experts.config._experts_implementation
        assert taken in choice.ways(tokens)
        experts, *inputs = routed(language, tokens)
        assert experts(*inputs).isfinite().all()


def test_weights_are_not_copied_for_many_tokens(language):
    choice = ExpertsChoice(language)
    assert COPIED_EXPERTS in choice.ways(1)  # 3 of 8 experts
    assert COPIED_EXPERTS not in choice.ways(2)


def test_tokens_are_compared_with_one_another_while_they_are_few(language):
    choice = ExpertsChoice(language)
    assert RANKED_TOKENS in choice.ways(64)
    assert RANKED_TOKENS not in choice.ways(65)


def test_the_arithmetic_of_every_expert_is_for_few_tokens(language):
    choice = ExpertsChoice(language)
    assert EVERY_EXPERT in choice.ways(512)
    assert EVERY_EXPERT not in choice.ways(513)


def test_a_way_that_waits_for_the_device_is_not_put_into_a_graph(language):
    choice = ExpertsChoice(language)
    assert set(choice.ways(1)) - set(choice.ways(1, captures=True)) == {"eager"}


def test_a_model_without_experts_is_left_alone(language):
    class Dense:
        layers = [language.layers[0]]  # noqa: RUF012 - a stand-in

    ExpertsChoice(Dense()).use(1)
