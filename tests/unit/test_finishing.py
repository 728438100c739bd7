"""What a worker adds to a recognition: crops, reasons, how its words agree with another reading."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from ocrx.conversion.finishing import finish
from ocrx.document import Page, Recognition, Request, Route, StopReason, Task
from ocrx.errors import EngineError
from ocrx.modes import ResolutionMode, plan_for
from ocrx.parsing.region_dialect import (
    DIALECT,
    RawLine,
    RawPage,
    RawRegion,
    RawSpan,
    RegionClass,
    dumps,
)
from ocrx.raster import probe
from ocrx.source import describe_page, open_source

BOX = (0.1, 0.1, 0.9, 0.2)
WORDS = "The tide comes in twice a day"


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """White, its right half black."""
    path = tmp_path / "page.png"
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).rectangle((100, 0, 199, 99), fill="black")
    image.save(path)
    return probe(open_source(str(path)))[0]


@pytest.fixture
def request_(page: Page) -> Request:
    return Request(page, plan_for(ResolutionMode.BASE, 200, 100))


def recognition(page: Page, words: str = WORDS, **more: object) -> Recognition:
    line = RawLine(BOX, (RawSpan(words),), 12.0)
    picture = RawRegion(RegionClass.PICTURE, (0.5, 0.5, 1.0, 1.0))
    raw = dumps(RawPage(200, 100, (RawRegion(RegionClass.TEXT, BOX, (line,)), picture)))
    fields = {"route": Route.MODEL, **more}
    return Recognition(page.page_id, raw, DIALECT, StopReason.END, **fields)  # type: ignore[arg-type]


def answering(
    page: Page, words: str = WORDS, **more: object
) -> tuple[list[Request], Callable[[Request], Recognition]]:
    """Another reader of the page, and what it was asked."""
    asked: list[Request] = []

    def read(request: Request) -> Recognition:
        asked.append(request)
        return recognition(page, words, **more)

    return asked, read


def test_figures_are_cut_out(request_: Request) -> None:
    reading = finish(request_, recognition(request_.page))
    assert [asset.name for asset in reading.assets] == ["page-0001-figure-1.png"]
    assert reading.plan == request_.plan and reading.recognition.reasons == ()


def test_a_failure_names_no_place_and_needs_no_reference(request_: Request) -> None:
    asked, read = answering(request_.page)
    failure = f"{describe_page(request_.page)}: is torn"
    failed = recognition(request_.page, failure=failure)
    reading = finish(request_, failed, verify=True, reference=read)
    assert reading.recognition.failure == "is torn"
    assert reading.assets == () and asked == []


def test_a_page_that_is_gone_costs_its_pictures_only(request_: Request) -> None:
    Path(request_.page.source.path).unlink()
    reading = finish(request_, recognition(request_.page))
    assert reading.assets == ()
    assert "could not be cut out" in reading.recognition.reasons[0]


@pytest.mark.parametrize(
    ("route", "name"), [(Route.TEXT_LAYER, "text layer"), (Route.PIXELS, "second reading")]
)
def test_words_are_compared_with_the_best_other_reading(
    request_: Request, route: Route, name: str
) -> None:
    asked, read = answering(request_.page, f"{WORDS} and leaves quietly", route=route)
    turned = replace(request_, turned_degrees=90, strict_repeats=True, task=Task.OCR)
    reading = finish(turned, recognition(request_.page), verify=True, reference=read)
    agreement = reading.recognition.agreement
    assert agreement is not None
    assert (agreement.reference, agreement.reference_words) == (name, 9)
    assert agreement.coverage == pytest.approx(6 / 9)
    assert asked == [Request(request_.page, None, may_use_text_layer=True)]


def test_nothing_is_compared_unless_asked(request_: Request) -> None:
    asked, read = answering(request_.page)
    assert (
        finish(request_, recognition(request_.page), reference=read).recognition.agreement is None
    )
    describe = replace(request_, task=Task.DESCRIBE)
    finish(describe, recognition(request_.page), verify=True, reference=read)
    assert asked == []


def test_a_reading_is_not_compared_with_itself(request_: Request) -> None:
    _, read = answering(request_.page)
    same = finish(request_, recognition(request_.page), verify=True, reference=read)
    assert same.recognition.agreement is None
    asked, read = answering(request_.page, "something else")
    layer = recognition(request_.page, route=Route.TEXT_LAYER)
    assert finish(request_, layer, verify=True, reference=read).recognition.agreement is None
    assert asked == []


def test_a_page_that_cannot_be_verified_says_so(request_: Request) -> None:
    def refuse(request: Request) -> Recognition:
        raise EngineError("no layout model")

    _, fail = answering(request_.page, failure="out of ink")
    for reference, why in ((refuse, "no layout model"), (fail, "out of ink")):
        reading = finish(request_, recognition(request_.page), verify=True, reference=reference)
        assert reading.recognition.agreement is None
        (reason,) = reading.recognition.reasons
        assert reason.startswith("the page could not be verified") and why in reason


def test_crops_are_cut_from_the_page_as_it_was_turned(tmp_path: Path, request_: Request) -> None:
    raw = "<|ref|>image<|/ref|><|det|>[[0, 0, 999, 499]]<|/det|>\n"
    found = Recognition(request_.page_id, raw, "grounding/1", StopReason.END, turned_degrees=90)
    (asset,) = finish(request_, found).assets
    path = tmp_path / "crop.png"
    path.write_bytes(asset.data)
    with Image.open(path) as crop:  # turned clockwise, the white half lies on top
        assert crop.size == (100, 100)
        assert crop.convert("L").getextrema() == (255, 255)
