"""Which views a page gets: a fixed mode as asked, or in auto the cheapest that the page can bear.

Knows a page's size and nothing of its content. Pixels are cut by ``views``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ocrx.document import Page, Request, SourceKind, Task
from ocrx.engine import EngineInfo
from ocrx.errors import UsageError
from ocrx.modes import (
    DEFAULT_MAX_TILES,
    MIN_TILES,
    MOST_TILES,
    PICTURE_DPI,
    ResolutionMode,
    Tiling,
    ViewPlan,
    picture_size_px,
    plan_for,
)

AUTO = "auto"
_SHEET_INCHES = 11  # a photographed or scanned page is taken to be a sheet of letter height
_BEARABLE_SCALE = 0.75  # 10 pt type is 20 px high at 144 dpi; models read 15 px well, not 10


def parse_mode(text: str) -> ResolutionMode | None:
    """Return the mode of that name, None for ``auto``.

    Raises:
        UsageError: no mode has that name.
    """
    name = text.strip().lower()
    if name == AUTO:
        return None
    try:
        return ResolutionMode(name)
    except ValueError as error:
        known = ", ".join([AUTO, *ResolutionMode])
        raise UsageError(f"no mode {text!r} (there are {known})") from error


def check_query(task: Task, query: str | None) -> None:
    """Check that something is looked for when and only when the task is to locate it.

    Raises:
        UsageError: it is not so.
    """
    if (task is Task.LOCATE) is not bool(query):
        raise UsageError("--task locate and --query TEXT belong together")


def request_for(
    page: Page,
    mode: ResolutionMode | None,
    info: EngineInfo,
    *,
    max_vision_tokens: int | None = None,
    max_tiles: int = DEFAULT_MAX_TILES,
    task: Task = Task.MARKDOWN,
    query: str | None = None,
) -> Request:
    """Return the request for a page: its plan, and whether a sound text layer may stand in for it.

    Only in auto may it: a text layer costs no vision tokens, so that no cap speaks against it.

    Raises:
        UsageError: see ``select_plan``.
    """
    plan = select_plan(mode, page, info, max_vision_tokens, max_tiles)
    may_use_text_layer = mode is None and info.reads_text_layer
    return Request(page, plan, task, may_use_text_layer, query)


def select_plan(
    mode: ResolutionMode | None,
    page: Page,
    info: EngineInfo,
    max_vision_tokens: int | None = None,
    max_tiles: int = DEFAULT_MAX_TILES,
) -> ViewPlan | None:
    """Return the views of a page in this mode, or in auto (``mode`` None) those that suit it best.

    Auto gives None to an engine that reads text layers: it chooses for itself. Under a cap auto
    gives the plan within it that keeps most of the page's pixels, the cheapest of equals. For other
    engines auto gives the cheapest plan that the page can bear: one that keeps at least 0.75 of the
    page's size along both sides, measured at 144 dpi (a picture counts its own pixels, but no more
    than a sheet of 11 inches has at 144 dpi).

    A fixed Gundam takes fewer tiles until it fits ``max_vision_tokens``.

    Raises:
        UsageError: the engine lacks the mode, or nothing fits ``max_vision_tokens``.
    """
    _check_caps(max_vision_tokens, max_tiles)
    if mode is not None and mode not in info.modes:
        known = ", ".join(m for m in ResolutionMode if m in info.modes) or "none"
        raise UsageError(f"engine {info.name} has no mode {mode} (it has: {known})")
    if mode is None and info.reads_text_layer and max_vision_tokens is None:
        return None
    modes = frozenset(info.modes) if mode is None else frozenset({mode})
    plans = list(_plans(modes, page, max_tiles, info.tiling))
    fitting = [
        p for p in plans if max_vision_tokens is None or p.vision_tokens <= max_vision_tokens
    ]
    if not fitting:
        raise _too_dear(mode, plans, max_vision_tokens)
    if mode is not None:
        return max(fitting, key=lambda plan: plan.vision_tokens)
    if not info.reads_text_layer:
        bearable = [plan for plan in fitting if _bears(plan, page)]
        if bearable:
            return min(bearable, key=lambda plan: plan.vision_tokens)
    return max(fitting, key=lambda plan: (_kept_pixels(plan, page), -plan.vision_tokens))


def page_picture_px(page: Page) -> tuple[int, int]:
    """Return the size of the picture that a page's views are cut from (``picture_size_px``)."""
    points = page.source.kind is SourceKind.PDF
    return picture_size_px(page.width, page.height, points=points)


def _plans(
    modes: frozenset[ResolutionMode], page: Page, max_tiles: int, tiling: Tiling
) -> Iterator[ViewPlan]:
    """Yield every plan that these modes have for the page, Gundam with each number of tiles."""
    size = page_picture_px(page)
    for mode in ResolutionMode:
        if mode not in modes:
            continue
        if mode is not ResolutionMode.GUNDAM:
            yield plan_for(mode, *size, tiling=tiling)
            continue
        for most in (0, *range(MIN_TILES, min(max_tiles, tiling.most) + 1)):
            yield plan_for(mode, *size, max_tiles=most, tiling=tiling)


def _bears(plan: ViewPlan, page: Page) -> bool:
    """Whether the page stays legible in this plan, by the size that it shrinks to."""
    picture = page_picture_px(page)
    needed_scale = _BEARABLE_SCALE
    if page.source.kind is SourceKind.IMAGE:
        needed_scale *= min(1.0, _SHEET_INCHES * PICTURE_DPI / max(picture))
    view = _view_px(plan, picture)
    return all(seen >= needed_scale * side for seen, side in zip(view, picture, strict=True))


def _kept_pixels(plan: ViewPlan, page: Page) -> int:
    """Pixels of the page that reach the model; enlarging adds none."""
    width, height = page_picture_px(page)
    view_width, view_height = _view_px(plan, (width, height))
    return min(view_width, width) * min(view_height, height)


def _view_px(plan: ViewPlan, picture: tuple[int, int]) -> tuple[int, int]:
    """Return the size of the page in the plan's largest view, without padding."""
    if plan.tiles:
        return plan.tile_px * plan.columns, plan.tile_px * plan.rows
    if not plan.mode.pads:
        return plan.base_px, plan.base_px
    scale = plan.base_px / max(picture)
    return max(1, round(picture[0] * scale)), max(1, round(picture[1] * scale))


def _check_caps(max_vision_tokens: int | None, max_tiles: int) -> None:
    if max_vision_tokens is not None and max_vision_tokens < 1:
        raise UsageError(f"--max-vision-tokens {max_vision_tokens}: must be at least 1")
    if not 0 <= max_tiles <= MOST_TILES:
        raise UsageError(f"--max-tiles {max_tiles}: must be 0 to {MOST_TILES}")


def _too_dear(
    mode: ResolutionMode | None, plans: list[ViewPlan], max_vision_tokens: int | None
) -> UsageError:
    cap = f"--max-vision-tokens {max_vision_tokens}"
    if not plans:
        return UsageError("the engine has no resolution mode")
    cheapest = min(plans, key=lambda plan: plan.vision_tokens)
    what = f"mode {cheapest.mode}" if mode is not None else f"the cheapest mode, {cheapest.mode},"
    return UsageError(f"{cap}: {what} costs at least {cheapest.vision_tokens} vision tokens a page")
