"""Rewritten layers: what transformers' own layers compute, in at most so many kernels."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.experts import COPIED_EXPERTS, EVERY_EXPERT, RANKED_TOKENS, ExpertsChoice
from ocrx.engines.local.lean import make_lean
from ocrx.engines.local.slots import SlotCache
from ocrx.engines.local.translation import transformers_class, transformers_config
from tests.parity.tiny_checkpoints import config_of

ROWS, POSITIONS = 2, 20
TOLERANCE = 1e-5
MOST_OF_A_STEP = 4  # mask 2, turns, last norm; without embeddings and logits
MOST_OF_ATTENTION = 8
MOST_OF_A_DENSE_LAYER = MOST_OF_ATTENTION + 5
MOST_OF_EXPERTS = {COPIED_EXPERTS: 8, EVERY_EXPERT: 7, RANKED_TOKENS: 13}


class Kernels(TorchDispatchMode):
    """Counts what is computed: operations whose result does not lie where an argument does."""

    def __init__(self) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        held = {place for each in args for place in places(each)}
        viewed = all(place in held for place in places(out))
        if (name.endswith("_") or not viewed) and "empty" not in name:
            self.names[name] += 1
        return out


def places(value: Any) -> Iterator[int]:
    if isinstance(value, torch.Tensor):
        yield value.untyped_storage().data_ptr()
    elif isinstance(value, list | tuple):
        for each in value:
            yield from places(each)


def language_model(family: Family, dtype: torch.dtype, **text: int) -> Any:
    config = config_of(family)
    config["language_config"] |= text
    torch.manual_seed(0)
    build = transformers_class(family)
    model = build._from_config(transformers_config(config), attn_implementation="sdpa")
    for weight in model.parameters():
        torch.nn.init.normal_(weight, mean=float(weight.dim() == 1), std=0.1)
    language = model.model.language_model.requires_grad_(False).eval().to(dtype)
    ExpertsChoice(language, EVERY_EXPERT).use(1)
    return language


def embeddings(dtype: torch.dtype) -> torch.Tensor:
    noise = torch.randn((ROWS, POSITIONS, 64), generator=torch.Generator().manual_seed(1))
    return noise.to(dtype)


def masks(family: Family, mask: Any) -> Any:
    if family is Family.DEEPSEEK_OCR_2:
        return mask
    return {"full_attention": mask, "reference_sliding_attention": mask}


def plain(language: Any, family: Family) -> torch.Tensor:
    """Return the hidden states [rows, positions, hidden] of transformers' own layers."""
    given = embeddings(language.norm.weight.dtype)
    with torch.inference_mode():
        return language(
            inputs_embeds=given, attention_mask=masks(family, None), use_cache=False
        ).last_hidden_state


class Lean:
    """A rewritten language model, which has read all but the last position."""

    def __init__(self, language: Any, family: Family) -> None:
        make_lean(language)
        self._language, self._family = language, family
        self._given = embeddings(language.norm.weight.dtype)
        self._cache = SlotCache(language.config, ROWS, POSITIONS, self._given)
        self._cache.reserve(POSITIONS)
        self._cache.fill(range(ROWS))
        self.read = self._states(self._given[:, :-1], torch.arange(POSITIONS - 1)[None], None)

    def step(self) -> torch.Tensor:
        """Read the last position."""
        where, visible = torch.full((ROWS,), POSITIONS - 1), torch.full((ROWS,), POSITIONS)
        mask = self._cache.step(where, visible, POSITIONS)
        return self._states(self._given[:, -1:], where[:, None], mask)

    def _states(self, given: torch.Tensor, positions: torch.Tensor, mask: Any) -> torch.Tensor:
        with torch.inference_mode():
            return self._language(
                inputs_embeds=given.clone(),
                attention_mask=masks(self._family, mask),
                position_ids=positions,
                past_key_values=self._cache,
                use_cache=True,
            ).last_hidden_state


@pytest.mark.parametrize("kv_heads", [4, 2])
@pytest.mark.parametrize("family", Family)
def test_prompts_and_steps_are_those_of_transformers(family, kv_heads):
    language = language_model(family, torch.float32, num_key_value_heads=kv_heads)
    expected = plain(language, family)
    lean = Lean(language, family)
    seen = torch.cat([lean.read, lean.step()], dim=1)
    assert expected.std() > 0.1
    torch.testing.assert_close(seen, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("family", Family)
def test_bfloat16_is_no_further_from_the_truth_than_with_transformers(family):
    truth = plain(language_model(family, torch.bfloat16).float(), family)
    language = language_model(family, torch.bfloat16)
    usual = (plain(language, family) - truth).square().mean().sqrt()
    lean = Lean(language, family)
    seen = torch.cat([lean.read, lean.step()], dim=1)
    assert (seen - truth).square().mean().sqrt() < 1.05 * usual


def test_rewriting_twice_changes_nothing_and_weights_are_held_once():
    family = Family.DEEPSEEK_OCR
    language = language_model(family, torch.bfloat16)
    before = sum(weight.numel() for weight in language.parameters())
    once = Lean(language, family).step()
    layers = list(language.layers)
    assert torch.equal(Lean(language, family).step(), once)
    assert list(language.layers) == layers
    assert sum(weight.numel() for weight in language.parameters()) == before


def kernels(way: str, layers: int) -> Counter[str]:
    family = Family.DEEPSEEK_OCR
    language = language_model(family, torch.bfloat16, num_hidden_layers=layers)
    ExpertsChoice(language, way).use(1)
    lean = Lean(language, family)
    with torch.inference_mode(), Kernels() as counted:
        lean.step()
    return counted.names - Counter(("full", "full", "clone"))  # the test's own


@pytest.mark.parametrize("way", MOST_OF_EXPERTS)
def test_a_step_takes_few_kernels(way):
    dense, two, three = (kernels(way, layers).total() for layers in (1, 2, 3))
    assert dense <= MOST_OF_A_STEP + MOST_OF_A_DENSE_LAYER
    # a norm, 4 of the router, 4 of what is shared, and a sum
    assert two - dense <= MOST_OF_ATTENTION + 10 + MOST_OF_EXPERTS[way]
    assert three - two == two - dense
