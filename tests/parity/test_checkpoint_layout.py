"""The tensors that a configuration stands for, against the published checkpoints.

The published index files are not copied: a hash of their sorted lines stands for them. They are
``model.safetensors.index.json`` of deepseek-ai/DeepSeek-OCR (names), its tensors' headers (shapes)
and ``model.safetensors.index.json`` of deepseek-ai/DeepSeek-OCR-2 (names).
"""

import hashlib
import math
from collections.abc import Iterable

import pytest
import torch

from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.configuration import family_of, sizes_of
from ocrx.engines.local.layout import UNUSED_TENSOR, published_tensors
from ocrx.engines.local.translation import transformers_class, transformers_config
from ocrx.errors import MissingRequirementError
from tests.parity.tiny_checkpoints import config_of

V1_LINES = "38e8e40238db0311ab98d3c8b92a66a651c666057db917fd595cff697d8aa0a6"  # "name 1280 2048"
V1_NAMES = "e32eda31f9c4f4109f7b338fef9cdbf404902989d681ecb61c6df07463101e80"
V2_NAMES = "db1513ce6d6c6dda4603baf5a0840dd75871bfaf21bcd73396931339ab9a379f"


def hash_of(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()


def test_deepseek_ocr_has_the_published_names_and_shapes():
    tensors = published_tensors(config_of(Family.DEEPSEEK_OCR, real=True))

    assert len(tensors) == 2710
    assert sum(math.prod(shape) for shape in tensors.values()) == 3_336_106_240
    assert hash_of(tensors) == V1_NAMES
    assert hash_of(f"{name} {' '.join(map(str, shape))}" for name, shape in tensors.items()) == (
        V1_LINES
    )


def test_deepseek_ocr_2_has_the_published_names():
    tensors = published_tensors(config_of(Family.DEEPSEEK_OCR_2, real=True))

    assert len(tensors) == 2707
    assert hash_of(tensors) == V2_NAMES


def test_unlimited_ocr_has_the_tensors_of_deepseek_ocr():
    assert published_tensors(config_of(Family.UNLIMITED_OCR, real=True)) == published_tensors(
        config_of(Family.DEEPSEEK_OCR, real=True)
    )


@pytest.mark.parametrize("family", Family)
def test_the_model_at_its_real_size_takes_every_published_tensor_and_needs_no_other(family):
    config = config_of(family, real=True)
    used = {
        name: shape for name, shape in published_tensors(config).items() if name != UNUSED_TENSOR
    }

    model, info = load_on_meta(config, used)

    assert not any(info.values()), info
    assert sum(parameter.numel() for parameter in model.parameters()) == sum(
        math.prod(shape) for shape in used.values()
    )


def test_the_real_model_notices_a_tensor_that_is_missing_or_left_over():
    config = config_of(Family.DEEPSEEK_OCR, real=True)
    tensors = published_tensors(config)
    del tensors["model.layers.11.mlp.gate.weight"]
    tensors["model.layers.12.mlp.gate.weight"] = (64, 1280)

    _, info = load_on_meta(config, tensors)

    assert info["missing_keys"] == {"model.language_model.layers.11.mlp.gate.weight"}
    assert info["unexpected_keys"] == {"model.language_model.layers.12.mlp.gate.weight"}


def load_on_meta(config, tensors):
    """Load tensors without numbers through transformers' own renaming of published names."""
    meta = torch.device("meta")
    return transformers_class(family_of(config)).from_pretrained(
        None,
        config=transformers_config(config),
        state_dict={name: torch.empty(shape, device=meta) for name, shape in tensors.items()},
        dtype=torch.bfloat16,
        device_map={"": meta},
        output_loading_info=True,
    )


def test_deepseek_ocr_attends_to_everything_and_unlimited_ocr_through_a_window():
    full = transformers_config(config_of(Family.DEEPSEEK_OCR, real=True)).text_config
    window = transformers_config(config_of(Family.UNLIMITED_OCR, real=True)).text_config

    assert full.layer_types == ["full_attention"] * 12
    assert window.layer_types == ["reference_sliding_attention"] * 12
    assert window.sliding_window == 128


@pytest.mark.parametrize("family", Family)
def test_a_published_configuration_names_its_family(family):
    assert family_of(config_of(family, real=True)) is family


@pytest.mark.parametrize(
    "change",
    [
        {"architectures": ["LlamaForCausalLM"]},
        {"architectures": None, "model_type": "llama"},
        {"architectures": [["DeepseekOCRForCausalLM"]]},
        {"vision_config": {"model_name": "deepencoderv2"}},
        {"vision_config": None},
    ],
)
def test_an_unknown_architecture_is_refused_with_the_command_that_lists_known_ones(change):
    config = config_of(Family.DEEPSEEK_OCR) | change

    with pytest.raises(MissingRequirementError, match=r"^unknown model .*ocrx models list"):
        family_of(config)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("num_hidden_layers", 10**9),
        ("num_hidden_layers", 0),
        ("hidden_size", "64"),
        ("hidden_size", 64.0),
        ("hidden_size", True),
        ("hidden_size", 63),
        ("n_routed_experts", -1),
        ("n_routed_experts", 2),
        ("vocab_size", None),
        ("num_key_value_heads", 3),
        ("use_mla", True),
        ("rope_theta", 500_000.0),
        ("topk_method", "noaux_tc"),
    ],
)
def test_a_size_beyond_its_cap_and_a_setting_that_would_be_ignored_are_refused(key, value):
    config = config_of(Family.DEEPSEEK_OCR)
    config["language_config"][key] = value

    with pytest.raises(MissingRequirementError, match=r"^config\.json: "):
        sizes_of(config)


@pytest.mark.parametrize("indexes", [None, [12], ["2"], [-1], 2])
def test_layers_of_the_vision_tower_that_do_not_exist_are_refused(indexes):
    config = config_of(Family.DEEPSEEK_OCR)
    config["vision_config"]["width"]["sam_vit_b"]["global_attn_indexes"] = indexes

    with pytest.raises(MissingRequirementError, match="global_attn_indexes"):
        sizes_of(config)
