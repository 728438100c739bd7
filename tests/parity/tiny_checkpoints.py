"""Checkpoints in the published layouts, made from scratch: random weights, and no golden data.

``config_of`` also gives the published configurations at their real sizes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.layout import published_tensors

Config = dict[str, Any]

_ARCHITECTURES = {
    Family.DEEPSEEK_OCR: ("DeepseekOCRForCausalLM", "deepseek_vl_v2"),
    Family.DEEPSEEK_OCR_2: ("DeepseekOCR2ForCausalLM", "deepseek_vl_v2"),
    Family.UNLIMITED_OCR: ("UnlimitedOCRForCausalLM", "unlimited-ocr"),
}
_FIRST = ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>")
_TAGS = (
    *("<image>", "<|ref|>", "<|/ref|>", "<|det|>", "<|/det|>", "<|grounding|>"),
    *("<td>", "</td>", "<tr>", "</tr>", "<|User|>", "<|Assistant|>"),
)
_BYTES = 256
VOCABULARY = 300
IMAGE_TOKEN_ID = len(_FIRST) + _BYTES


def config_of(family: Family, *, real: bool = False) -> Config:
    """Return a config.json in the published form, with tiny sizes or the published ones."""
    architecture, model_type = _ARCHITECTURES[family]
    config: Config = {
        "architectures": [architecture],
        "model_type": model_type,
        "language_config": _real_text() if real else _tiny_text(),
        "vision_config": {
            "model_name": "deepencoderv2" if family is Family.DEEPSEEK_OCR_2 else "deeplip_b_l",
            "width": _real_vision(family) if real else _tiny_vision(family),
        },
    }
    if family is Family.UNLIMITED_OCR:
        config["language_config"] |= {"sliding_window_size": 128, "max_position_embeddings": 32768}
    return config if real else config | {"image_token_id": IMAGE_TOKEN_ID}


def write_checkpoint(folder: Path, family: Family, *, seed: int = 0) -> dict[str, torch.Tensor]:
    """Write a tiny checkpoint of two shards and return its tensors (bfloat16)."""
    folder.mkdir(parents=True, exist_ok=True)
    config = config_of(family)
    tensors = random_tensors(config, seed)
    (folder / "config.json").write_text(json.dumps(config))
    tiny_tokenizer().save(str(folder / "tokenizer.json"))
    names = sorted(tensors)
    places: dict[str, str] = {}
    for number, part in enumerate((names[0::2], names[1::2]), start=1):
        shard = f"model-{number:05}-of-000002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / shard)
        places |= dict.fromkeys(part, shard)
    index = {"metadata": {}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return tensors


def random_tensors(config: Config, seed: int) -> dict[str, torch.Tensor]:
    """Return random weights, small enough that every layer's output stays moderate."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, shape in sorted(published_tensors(config).items()):
        noise = torch.randn(shape, generator=generator) * 0.1
        is_scale = name.endswith("weight") and len(shape) == 1
        tensors[name] = (noise + 1 if is_scale else noise).to(torch.bfloat16)
    return tensors


def tiny_tokenizer() -> Tokenizer:
    """Return a tokenizer of single bytes and the published special tokens."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {word: number for number, word in enumerate((*_FIRST, *alphabet))}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(tag, special=True) for tag in (*_FIRST, *_TAGS)])
    return tokenizer


def _real_text() -> Config:
    return {
        "vocab_size": 129280,
        "hidden_size": 1280,
        "intermediate_size": 6848,
        "moe_intermediate_size": 896,
        "num_hidden_layers": 12,
        "first_k_dense_replace": 1,
        "num_attention_heads": 10,
        "num_key_value_heads": 10,
        "n_routed_experts": 64,
        "n_shared_experts": 2,
        "num_experts_per_tok": 6,
        "max_position_embeddings": 8192,
        "topk_method": "greedy",
        "use_mla": False,
    }


def _tiny_text() -> Config:
    return _real_text() | {
        "vocab_size": VOCABULARY,
        "hidden_size": 64,
        "intermediate_size": 96,
        "moe_intermediate_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "n_routed_experts": 8,
        "num_experts_per_tok": 3,
    }


def _real_vision(family: Family) -> Config:
    sam = {
        "width": 768,
        "layers": 12,
        "heads": 12,
        "downsample_channels": [512, 1024],
        "global_attn_indexes": [2, 5, 8, 11],
    }
    if family is Family.DEEPSEEK_OCR_2:
        return {"sam_vit_b": sam, "qwen2-0-5b": {"dim": 896}}
    return {"sam_vit_b": sam, "clip-l-14-224": {"width": 1024, "layers": 24, "heads": 16}}


def _tiny_vision(family: Family) -> Config:
    sam = {
        "width": 24,
        "layers": 3,
        "heads": 2,
        "out_chans": 16,
        "downsample_channels": [24, 32],
        "global_attn_indexes": [1],
    }
    if family is Family.DEEPSEEK_OCR_2:
        qwen = {"dim": 32, "layers": 2, "heads": 4, "kv_heads": 2, "ffn_hidden_size": 48}
        return {"sam_vit_b": sam, "qwen2-0-5b": qwen}
    return {"sam_vit_b": sam, "clip-l-14-224": {"width": 32, "layers": 2, "heads": 4}}
