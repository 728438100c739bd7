"""Plans for models that take larger tiles, fewer of them, and no newlines between rows."""

import pytest

from ocrx.document import Page, Source, SourceKind, Task
from ocrx.engine import EngineInfo
from ocrx.modes import ResolutionMode, Tiling, plan_for
from ocrx.selection import select_plan

LARGE_TILES = Tiling(tile_px=768, most=6, row_ends=False)
GUNDAM = ResolutionMode.GUNDAM


@pytest.mark.parametrize(
    ("mode", "size", "grid", "positions"),
    [
        (GUNDAM, (1241, 1754), (2, 3), 1121),
        (GUNDAM, (1601, 701), (2, 1), 545),
        (GUNDAM, (600, 400), (0, 0), 257),
        (ResolutionMode.BASE, (1241, 1754), (0, 0), 257),
    ],
)
def test_positions_are_those_of_the_original_runner(mode, size, grid, positions):
    plan = plan_for(mode, *size, tiling=LARGE_TILES)
    assert (plan.columns, plan.rows) == grid
    assert plan.prompt_positions == positions
    assert plan.vision_tokens == positions - 1  # all but the separator


def test_a_page_is_cut_from_one_pixel_more_than_a_tile():
    assert plan_for(GUNDAM, 768, 768, tiling=LARGE_TILES).tiles == 0
    assert plan_for(GUNDAM, 769, 768, tiling=LARGE_TILES).tiles > 0
    assert plan_for(GUNDAM, 769, 768, tiling=LARGE_TILES).tile_px == 768


def test_no_more_tiles_are_cut_than_the_model_knows():
    assert plan_for(GUNDAM, 8000, 1000, max_tiles=9).tiles > 6
    assert plan_for(GUNDAM, 8000, 1000, max_tiles=9, tiling=LARGE_TILES).tiles <= 6


def test_selection_plans_with_the_tiles_of_the_engine():
    source = Source("a.png", "a.png", SourceKind.IMAGE, "0" * 64, 1, 1)
    page = Page(source, 0, 1241, 1754)
    info = EngineInfo(
        "e", "m", "1", "d", frozenset({GUNDAM}), frozenset({Task.MARKDOWN}), tiling=LARGE_TILES
    )
    plan = select_plan(GUNDAM, page, info)
    assert plan is not None
    assert (plan.tile_px, plan.vision_tokens) == (768, 1120)
    capped = select_plan(GUNDAM, page, info, max_vision_tokens=1000)
    assert capped is not None
    assert capped.vision_tokens == 256 + 2 * 144
