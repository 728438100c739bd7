"""Pixels become the embeddings that stand for a page in its prompt.

The vision tower and projector are the model's own; what is done here is to run them in bounded
pieces, over the views of many pages, and to lay each page's tokens out as it was trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ocrx.engines.local.capacity import BIASES_ALIVE
from ocrx.engines.local.prompt import Prompt

_SHARE_OF_FREE = 0.5


def image_features(model: Any, prompts: Sequence[Prompt], free_bytes: int) -> list[Any]:
    """Return what stands in each prompt's image positions: [positions, hidden] a page.

    Pages have one size of global view, and any number of tiles. ``free_bytes`` of the device bound
    how many views are encoded together.
    """
    whole = _encoded(model, [prompt.global_pixels[None] for prompt in prompts], free_bytes)
    tiles = [prompt.tile_pixels for prompt in prompts if prompt.tile_pixels is not None]
    parts = iter(_encoded(model, tiles, free_bytes) if tiles else ())
    pages = []
    for index, prompt in enumerate(prompts):
        count = prompt.plan.tiles
        local = torch.stack([next(parts) for _ in range(count)]) if count else None
        pages.append(_laid_out(model.model, prompt, whole[index], local))
    return pages


def _encoded(model: Any, views: Sequence[Any], free_bytes: int) -> list[Any]:
    """Return the tokens [tokens, hidden] of every view, given as tensors [views, 3, edge, edge]."""
    weight = model.model.multi_modal_projector.weight
    every = torch.cat(list(views))
    at_once = _views_at_once(model.config.vision_config.sam_config, every, weight, free_bytes)
    tokens: list[Any] = []
    for chunk in every.split(at_once):
        pixels = chunk.to(weight.device).to(weight.dtype)
        hidden = model.model.vision_tower(pixels).last_hidden_state
        tokens.extend(model.model.multi_modal_projector(hidden))
    return tokens


def _views_at_once(sam: Any, views: Any, weight: Any, free_bytes: int) -> int:
    """Bound by the bias of relative positions: 12 heads x (640 / 16)^4 x 2 bytes = 61 MB a tile."""
    patches = (views.shape[-1] // sam.patch_size) ** 2
    bias_bytes: int = sam.num_attention_heads * patches**2 * weight.element_size()
    return max(1, int(free_bytes * _SHARE_OF_FREE) // (bias_bytes * BIASES_ALIVE))


def _laid_out(model: Any, prompt: Prompt, whole: Any, tiles: Any | None) -> Any:
    """Put a page's tokens in order: tiles, global view, separator.

    Where rows end with a newline, the tiles are one picture, read row by row across all of them.
    """
    plan = prompt.plan
    parts = []
    if tiles is not None:
        parts.append(_rows(model, tiles, plan.columns) if plan.row_ends else tiles.flatten(0, 1))
    parts.append(_rows(model, whole[None], 1) if plan.row_ends else whole)
    return torch.cat([*parts, model.view_separator[None]])


def _rows(model: Any, views: Any, columns: int) -> Any:
    """Join views [views, edge * edge, hidden] to one grid and end each of its rows."""
    edge = round(views.shape[1] ** 0.5)
    grid = views.unflatten(1, (edge, edge)).unflatten(0, (-1, columns))  # rows, columns, y, x
    lines = grid.transpose(1, 2).flatten(2, 3).flatten(0, 1)  # rows * y, columns * x
    ends = model.image_newline.expand(len(lines), 1, -1)
    return torch.cat([lines, ends], dim=1).flatten(0, 1)
