"""A page as the model takes it: token ids, and pixels ready for the vision tower."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ocrx.engine import PreparedPage


@dataclass(frozen=True, slots=True)
class Prompt:
    """One page's prompt. ``ids`` holds the image id once for every embedding that replaces it.

    ``global_pixels`` is [3, base, base] and ``tile_pixels`` [tiles, 3, tile, tile] or None, both
    normalised floats on the CPU (torch tensors; untyped here so that this module stays light).
    """

    page: PreparedPage
    ids: tuple[int, ...]
    global_pixels: Any = field(repr=False)
    tile_pixels: Any = field(default=None, repr=False)
