"""The reader's files in the published v1 layout: configuration, tokenizer and tensors.

Sizes are tiny, names and structure are those of ``deepseek-ai/DeepSeek-OCR``. What the weights
hold is for ``train``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

CHECKPOINT = Path(__file__).parent / "checkpoint"
BEGIN, END, PAD = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"
SPECIAL = (
    "<image>",
    "<|ref|>",
    "<|/ref|>",
    "<|det|>",
    "<|/det|>",
    "<|grounding|>",
    "<td>",
    "</td>",
    "<tr>",
    "</tr>",
    "<|User|>",
    "<|Assistant|>",
)
MERGED = 900  # ids of bytes and merges together, the three leading special tokens included
VOCABULARY = 960  # rows of the embedding: some ids stay unused, as in the published checkpoint
UNUSED_TENSOR = "model.vision_model.embeddings.patch_embedding.weight"
SHARD = "model-00001-of-000001.safetensors"
INDEX = "model.safetensors.index.json"
SAM = {
    "downsample_channels": [48, 64],
    "global_attn_indexes": [1],
    "heads": 2,
    "layers": 2,
    "width": 48,
    "out_chans": 32,
}
CLIP = {
    "heads": 4,
    "image_size": 224,
    "layers": 2,
    "patch_size": 14,
    "width": 64,
    "ffn_hidden_size": 128,
}
LANGUAGE: dict[str, Any] = {
    "bos_token_id": 0,
    "eos_token_id": 1,
    "first_k_dense_replace": 1,
    "hidden_size": 128,
    "intermediate_size": 256,
    "kv_lora_rank": None,
    "lm_head": True,
    "max_position_embeddings": 8192,
    "moe_intermediate_size": 64,
    "n_group": 1,
    "n_routed_experts": 6,
    "n_shared_experts": 2,
    "num_attention_heads": 4,
    "num_experts_per_tok": 2,
    "num_hidden_layers": 3,
    "num_key_value_heads": 4,
    "q_lora_rank": None,
    "qk_nope_head_dim": 0,
    "qk_rope_head_dim": 0,
    "rm_head": False,
    "topk_group": 1,
    "topk_method": "greedy",
    "use_mla": False,
    "v_head_dim": 0,
    "vocab_size": VOCABULARY,
}


def configuration(image_token_id: int) -> dict[str, Any]:
    """Return the contents of config.json."""
    architecture = "DeepseekOCRForCausalLM"
    return {
        "_name_or_path": "ocrx/tiny-reader",
        "candidate_resolutions": [[1024, 1024]],
        "global_view_pos": "head",
        "architectures": [architecture],
        "auto_map": {
            "AutoConfig": "modeling_deepseekocr.DeepseekOCRConfig",
            "AutoModel": f"modeling_deepseekocr.{architecture}",
        },
        "language_config": {
            "architectures": ["DeepseekV2ForCausalLM"],
            "torch_dtype": "bfloat16",
            **LANGUAGE,
        },
        "model_type": "deepseek_vl_v2",
        "projector_config": {
            "input_dim": SAM["downsample_channels"][-1] + CLIP["width"],
            "model_type": "mlp_projector",
            "n_embed": LANGUAGE["hidden_size"],
            "projector_type": "linear",
        },
        "tile_tag": "2D",
        "torch_dtype": "bfloat16",
        "transformers_version": "4.46.3",
        "vision_config": {
            "image_size": 1024,
            "mlp_ratio": 3.7362,
            "model_name": "deeplip_b_l",
            "model_type": "vision",
            "width": {"clip-l-14-224": CLIP, "sam_vit_b": SAM},
        },
        **LANGUAGE,
        "image_token_id": image_token_id,
    }


def make_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Return a byte-level BPE tokenizer that knows the texts well: few tokens, short sequences.

    Ids as published: 0 begin, 1 end, 2 pad, then bytes and merges, then the other special tokens.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    leading = [AddedToken(token, normalized=False, special=True) for token in (BEGIN, END, PAD)]
    trainer = trainers.BpeTrainer(
        vocab_size=MERGED,
        special_tokens=leading,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    between = re.compile("|".join(map(re.escape, SPECIAL)))
    words = [piece for text in texts for piece in between.split(text)]
    tokenizer.train_from_iterator(words, trainer)
    tokenizer.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in SPECIAL]
    )
    return tokenizer


def write_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write the tokenizer's and the processor's files."""
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": BEGIN,
            "eos_token": END,
            "pad_token": PAD,
            "additional_special_tokens": ["<|User|>", "<|Assistant|>"],
            "clean_up_tokenization_spaces": False,
            "model_max_length": 8192,
            "add_bos_token": True,
            "add_eos_token": False,
        },
    )
    _write(
        folder / "processor_config.json",
        {
            "add_special_token": False,
            "candidate_resolutions": [[1024, 1024]],
            "downsample_ratio": 4,
            "ignore_id": -100,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
            "image_token": "<image>",
            "mask_prompt": False,
            "normalize": True,
            "pad_token": PAD,
            "patch_size": 16,
            "processor_class": "DeepseekVLV2Processor",
            "sft_format": "deepseek",
        },
    )


def write_model(model: Any, folder: Path, config: dict[str, Any]) -> None:
    """Write a model of transformers' as config.json and one shard of published tensors, bf16."""
    model.save_pretrained(folder, save_original_format=True)
    written = folder / "model.safetensors"
    tensors = {name: tensor.bfloat16() for name, tensor in load_file(written).items()}
    written.unlink()
    tensors[UNUSED_TENSOR] = torch.zeros(CLIP["width"], 3, 14, 14, dtype=torch.bfloat16)
    tensors = {name: tensors[name].contiguous() for name in sorted(tensors)}
    save_file(tensors, folder / SHARD, metadata={"format": "pt"})
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    _write(
        folder / INDEX,
        {"metadata": {"total_size": size}, "weight_map": dict.fromkeys(tensors, SHARD)},
    )
    (folder / "generation_config.json").unlink(missing_ok=True)
    _write(folder / "config.json", config)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
