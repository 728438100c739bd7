"""A published configuration in the words of transformers, and the classes that run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.configuration import TEXT_SETTINGS, SamSizes, Sizes, sizes_of

_QWEN_ROPE_THETA = 1_000_000.0  # deepencoderv2.py of DeepSeek-OCR-2: a Qwen2 0.5B as vision encoder
_BOS, _EOS, _PAD = 0, 1, 2  # the published tokenizers
_KEPT = (
    "attention_bias",
    "hidden_act",
    "n_group",
    "rms_norm_eps",
    "routed_scaling_factor",
    "tie_word_embeddings",
    "topk_group",
    "topk_method",
)


def transformers_class(family: Family) -> Any:
    """Return the class (a ``PreTrainedModel``) that runs a family.

    DeepSeek-OCR has none of its own: it is Unlimited-OCR with full attention.
    """
    from transformers import (
        DeepseekOcr2ForConditionalGeneration,
        UnlimitedOcrForConditionalGeneration,
    )

    if family is Family.DEEPSEEK_OCR_2:
        return DeepseekOcr2ForConditionalGeneration
    return UnlimitedOcrForConditionalGeneration


def transformers_config(config: Mapping[str, Any]) -> Any:
    """Return a published configuration as transformers' own (``PreTrainedConfig``).

    DeepSeek-OCR has no classes of its own there: it is Unlimited-OCR with full attention in every
    layer (its default, a sliding window, gives another text from token 145 on).

    Raises:
        MissingRequirementError: as ``sizes_of``.
    """
    from transformers import DeepseekOcr2Config, UnlimitedOcrConfig

    sizes = sizes_of(config)
    build = DeepseekOcr2Config if sizes.family is Family.DEEPSEEK_OCR_2 else UnlimitedOcrConfig
    return build(
        vision_config={
            "sam_config": _sam_config(sizes.sam),
            "encoder_config": _encoder_config(sizes),
        },
        text_config=_text_config(sizes),
        image_token_id=sizes.image_token_id,
        tie_word_embeddings=False,
        pad_token_id=_PAD,
        bos_token_id=_BOS,
        eos_token_id=_EOS,
    )


def _text_config(sizes: Sizes) -> dict[str, Any]:
    text = sizes.text
    fields: dict[str, Any] = {
        "vocab_size": text.vocabulary,
        "hidden_size": text.hidden,
        "intermediate_size": text.dense_hidden,
        "moe_intermediate_size": text.expert_hidden,
        "num_hidden_layers": text.layers,
        "num_attention_heads": text.heads,
        "num_key_value_heads": text.kv_heads,
        "n_routed_experts": text.experts,
        "n_shared_experts": text.shared_experts,
        "num_experts_per_tok": text.experts_per_token,
        "mlp_layer_types": ["dense"] * text.dense_layers
        + ["sparse"] * (text.layers - text.dense_layers),
        "max_position_embeddings": text.max_positions,
        "rope_parameters": {"rope_type": "default", "rope_theta": TEXT_SETTINGS["rope_theta"]},
        "pad_token_id": _PAD,
        "bos_token_id": _BOS,
        "eos_token_id": _EOS,
    }
    fields |= {key: TEXT_SETTINGS[key] for key in _KEPT}
    if sizes.family is not Family.DEEPSEEK_OCR_2:
        kind = "reference_sliding_attention" if text.sliding_window else "full_attention"
        fields["layer_types"] = [kind] * text.layers
        fields["sliding_window"] = text.sliding_window or 128  # None raises; unused when full
    return fields


def _sam_config(sam: SamSizes) -> dict[str, Any]:
    return {
        "hidden_size": sam.hidden,
        "output_channels": sam.neck,
        "num_hidden_layers": sam.layers,
        "num_attention_heads": sam.heads,
        "image_size": sam.image_px,
        "patch_size": sam.patch_px,
        "window_size": sam.window,
        "global_attn_indexes": sorted(sam.global_layers),
        "mlp_dim": sam.mlp_hidden,
        "downsample_channels": list(sam.downsample),
    }


def _encoder_config(sizes: Sizes) -> dict[str, Any]:
    encoder = sizes.encoder
    fields: dict[str, Any] = {
        "hidden_size": encoder.hidden,
        "intermediate_size": encoder.mlp_hidden,
        "num_hidden_layers": encoder.layers,
        "num_attention_heads": encoder.heads,
    }
    if sizes.family is Family.DEEPSEEK_OCR_2:
        rope = {"rope_type": "default", "rope_theta": _QWEN_ROPE_THETA}
        return fields | {"num_key_value_heads": encoder.kv_heads, "rope_parameters": rope}
    return fields | {"image_size": encoder.image_px, "patch_size": encoder.patch_px}
