import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.modes import (
    MAX_PICTURE_PX,
    ResolutionMode,
    ViewPlan,
    grid_for,
    picture_size_px,
    plan_for,
)


@pytest.mark.parametrize(
    ("mode", "tokens", "positions"),
    [("tiny", 64, 73), ("small", 100, 111), ("base", 256, 273), ("large", 400, 421)],
)
def test_native_modes_cost_what_the_paper_says(mode, tokens, positions):
    plan = plan_for(ResolutionMode(mode), 1241, 1754)
    assert (plan.vision_tokens, plan.prompt_positions, plan.tiles) == (tokens, positions, 0)


def test_gundam_counts_tiles_and_their_newlines():
    plan = ViewPlan(ResolutionMode.GUNDAM, 1024, columns=2, rows=3)
    assert plan.vision_tokens == 6 * 100 + 256
    assert plan.prompt_positions == 903


def test_gundam_cuts_no_tiles_from_a_page_of_one_tile():
    assert plan_for(ResolutionMode.GUNDAM, 640, 640).tiles == 0
    assert plan_for(ResolutionMode.GUNDAM, 641, 300).tiles > 0


@pytest.mark.parametrize("max_tiles", [0, 1])
def test_fewer_than_two_tiles_means_none(max_tiles):
    assert plan_for(ResolutionMode.GUNDAM, 2000, 2000, max_tiles).tiles == 0


@pytest.mark.parametrize(
    ("width", "height", "tiles"), [(0, 5, 9), (5, 0, 9), (5, 5, -1), (5, 5, 41)]
)
def test_impossible_pages_and_caps_are_refused(width, height, tiles):
    with pytest.raises(ValueError, match=r"views|tiles"):
        plan_for(ResolutionMode.GUNDAM, width, height, tiles)


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(2, 20))
def test_a_grid_never_has_more_tiles_than_allowed(width, height, max_tiles):
    columns, rows = grid_for(width, height, max_tiles)
    assert 2 <= columns * rows <= max_tiles


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(2, 20))
def test_allowing_more_tiles_never_gives_fewer(width, height, max_tiles):
    fewer = plan_for(ResolutionMode.GUNDAM, width, height, max_tiles)
    more = plan_for(ResolutionMode.GUNDAM, width, height, max_tiles + 1)
    assert fewer.tiles <= more.tiles


def test_pdf_pages_count_at_144_dpi_and_images_as_they_are():
    assert picture_size_px(595.276, 841.89, points=True) == (1191, 1684)
    assert picture_size_px(595, 842, points=False) == (595, 842)


def test_huge_pdf_pages_are_bounded_and_slivers_keep_a_pixel():
    assert picture_size_px(14400, 7200, points=True) == (MAX_PICTURE_PX, MAX_PICTURE_PX // 2)
    assert picture_size_px(14400, 0.1, points=True) == (MAX_PICTURE_PX, 1)
