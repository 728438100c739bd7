import pytest

from ocrx.document import Page, Source, SourceKind, Task
from ocrx.engine import EngineInfo
from ocrx.errors import UsageError
from ocrx.modes import ResolutionMode, plan_for
from ocrx.selection import page_picture_px, parse_mode, request_for, select_plan

ALL = frozenset(ResolutionMode)
GUNDAM = ResolutionMode.GUNDAM


def engine(modes=ALL, reads_text_layer=False):
    tasks = frozenset({Task.MARKDOWN})
    return EngineInfo("fake", "none", "1", "regions/1", modes, tasks, reads_text_layer)


def page(width=595.0, height=842.0, kind=SourceKind.PDF):
    return Page(Source("a", "/a", kind, "0", 1, 1), 0, width, height)


def image(width, height):
    return page(width, height, SourceKind.IMAGE)


def test_auto_leaves_the_choice_to_an_engine_that_reads_text_layers():
    assert select_plan(None, page(), engine(reads_text_layer=True)) is None


@pytest.mark.parametrize("mode", list(ResolutionMode))
def test_a_fixed_mode_gives_its_plan(mode):
    info = engine(reads_text_layer=True)
    expected = plan_for(mode, *page_picture_px(page()))
    assert select_plan(mode, page(), info) == expected


@pytest.mark.parametrize(("cap", "tiles"), [(10_000, 6), (855, 2), (500, 2), (455, 0), (256, 0)])
def test_gundam_gives_up_tiles_to_fit_a_cap(cap, tiles):
    plan = select_plan(GUNDAM, page(), engine(), max_vision_tokens=cap)
    assert plan.mode is GUNDAM
    assert plan.vision_tokens <= cap
    assert plan.tiles == tiles


@pytest.mark.parametrize(("mode", "cap"), [("tiny", 63), ("large", 399), ("gundam", 255)])
def test_a_fixed_mode_over_the_cap_is_a_usage_error(mode, cap):
    with pytest.raises(UsageError, match=rf"{cap}.*{mode} costs at least {cap + 1}"):
        select_plan(ResolutionMode(mode), page(), engine(), max_vision_tokens=cap)


@pytest.mark.parametrize(
    ("cap", "mode"),
    [(64, "tiny"), (100, "small"), (256, "base"), (400, "large"), (500, "large"), (900, "gundam")],
)
def test_auto_under_a_cap_keeps_most_of_the_page(cap, mode):
    plan = select_plan(None, page(), engine(reads_text_layer=True), max_vision_tokens=cap)
    assert plan.mode == mode
    assert plan.vision_tokens <= cap


def test_auto_wastes_no_tokens_on_a_picture_that_fits_a_cheaper_mode():
    plan = select_plan(None, image(400, 300), engine(reads_text_layer=True), max_vision_tokens=900)
    assert plan.mode is ResolutionMode.TINY


def test_auto_refuses_a_cap_below_the_cheapest_mode():
    with pytest.raises(UsageError, match="tiny, costs at least 64"):
        select_plan(None, page(), engine(), max_vision_tokens=63)


@pytest.mark.parametrize(
    ("subject", "mode"),
    [
        (image(400, 300), "tiny"),
        (image(800, 600), "small"),
        (image(1100, 1000), "base"),
        (page(), "large"),
        (image(2480, 3508), "large"),
        (page(842, 1191), "gundam"),
    ],
)
def test_auto_takes_the_cheapest_mode_that_a_page_can_bear(subject, mode):
    assert select_plan(None, subject, engine()).mode == mode


def test_auto_stays_within_what_the_engine_has():
    only_tiny = engine(frozenset({ResolutionMode.TINY}))
    assert select_plan(None, page(), only_tiny).mode is ResolutionMode.TINY


def test_a_mode_that_the_engine_lacks_is_a_usage_error():
    with pytest.raises(UsageError, match="fake has no mode large"):
        select_plan(ResolutionMode.LARGE, page(), engine(frozenset({ResolutionMode.TINY})))


@pytest.mark.parametrize("caps", [{"max_vision_tokens": 0}, {"max_tiles": -1}, {"max_tiles": 41}])
def test_senseless_caps_are_usage_errors(caps):
    with pytest.raises(UsageError, match="--max-"):
        select_plan(GUNDAM, page(), engine(), **caps)


@pytest.mark.parametrize(
    ("mode", "reads", "allowed"),
    [(None, True, True), (None, False, False), (ResolutionMode.BASE, True, False)],
)
def test_a_text_layer_may_stand_in_only_in_auto(mode, reads, allowed):
    request = request_for(page(), mode, engine(reads_text_layer=reads), max_vision_tokens=400)
    assert request.may_use_text_layer is allowed
    assert request.plan is not None


def test_modes_are_read_by_name():
    assert parse_mode("auto") is None
    assert parse_mode(" Gundam ") is GUNDAM
    with pytest.raises(UsageError, match=r"auto, tiny, small"):
        parse_mode("huge")
