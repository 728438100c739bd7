"""How many pages a device can read at once: arithmetic on sizes and free memory, nothing else.

What the estimate gets wrong is for the scheduler, which goes on with half of it.
"""

from __future__ import annotations

from ocrx.engines.local.catalogue import ModelCard
from ocrx.engines.local.configuration import SamSizes, Sizes, TextSizes
from ocrx.errors import MissingRequirementError
from ocrx.modes import ResolutionMode, plan_for

# Four times as many pages as 64 decode 1.6 times as many tokens (39,900/s against 24,900 at best on
# an H200), and each page takes 2.5 times as long: beyond this there is little to gain.
MOST_PAGES = 256
# A processor has too little arithmetic to gain from more, and its memory is others' too.
MOST_PAGES_WITHOUT_GPU = 4

PROMPT_POSITIONS_AT_ONCE = 16_384  # some ten Gundam pages; bounds what a pass of prompts holds
_QUESTION_POSITIONS = 256  # around the image; the published prompts have 20
_ALIVE = 2  # copies of an activation: what goes into an operation, and what comes out
BIASES_ALIVE = 4  # of a layer of the first vision tower: bias, scores, their sum, what is around
_LOGIT_BYTES = 6  # of a token's row: as computed, and once more in float32
_USABLE = 0.95  # the rest is lost between blocks
_GIB = 2**30


def position_bytes(text: TextSizes, value_bytes: int) -> int:
    """Return what a position takes: 2 x 12 layers x 10 heads x 128 x 2 bytes = 61,440."""
    return 2 * text.layers * text.kv_heads * text.head_dim * value_bytes


def bias_bytes(sam: SamSizes, view_px: int, value_bytes: int) -> int:
    """Return what the bias of relative positions takes in a layer that attends to a whole view.

    12 heads x (640 / 16)^4 x 2 bytes = 61 MB for a tile, 403 MB at 1024 px, 983 MB at 1280.
    """
    return sam.heads * (view_px // sam.patch_px) ** 4 * value_bytes


def slot_positions(text: TextSizes, card: ModelCard) -> int:
    """Return how many positions a page may come to hold.

    With a sliding window the prompt stays, and of the text only the window.
    """
    most = min(card.limits.max_positions, text.max_positions)
    if text.sliding_window is None:
        return most
    most_tiles, px = card.tiling.most, card.tiling.tile_px
    tall = plan_for(ResolutionMode.GUNDAM, px, px * most_tiles, most_tiles, card.tiling)
    return min(most, tall.prompt_positions + _QUESTION_POSITIONS + text.sliding_window)


def page_bytes(sizes: Sizes, card: ModelCard, value_bytes: int) -> int:
    """Return what a page takes as long as it is read: keys, values and its row of logits."""
    held = slot_positions(sizes.text, card) * position_bytes(sizes.text, value_bytes)
    return held + sizes.text.vocabulary * _LOGIT_BYTES


def working_bytes(sizes: Sizes, value_bytes: int) -> int:
    """Return what passes over views and prompts take beside what they keep.

    Of the larger of both: one view of 1024 px through the first vision tower, or the experts of a
    pass over prompts.
    """
    text = sizes.text
    views = BIASES_ALIVE * bias_bytes(sizes.sam, ResolutionMode.GUNDAM.base_px, value_bytes)
    of_a_token = text.experts_per_token * (2 * text.expert_hidden + text.hidden)
    return max(views, _ALIVE * PROMPT_POSITIONS_AT_ONCE * of_a_token * value_bytes)


def pages_at_once(
    sizes: Sizes, card: ModelCard, value_bytes: int, device: str, free_bytes: int, batch: int = 0
) -> int:
    """Return how many pages to read at once on a device, the weights being there already.

    ``value_bytes`` is the size of a number in the model's dtype; ``batch`` caps the pages (0: as
    many as fit).

    Raises:
        MissingRequirementError: there is no room for one page.
    """
    one = page_bytes(sizes, card, value_bytes)
    working = working_bytes(sizes, value_bytes)
    fit = int((free_bytes * _USABLE - working) // one)
    if fit < 1:
        needed = (one + working) / _USABLE / _GIB
        elsewhere = "" if device == "cpu" else ", --device cpu"
        raise MissingRequirementError(
            f"{device} has {free_bytes / _GIB:.1f} GiB free beside the weights, and a page needs"
            f" {needed:.1f} GiB: free some memory, or try --engine embedded{elsewhere}"
        )
    most = MOST_PAGES_WITHOUT_GPU if device == "cpu" else MOST_PAGES
    return min(fit, batch or most)
