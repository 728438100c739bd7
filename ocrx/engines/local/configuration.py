"""What a published config.json says: which architecture, and its sizes.

A configuration is untrusted: every size is capped, and a setting that the classes which run the
model do not know is refused instead of ignored. Whether the tensors fit is for ``layout`` and
``headers``, the words of transformers for ``translation``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrx.engines.local.catalogue import CONFIG_FILE, Family
from ocrx.errors import MissingRequirementError

MAX_CONFIG_BYTES = 2**20
# (architectures[0], vision_config.model_name) of the three published configurations.
_FAMILIES = {
    ("DeepseekOCRForCausalLM", "deeplip_b_l"): Family.DEEPSEEK_OCR,
    ("DeepseekOCR2ForCausalLM", "deepencoderv2"): Family.DEEPSEEK_OCR_2,
    ("UnlimitedOCRForCausalLM", "deeplip_b_l"): Family.UNLIMITED_OCR,
}
# What the language model is when its configuration does not say (DeepseekV2Config of the published
# code). The classes that run it know nothing else, so another value is refused.
TEXT_SETTINGS: Mapping[str, object] = {
    "attention_bias": False,
    "hidden_act": "silu",
    "kv_lora_rank": None,
    "moe_layer_freq": 1,
    "n_group": 1,
    "norm_topk_prob": False,
    "q_lora_rank": None,
    "rms_norm_eps": 1e-6,
    "rope_scaling": None,
    "rope_theta": 10_000.0,
    "routed_scaling_factor": 1.0,
    "scoring_func": "softmax",
    "tie_word_embeddings": False,
    "topk_group": 1,
    "topk_method": "greedy",
    "use_mla": False,
}
_IMAGE_TOKEN_ID = 128815  # "<image>" in the published tokenizers


@dataclass(frozen=True, slots=True)
class TextSizes:
    """Sizes of the language model. ``sliding_window`` is None where every token is attended to."""

    vocabulary: int
    hidden: int
    dense_hidden: int
    expert_hidden: int
    layers: int
    dense_layers: int
    heads: int
    kv_heads: int
    experts: int
    shared_experts: int
    experts_per_token: int
    max_positions: int
    sliding_window: int | None

    @property
    def head_dim(self) -> int:
        """Width of an attention head."""
        return self.hidden // self.heads


@dataclass(frozen=True, slots=True)
class SamSizes:
    """Sizes of the first vision tower (SAM) and of the convolutions that shrink its output."""

    hidden: int
    layers: int
    heads: int
    neck: int
    downsample: tuple[int, int]
    global_layers: frozenset[int]
    image_px: int = 1024
    patch_px: int = 16
    window: int = 14

    @property
    def mlp_hidden(self) -> int:
        """Width between the two layers of a block's MLP."""
        return 4 * self.hidden


@dataclass(frozen=True, slots=True)
class EncoderSizes:
    """Sizes of the second vision tower: CLIP, or Qwen2 (without patches) in DeepSeek-OCR-2."""

    hidden: int
    mlp_hidden: int
    layers: int
    heads: int
    kv_heads: int
    image_px: int = 224
    patch_px: int = 14


@dataclass(frozen=True, slots=True)
class Sizes:
    """Every size that the shapes of a checkpoint follow from."""

    family: Family
    text: TextSizes
    sam: SamSizes
    encoder: EncoderSizes
    image_token_id: int


def read_config(folder: Path) -> dict[str, Any]:
    """Return the config.json of a checkpoint.

    Raises:
        MissingRequirementError: it is missing, too large or no JSON object.
    """
    path = folder / CONFIG_FILE
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise MissingRequirementError(
            f"{path}: cannot be read ({error.strerror}); ocrx models list shows what can be loaded"
        ) from error
    if len(text) > MAX_CONFIG_BYTES:
        raise MissingRequirementError(f"{path}: larger than {MAX_CONFIG_BYTES} bytes")
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MissingRequirementError(f"{path}: is not JSON ({error})") from error
    if not isinstance(config, dict):
        raise MissingRequirementError(f"{path}: is not a JSON object")
    return config


def family_of(config: Mapping[str, Any]) -> Family:
    """Return the architecture that a published configuration names.

    Raises:
        MissingRequirementError: it is none that can be loaded.
    """
    names = config.get("architectures")
    architecture = names[0] if isinstance(names, list) and names else config.get("model_type")
    vision = config.get("vision_config")
    vision_name = vision.get("model_name") if isinstance(vision, dict) else None
    family = _FAMILIES.get((str(architecture), str(vision_name)))
    if family is None:
        named = str(architecture)[:80] + (
            f" with vision {vision_name!s:.80}" if vision_name else ""
        )
        raise MissingRequirementError(
            f"unknown model architecture {named}; ocrx models list shows what can be loaded"
        )
    return family


