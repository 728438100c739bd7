"""A page as the model takes it: token ids, and pixels ready for the vision tower."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ocrx.engine import PreparedPage
from ocrx.modes import ViewPlan


@dataclass(frozen=True, slots=True)
class Prompt:
    """One page's prompt. ``ids`` holds the image id once for every embedding that replaces it.

    ``global_pixels`` is [3, base, base] and ``tile_pixels`` [tiles, 3, tile, tile] or None, both
    normalised bfloat16 on the CPU (torch tensors; untyped here so that this module stays light).
    """

    page: PreparedPage
    ids: tuple[int, ...]
    global_pixels: Any = field(repr=False)
    tile_pixels: Any = field(default=None, repr=False)

    @property
    def plan(self) -> ViewPlan:
        """The views that the pixels hold.

        Raises:
            ValueError: the page has none.
        """
        plan = self.page.request.plan
        if plan is None:
            raise ValueError("a prompt of a page without a plan")
        return plan
