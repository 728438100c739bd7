import pytest
from PIL import Image, ImageDraw

from ocrx.document import BoundingBox
from ocrx.modes import ResolutionMode, ViewPlan, plan_for
from ocrx.views import PAD_COLOR, cut_views, reading_view


def picture(width=900, height=1200):
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height // 2), fill="black")
    return image


@pytest.mark.parametrize("mode", list(ResolutionMode))
def test_the_global_view_is_square(mode):
    image = picture()
    views = cut_views(image, plan_for(mode, *image.size))
    assert views.global_view.size == (mode.base_px, mode.base_px)
    assert views.global_view.mode == "RGB"


def test_base_pads_with_gray_and_small_does_not():
    image = picture(400, 800)
    base = cut_views(image, plan_for(ResolutionMode.BASE, *image.size)).global_view
    small = cut_views(image, plan_for(ResolutionMode.SMALL, *image.size)).global_view
    assert base.getpixel((0, 512)) == PAD_COLOR
    assert small.getpixel((0, 320)) == (255, 255, 255)


def test_tiles_come_row_by_row():
    image = picture(1280, 1280)
    plan = ViewPlan(ResolutionMode.GUNDAM, 1024, columns=2, rows=2)
    tiles = cut_views(image, plan).tiles
    centres = [tile.getpixel((320, 320))[0] for tile in tiles]
    assert centres == [255, 0, 255, 255]
    assert {tile.size for tile in tiles} == {(640, 640)}


def test_exif_turns_the_picture_before_it_is_cut():
    image = picture(600, 400)
    image.getexif()[0x0112] = 6
    views = cut_views(image, plan_for(ResolutionMode.BASE, 400, 600))
    assert views.global_view.getpixel((0, 512)) == PAD_COLOR  # upright it is taller than wide


@pytest.mark.parametrize(
    ("mode", "size"),
    [("tiny", (512, 683)), ("small", (640, 853)), ("base", (768, 1024)), ("large", (960, 1280))],
)
def test_a_reading_view_has_the_mode_s_resolution_and_the_page_s_shape(mode, size):
    image = picture(900, 1200)
    view = reading_view(image, plan_for(ResolutionMode(mode), *image.size))
    assert view.image.size == size


def test_gundam_is_read_in_one_piece():
    image = picture(900, 1200)
    plan = plan_for(ResolutionMode.GUNDAM, *image.size)
    assert reading_view(image, plan).image.size == (640 * plan.columns, 640 * plan.rows)
    little = picture(300, 600)
    view = reading_view(little, plan_for(ResolutionMode.GUNDAM, *little.size))
    assert view.image.size == (512, 1024)


@pytest.mark.parametrize("mode", list(ResolutionMode))
def test_boxes_map_back_to_the_page(mode):
    image = picture(900, 1200)
    view = reading_view(image, plan_for(mode, *image.size))
    width, height = view.image.size
    inked = view.image.convert("L").point(lambda tone: 255 * (tone < 128)).getbbox()
    box = view.to_page(*inked)
    assert box.left == pytest.approx(0.5, abs=0.01)
    assert box.bottom == pytest.approx(0.5, abs=0.01)
    assert view.to_page(-9, -9, width + 9, height + 9) == BoundingBox(0, 0, 1, 1)


def test_a_square_is_stretched_back_and_shows_no_more_than_the_mode_saw():
    stripes = Image.new("RGB", (900, 1800), "white")
    for row in range(0, 1800, 2):  # finer than 640 rows can show
        stripes.paste("black", (0, row, 900, row + 1))
    view = reading_view(stripes, plan_for(ResolutionMode.SMALL, *stripes.size))
    assert view.image.size == (640, 1280)
    low, high = view.image.convert("L").crop((50, 50, 590, 1230)).getextrema()
    assert high - low < 40


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000)])
@pytest.mark.parametrize("mode", list(ResolutionMode))
def test_slivers_still_give_views(mode, size):
    image = Image.new("RGB", size)
    plan = plan_for(mode, *size)
    assert cut_views(image, plan).global_view.size == (mode.base_px, mode.base_px)
    assert min(reading_view(image, plan).image.size) >= 1
