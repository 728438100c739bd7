"""Grids, token counts and pixels against those of the original DeepSeek-OCR runners."""

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from ocrx.modes import DEFAULT_MAX_TILES, ResolutionMode, grid_for, plan_for
from ocrx.views import cut_views

GOLDEN = Path(__file__).parent / "golden"
CASES = json.loads((GOLDEN / "manifest.json").read_text())["cases"]
GRIDS = json.loads((GOLDEN / "grids.json").read_text())["cases"]


def sha256(image: Image.Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def plan_and_page(name: str):
    case = CASES[name]
    max_tiles = 6 if name.endswith("__max6") else DEFAULT_MAX_TILES
    with Image.open(GOLDEN / "pages" / f"{case['page']}.png") as page:
        page.load()
    return plan_for(ResolutionMode(case["mode"]), *page.size, max_tiles), page


def test_every_grid_is_the_original_one():
    assert len(GRIDS) == 389
    for width, height, at_most_6, at_most_9 in GRIDS:
        assert grid_for(width, height, 6) == tuple(at_most_6), (width, height)
        assert grid_for(width, height, 9) == tuple(at_most_9), (width, height)


@pytest.mark.parametrize("name", CASES)
def test_plans_cost_what_the_original_prompt_holds(name):
    plan, _ = plan_and_page(name)
    assert plan.prompt_positions == CASES[name]["n_image_tokens"]
    assert plan.tiles == CASES[name]["n_tiles"]
    if plan.tiles:
        assert [plan.columns, plan.rows] == CASES[name]["grid_wh"]


@pytest.mark.parametrize("name", CASES)
def test_canvases_are_the_original_ones_to_the_last_bit(name):
    plan, page = plan_and_page(name)
    views = cut_views(page, plan)
    assert sha256(views.global_view) == CASES[name]["global_u8_sha256"]
    assert [sha256(tile) for tile in views.tiles] == CASES[name].get("tiles_u8_sha256", [])