def sizes_of(config: Mapping[str, Any]) -> Sizes:
    """Return the sizes in a published configuration.

    Raises:
        MissingRequirementError: the architecture is unknown, a size is missing or beyond its cap,
            or the configuration asks for something that would not be obeyed.
    """
    family = family_of(config)
    text = _part(config, "language_config")
    for key, value in TEXT_SETTINGS.items():
        if text.get(key, value) != value:
            raise MissingRequirementError(
                f"{CONFIG_FILE}: {key} is {text[key]!r:.80}; only {value!r} can be run"
            )
    width = _part(_part(config, "vision_config"), "width")
    encoder = _encoder(width, family)
    return Sizes(
        family,
        _text(text, family),
        _sam(_part(width, "sam_vit_b"), encoder),
        encoder,
        _size(config, "image_token_id", 2**20, _IMAGE_TOKEN_ID),
    )


def _part(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = config.get(key)
    if not isinstance(part, dict):
        raise MissingRequirementError(f"{CONFIG_FILE}: {key} is missing")
    return part


def _size(part: Mapping[str, Any], key: str, cap: int, default: int | None = None) -> int:
    value = part.get(key, default)
    if type(value) is not int or not 1 <= value <= cap:
        raise MissingRequirementError(f"{CONFIG_FILE}: {key} is {value!r:.80}, not in 1 to {cap}")
    return value


def _text(text: Mapping[str, Any], family: Family) -> TextSizes:
    layers = _size(text, "num_hidden_layers", 256)
    heads = _size(text, "num_attention_heads", 256)
    window = None
    if family is Family.UNLIMITED_OCR:
        window = _size(text, "sliding_window_size", 2**20)
    sizes = TextSizes(
        vocabulary=_size(text, "vocab_size", 2**20),
        hidden=_size(text, "hidden_size", 2**15),
        dense_hidden=_size(text, "intermediate_size", 2**17),
        expert_hidden=_size(text, "moe_intermediate_size", 2**17),
        layers=layers,
        dense_layers=min(_size(text, "first_k_dense_replace", 256), layers),
        heads=heads,
        kv_heads=_size(text, "num_key_value_heads", heads, heads),
        experts=_size(text, "n_routed_experts", 512),
        shared_experts=_size(text, "n_shared_experts", 64),
        experts_per_token=_size(text, "num_experts_per_tok", 512),
        max_positions=_size(text, "max_position_embeddings", 2**20),
        sliding_window=window,
    )
    _divides(sizes.heads, sizes.hidden, "attention heads of the language model")
    _divides(sizes.kv_heads, sizes.heads, "key and value heads of the language model")
    if sizes.experts_per_token > sizes.experts:
        raise MissingRequirementError(f"{CONFIG_FILE}: more experts a token than experts")
    return sizes


def _encoder(width: Mapping[str, Any], family: Family) -> EncoderSizes:
    if family is Family.DEEPSEEK_OCR_2:
        part = _part(width, "qwen2-0-5b")
        hidden = _size(part, "dim", 2**15)
        # What config.json leaves out is fixed in deepencoderv2.py: the sizes of Qwen2 0.5B.
        heads = _size(part, "heads", 256, 14)
        kv_heads = _size(part, "kv_heads", heads, 2)
        mlp_hidden = _size(part, "ffn_hidden_size", 2**17, 4864)
        layers = _size(part, "layers", 256, 24)
    else:
        part = _part(width, "clip-l-14-224")
        hidden = _size(part, "width", 2**15)
        heads = kv_heads = _size(part, "heads", 256)
        mlp_hidden = _size(part, "ffn_hidden_size", 2**17, 4 * hidden)
        layers = _size(part, "layers", 256)
    _divides(heads, hidden, "attention heads of the vision encoder")
    _divides(kv_heads, heads, "key and value heads of the vision encoder")
    return EncoderSizes(hidden, mlp_hidden, layers, heads, kv_heads)


def _sam(part: Mapping[str, Any], encoder: EncoderSizes) -> SamSizes:
    layers = _size(part, "layers", 256)
    hidden = _size(part, "width", 2**15)
    heads = _size(part, "heads", 256)
    _divides(heads, hidden, "attention heads of the first vision tower")
    channels = part.get("downsample_channels")
    if not isinstance(channels, list) or len(channels) != 2:
        raise MissingRequirementError(f"{CONFIG_FILE}: downsample_channels is not a list of two")
    first = _size({"downsample_channels": channels[0]}, "downsample_channels", 2**15)
    indexes = part.get("global_attn_indexes")
    if not isinstance(indexes, list) or not all(
        type(i) is int and 0 <= i < layers for i in indexes
    ):
        raise MissingRequirementError(f"{CONFIG_FILE}: global_attn_indexes is not a list of layers")
    return SamSizes(
        hidden=hidden,
        layers=layers,
        heads=heads,
        neck=_size(part, "out_chans", 2**15, 256),
        # The encoder takes the output as its patch embeddings, so the second is its width.
        # (The configuration of DeepSeek-OCR-2 says 1024; its checkpoint holds 896.)
        downsample=(first, encoder.hidden),
        global_layers=frozenset(indexes),
    )


def _divides(heads: int, hidden: int, what: str) -> None:
    if hidden % heads:
        raise MissingRequirementError(f"{CONFIG_FILE}: {hidden} is no multiple of {heads} {what}")
