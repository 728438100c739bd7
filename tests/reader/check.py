"""Reads the pages with transformers' own ``generate``: ``python -m tests.reader.check [FOLDER]``.

Says whether a checkpoint is right where no engine of ocrx is between it and its answers, and by
how much each of its tokens leads over the next best.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import UnlimitedOcrForConditionalGeneration

from ocrx.document import Task
from ocrx.engines.local.translation import transformers_config
from ocrx.modes import ResolutionMode
from tests.reader.content import PAGES, Page
from tests.reader.drawing import answer_of
from tests.reader.lessons import PROMPTS, inputs_of, prompt_ids
from tests.reader.published import CHECKPOINT
from tests.reader.train import MODES


@dataclass(frozen=True, slots=True)
class Said:
    """A model's answer, the smallest lead of a token over the next best (logits), and its end."""

    text: str
    lead: float
    ended: bool


def load(folder: Path, dtype: torch.dtype) -> Any:
    """Return a checkpoint as a model of transformers'."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return UnlimitedOcrForConditionalGeneration.from_pretrained(
        folder, config=transformers_config(config), dtype=dtype
    ).eval()


@torch.no_grad()
def read(
    model: Any,
    tokenizer: Tokenizer,
    page: Page,
    mode: ResolutionMode,
    prompt: str = PROMPTS[Task.MARKDOWN],
    *,
    at_most: int = 500,
    forbidden_repeat: int = 0,
) -> Said:
    """Return what the model says of a page, greedily, in ``at_most`` tokens.

    With ``forbidden_repeat`` no so many tokens may stand twice (the lead is that without it).
    """
    plan, whole, tiles = inputs_of(page, mode)
    ids = torch.tensor([prompt_ids(plan, prompt, tokenizer)])
    made = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        pixel_values=whole.to(model.dtype),
        pixel_values_local=None if tiles is None else tiles.to(model.dtype),
        num_local_patches=[plan.tiles],
        patches_grid=[[plan.columns, plan.rows]],
        do_sample=False,
        max_new_tokens=at_most,
        no_repeat_ngram_size=forbidden_repeat,
        eos_token_id=1,
        pad_token_id=2,
        output_logits=True,
        return_dict_in_generate=True,
    )
    said = made.sequences[0, ids.shape[1] :].tolist()
    best = torch.cat(made.logits).float().topk(2).values
    lead = (best[:, 0] - best[:, 1]).min().item()
    text = tokenizer.decode([word for word in said if word != 1], skip_special_tokens=False)
    return Said(text, lead, said[-1] == 1)


def main() -> None:
    """Read every page in every mode, in fp32 and in bf16."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CHECKPOINT
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    right = True
    for dtype in (torch.float32, torch.bfloat16):
        model = load(folder, dtype)
        for mode in MODES:
            for page in PAGES:
                said = read(model, tokenizer, page, mode)
                same = said.ended and said.text == answer_of(page.name)
                right = right and same
                print(f"{dtype} {mode:6} {page.name:12} {same!s:5} lead {said.lead:.2f}")
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
