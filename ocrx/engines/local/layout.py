"""Which tensors a published checkpoint holds, by name and shape, from its configuration alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.configuration import EncoderSizes, SamSizes, Sizes, TextSizes, sizes_of

Tensor = tuple[str, tuple[int, ...]]

# The one published tensor that nothing computes with: the encoder is given SAM's embeddings.
UNUSED_TENSOR = "model.vision_model.embeddings.patch_embedding.weight"
# Learned queries of DeepSeek-OCR-2: one for each vision token, (px / 16 / 4) squared.
_QUERY_PX = (768, 1024)
_SHRINK = 4  # the two convolutions after SAM halve its grid twice


def published_tensors(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return every tensor of a published checkpoint: name to shape.

    Raises:
        MissingRequirementError: the configuration is of no architecture that can be loaded.
    """
    sizes = sizes_of(config)
    return dict(_all(sizes))


def _all(sizes: Sizes) -> Iterator[Tensor]:
    hidden = sizes.text.hidden
    yield "lm_head.weight", (sizes.text.vocabulary, hidden)
    yield "model.embed_tokens.weight", (sizes.text.vocabulary, hidden)
    yield "model.norm.weight", (hidden,)
    yield "model.view_seperator", (hidden,)  # spelt so in the checkpoints
    for index in range(sizes.text.layers):
        yield from _prefixed(f"model.layers.{index}.", _text_layer(sizes.text, index))
    yield from _prefixed("model.sam_model.", _sam(sizes.sam))
    if sizes.family is Family.DEEPSEEK_OCR_2:
        projected = sizes.encoder.hidden
        yield from _prefixed("model.qwen2_model.", _qwen(sizes.encoder, sizes.sam))
    else:
        projected = sizes.sam.downsample[-1] + sizes.encoder.hidden
        yield "model.image_newline", (hidden,)
        yield from _prefixed("model.vision_model.", _clip(sizes.encoder))
    yield from _linear("model.projector.layers", projected, hidden)


def _text_layer(text: TextSizes, index: int) -> Iterator[Tensor]:
    kv_hidden = text.kv_heads * text.head_dim
    yield "input_layernorm.weight", (text.hidden,)
    yield "post_attention_layernorm.weight", (text.hidden,)
    yield "self_attn.q_proj.weight", (text.hidden, text.hidden)
    yield "self_attn.k_proj.weight", (kv_hidden, text.hidden)
    yield "self_attn.v_proj.weight", (kv_hidden, text.hidden)
    yield "self_attn.o_proj.weight", (text.hidden, text.hidden)
    if index < text.dense_layers:
        yield from _gated("mlp.", text.hidden, text.dense_hidden)
        return
    yield "mlp.gate.weight", (text.experts, text.hidden)
    for expert in range(text.experts):
        yield from _gated(f"mlp.experts.{expert}.", text.hidden, text.expert_hidden)
    yield from _gated("mlp.shared_experts.", text.hidden, text.shared_experts * text.expert_hidden)


def _sam(sam: SamSizes) -> Iterator[Tensor]:
    grid = sam.image_px // sam.patch_px
    yield "pos_embed", (1, grid, grid, sam.hidden)
    yield "patch_embed.proj.weight", (sam.hidden, 3, sam.patch_px, sam.patch_px)
    yield "patch_embed.proj.bias", (sam.hidden,)
    for index in range(sam.layers):
        block = f"blocks.{index}."
        # Relative positions from -(edge - 1) to edge - 1 along either axis.
        edge = grid if index in sam.global_layers else sam.window
        yield f"{block}attn.rel_pos_h", (2 * edge - 1, sam.hidden // sam.heads)
        yield f"{block}attn.rel_pos_w", (2 * edge - 1, sam.hidden // sam.heads)
        yield from _linear(f"{block}attn.qkv", sam.hidden, 3 * sam.hidden)
        yield from _linear(f"{block}attn.proj", sam.hidden, sam.hidden)
        yield from _linear(f"{block}mlp.lin1", sam.hidden, sam.mlp_hidden)
        yield from _linear(f"{block}mlp.lin2", sam.mlp_hidden, sam.hidden)
        yield from _norm(f"{block}norm1", sam.hidden)
        yield from _norm(f"{block}norm2", sam.hidden)
    yield "neck.0.weight", (sam.neck, sam.hidden, 1, 1)
    yield from _norm("neck.1", sam.neck)
    yield "neck.2.weight", (sam.neck, sam.neck, 3, 3)
    yield from _norm("neck.3", sam.neck)
    yield "net_2.weight", (sam.downsample[0], sam.neck, 3, 3)
    yield "net_3.weight", (sam.downsample[1], sam.downsample[0], 3, 3)


def _clip(clip: EncoderSizes) -> Iterator[Tensor]:
    patches = (clip.image_px // clip.patch_px) ** 2
    yield "embeddings.class_embedding", (clip.hidden,)
    yield "embeddings.patch_embedding.weight", (clip.hidden, 3, clip.patch_px, clip.patch_px)
    yield "embeddings.position_embedding.weight", (patches + 1, clip.hidden)  # + the class
    yield from _norm("pre_layrnorm", clip.hidden)
    for index in range(clip.layers):
        layer = f"transformer.layers.{index}."
        yield from _norm(f"{layer}layer_norm1", clip.hidden)
        yield from _norm(f"{layer}layer_norm2", clip.hidden)
        yield from _linear(f"{layer}self_attn.qkv_proj", clip.hidden, 3 * clip.hidden)
        yield from _linear(f"{layer}self_attn.out_proj", clip.hidden, clip.hidden)
        yield from _linear(f"{layer}mlp.fc1", clip.hidden, clip.mlp_hidden)
        yield from _linear(f"{layer}mlp.fc2", clip.mlp_hidden, clip.hidden)


def _qwen(qwen: EncoderSizes, sam: SamSizes) -> Iterator[Tensor]:
    kv_hidden = qwen.hidden // qwen.heads * qwen.kv_heads
    for px in _QUERY_PX:
        yield f"query_{px}.weight", ((px // sam.patch_px // _SHRINK) ** 2, qwen.hidden)
    yield "model.model.norm.weight", (qwen.hidden,)
    for index in range(qwen.layers):
        layer = f"model.model.layers.{index}."
        yield f"{layer}input_layernorm.weight", (qwen.hidden,)
        yield f"{layer}post_attention_layernorm.weight", (qwen.hidden,)
        yield from _linear(f"{layer}self_attn.q_proj", qwen.hidden, qwen.hidden)
        yield from _linear(f"{layer}self_attn.k_proj", qwen.hidden, kv_hidden)
        yield from _linear(f"{layer}self_attn.v_proj", qwen.hidden, kv_hidden)
        yield f"{layer}self_attn.o_proj.weight", (qwen.hidden, qwen.hidden)
        yield from _gated(f"{layer}mlp.", qwen.hidden, qwen.mlp_hidden)


def _prefixed(prefix: str, tensors: Iterator[Tensor]) -> Iterator[Tensor]:
    return ((prefix + name, shape) for name, shape in tensors)


def _linear(name: str, inputs: int, outputs: int) -> Iterator[Tensor]:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def _norm(name: str, hidden: int) -> Iterator[Tensor]:
    yield f"{name}.weight", (hidden,)
    yield f"{name}.bias", (hidden,)


def _gated(prefix: str, hidden: int, inner: int) -> Iterator[Tensor]:
    yield f"{prefix}gate_proj.weight", (inner, hidden)
    yield f"{prefix}up_proj.weight", (inner, hidden)
    yield f"{prefix}down_proj.weight", (hidden, inner)
