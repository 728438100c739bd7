"""Pixels and a ViewPlan become the views that a model sees, exactly as it was trained.

Source: the preprocessing of the published DeepSeek-OCR runners, pixel for pixel. Which plan a page
gets is for ``selection``; how a page becomes pixels is for ``raster``.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageOps

from ocrx.document import BoundingBox
from ocrx.modes import ViewPlan

PAD_COLOR = (127, 127, 127)  # the mean that the model's normalisation takes to zero
MAX_ASPECT = 4.0  # a square is stretched back this far; beyond, a sliver would grow without end
_BICUBIC = Image.Resampling.BICUBIC


@dataclass(frozen=True, slots=True)
class Views:
    """What the model sees: RGB pictures, ``base_px`` square, and the tiles row by row."""

    global_view: Image.Image
    tiles: tuple[Image.Image, ...]


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One RGB picture of the whole page, for an engine that reads pixels as such."""

    image: Image.Image

    def to_page(self, left: float, top: float, right: float, bottom: float) -> BoundingBox:
        """Map a box in this picture's pixels to [0, 1] of the page, clamped to the page."""
        width, height = self.image.size
        return BoundingBox(
            _clamp(left / width),
            _clamp(top / height),
            _clamp(right / width),
            _clamp(bottom / height),
        )


def cut_views(image: Image.Image, plan: ViewPlan) -> Views:
    """Return the global view and the tiles of a page's picture.

    Tiny and Small stretch the page to a square; Base, Large and Gundam keep its shape on a gray
    canvas. Gundam's tiles are cut from the page stretched to columns x rows tiles.
    """
    page = _upright_rgb(image)
    if plan.mode.pads:
        global_view = _padded(page, plan.base_px)
    else:
        global_view = page.resize((plan.base_px, plan.base_px), _BICUBIC)
    return Views(global_view, _cut_tiles(page, plan))


def reading_view(image: Image.Image, plan: ViewPlan) -> ReadingView:
    """Return the page in one piece at the resolution that the plan affords.

    The page without the gray of Base and Large, and Gundam's canvas of all tiles (without tiles: as
    Base). The square of Tiny and Small is stretched back, its longer side drawn out: a layout model
    and the gutters between columns need true proportions, and no pixel that the mode saw is lost.
    """
    page = _upright_rgb(image)
    if plan.tiles:
        return ReadingView(_canvas(page, plan))
    if plan.mode.pads:
        return ReadingView(_contained(page, plan.base_px))
    square = page.resize((plan.base_px, plan.base_px), _BICUBIC)
    return ReadingView(square.resize(_covering(page, plan.base_px), _BICUBIC))


def _upright_rgb(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image).convert("RGB")


def _cut_tiles(page: Image.Image, plan: ViewPlan) -> tuple[Image.Image, ...]:
    if not plan.tiles:
        return ()
    canvas, edge = _canvas(page, plan), plan.tile_px
    corners = [(c * edge, r * edge) for r in range(plan.rows) for c in range(plan.columns)]
    return tuple(canvas.crop((x, y, x + edge, y + edge)) for x, y in corners)


def _canvas(page: Image.Image, plan: ViewPlan) -> Image.Image:
    return page.resize((plan.tile_px * plan.columns, plan.tile_px * plan.rows), _BICUBIC)


def _padded(page: Image.Image, edge_px: int) -> Image.Image:
    """Do as ``ImageOps.pad`` does, which fails where a side would shrink to nothing."""
    content = _contained(page, edge_px)
    canvas = Image.new("RGB", (edge_px, edge_px), PAD_COLOR)
    canvas.paste(content, (_middle(edge_px, content.width), _middle(edge_px, content.height)))
    return canvas


def _contained(page: Image.Image, edge_px: int) -> Image.Image:
    """Fit the page into a square, its shape kept, every side at least 1 px."""
    width = height = edge_px
    if page.width > page.height:
        height = max(1, round(page.height / page.width * edge_px))
    elif page.width < page.height:
        width = max(1, round(page.width / page.height * edge_px))
    return page.resize((width, height), _BICUBIC)


def _covering(page: Image.Image, edge_px: int) -> tuple[int, int]:
    """Return the size of the page's shape around a square, slivers cut off at MAX_ASPECT."""
    aspect = min(MAX_ASPECT, max(1 / MAX_ASPECT, page.width / page.height))
    return round(edge_px * max(1.0, aspect)), round(edge_px * max(1.0, 1 / aspect))


def _middle(edge_px: int, side_px: int) -> int:
    return round((edge_px - side_px) * 0.5)


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
