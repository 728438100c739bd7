"""Resolution modes and view plans: the arithmetic of vision tokens, integers only.

Knows nothing of pixels (``views.py`` cuts them) nor of which mode suits a page (``selection.py``).
Source of every constant: "DeepSeek-OCR: Contexts Optical Compression", arXiv 2510.18234, table 1
and the published checkpoint's preprocessing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PATCH_PX = 16
COMPRESSION = 4  # the convolutional compressor takes 16 x 16 patches to 4 x 4 fewer
TOKEN_PX = PATCH_PX * COMPRESSION  # one vision token covers 64 x 64 px
DEFAULT_MAX_TILES = 9  # the paper's n is 2 to 9
MIN_TILES = 2
MOST_TILES = 40

POINTS_PER_INCH = 72
PICTURE_DPI = 144  # what the published PDF runner renders at; A4 is 1190 x 1684 px
MAX_PICTURE_PX = 4096  # a longer PDF page is rendered at fewer dpi


class ResolutionMode(StrEnum):
    """How many pixels, and so how many vision tokens, a page may cost."""

    TINY = "tiny"
    SMALL = "small"
    BASE = "base"
    LARGE = "large"
    GUNDAM = "gundam"

    @property
    def base_px(self) -> int:
        """Edge of the square global view."""
        return _BASE_PX[self]

    @property
    def pads(self) -> bool:
        """Whether the global view keeps its aspect on a gray canvas (else it is stretched)."""
        return self not in (ResolutionMode.TINY, ResolutionMode.SMALL)


_BASE_PX = {
    ResolutionMode.TINY: 512,
    ResolutionMode.SMALL: 640,
    ResolutionMode.BASE: 1024,
    ResolutionMode.LARGE: 1280,
    ResolutionMode.GUNDAM: 1024,
}
TILE_PX = 640


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a model takes the tiles of Gundam, and how its tokens stand in the prompt.

    ``most`` is the number of tiles it was trained with, whatever is asked for. ``row_ends`` says
    that a newline follows each row of tokens.
    """

    tile_px: int = TILE_PX
    most: int = MOST_TILES
    row_ends: bool = True


DEFAULT_TILING = Tiling()


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """Which views of a page the model sees: one global view and columns x rows tiles.

    A plan without tiles has ``columns == rows == 0``. ``row_ends`` is as in ``Tiling``.
    """

    mode: ResolutionMode
    base_px: int
    tile_px: int = TILE_PX
    columns: int = 0
    rows: int = 0
    row_ends: bool = True

    @property
    def tiles(self) -> int:
        """Number of tiles beside the global view."""
        return self.columns * self.rows

    @property
    def vision_tokens(self) -> int:
        """The paper's budget: 64, 100, 256, 400; Gundam 100 n + 256 (144 n + 256 of 768 px)."""
        return _edge(self.base_px) ** 2 + self.tiles * _edge(self.tile_px) ** 2

    @property
    def prompt_positions(self) -> int:
        """Positions in the prompt: the tokens, a newline after each row, and one separator."""
        if not self.row_ends:
            return self.vision_tokens + 1
        edge = _edge(self.base_px)
        local_edge = _edge(self.tile_px)
        local = self.rows * local_edge * (self.columns * local_edge + 1)
        return edge * (edge + 1) + 1 + local


def _edge(px: int) -> int:
    """Return vision tokens along an edge: 1024 // 64 = 16."""
    return px // TOKEN_PX


def grid_for(
    width_px: int, height_px: int, max_tiles: int = DEFAULT_MAX_TILES, tile_px: int = TILE_PX
) -> tuple[int, int]:
    """Return the (columns, rows) whose aspect is nearest to the page's; (1, 1) for fewer than two.

    Every grid of 2 to ``max_tiles`` tiles, by area; on a tie the later one wins if the page has
    more than half the pixels that the grid holds. Source: ``find_closest_aspect_ratio`` of the
    published preprocessing.
    """
    best, best_difference = (1, 1), float("inf")
    aspect = width_px / height_px
    for columns, rows in _grids(max_tiles):
        difference = abs(aspect - columns / rows)
        if difference < best_difference:
            best, best_difference = (columns, rows), difference
        elif difference == best_difference and _fills(width_px, height_px, columns * rows, tile_px):
            best = (columns, rows)
    return best


def _fills(width_px: int, height_px: int, tiles: int, tile_px: int) -> bool:
    return 2 * width_px * height_px > tile_px * tile_px * tiles


def _grids(max_tiles: int) -> list[tuple[int, int]]:
    sizes = range(1, max_tiles + 1)
    grids = [(c, r) for c in sizes for r in sizes if MIN_TILES <= c * r <= max_tiles]
    return sorted(grids, key=lambda grid: grid[0] * grid[1])


def plan_for(
    mode: ResolutionMode,
    width_px: int,
    height_px: int,
    max_tiles: int = DEFAULT_MAX_TILES,
    tiling: Tiling = DEFAULT_TILING,
) -> ViewPlan:
    """Return the views of a page of this size in this mode.

    Gundam cuts tiles only when the longer side exceeds one tile and ``max_tiles`` and the model's
    ``tiling`` allow two or more.

    Raises:
        ValueError: a side under 1 px, or ``max_tiles`` outside 0 to 40.
    """
    if width_px < 1 or height_px < 1:
        raise ValueError(f"a page of {width_px} x {height_px} px has no views")
    if not 0 <= max_tiles <= MOST_TILES:
        raise ValueError(f"at most {MOST_TILES} tiles, not {max_tiles}")
    columns = rows = 0
    tile_px, most = tiling.tile_px, min(max_tiles, tiling.most)
    cuts = mode is ResolutionMode.GUNDAM and most >= MIN_TILES
    if cuts and max(width_px, height_px) > tile_px:
        columns, rows = grid_for(width_px, height_px, most, tile_px)
    return ViewPlan(mode, mode.base_px, tile_px, columns, rows, tiling.row_ends)


def picture_size_px(width: float, height: float, *, points: bool) -> tuple[int, int]:
    """Return the size of the picture that a page's views are cut from, in pixels.

    The one rule for plans: an image counts its own pixels; a PDF page (``points``) is rendered at
    144 dpi, or at fewer where its longer side would pass 4096 px. Every side has at least 1 px.
    """
    scale = 1.0
    if points:
        scale = PICTURE_DPI / POINTS_PER_INCH
        scale = min(scale, MAX_PICTURE_PX / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
