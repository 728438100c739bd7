"""Documents through devices: stopped and gone on with, verified, damaged, changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from decoding import LOADING, SPEC, Decoding
from inked import device_runner, make_inked, result_of, state_lines, submit
from making import Calls, drain
from PIL import Image

from ocrx.conversion.events import PageDone
from ocrx.conversion.pages_store import PageStore
from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.stream import Converted, Job, Stream, StreamEvent
from ocrx.document import VerdictStatus
from ocrx.engine import EngineSettings
from ocrx.errors import SourceChangedError
from ocrx.raster.image import CUT_SHORT
from ocrx.source import open_source


@pytest.fixture
def state(calls: Calls) -> Path:
    return calls.path.parent


def convert(
    paths: list[Path],
    store: PageStore,
    stop: Callable[[list[StreamEvent]], bool] = lambda events: False,
    **limits: float,
) -> list[StreamEvent]:
    options = RecognitionOptions(engine=SPEC)
    jobs = [Job(number, open_source(str(path))) for number, path in enumerate(paths)]
    events: list[StreamEvent] = []
    with device_runner(1, options, **limits) as runner:
        info = Decoding(EngineSettings()).info
        stream = Stream(iter(jobs), options, info, runner, store, stop=lambda: stop(events))
        for event in stream.events():
            events.append(event)
    return events


def pages_done(events: list[StreamEvent]) -> list[PageDone]:
    return [event for event in events if isinstance(event, PageDone)]


def test_a_stop_keeps_the_pages_in_hand_and_the_next_run_reads_the_rest(
    tmp_path: Path, state: Path
) -> None:
    pages = 24
    path = make_inked(tmp_path / "wait@5.tif", pages)
    with PageStore(tmp_path / "pages.sqlite") as store:
        first = convert([path], store, stop=lambda events: len(pages_done(events)) >= 2)
        second = convert([path], store)
    kept = len(pages_done(first))
    assert 2 <= kept < pages
    assert not any(isinstance(event, Converted) for event in first)
    assert isinstance(second[-1], Converted)
    assert sum(done.cached for done in pages_done(second)) == kept
    assert len(state_lines(state, "tries")) == pages


def test_a_stop_while_weights_load_ends_at_once(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOADING, "sleep")
    path = make_inked(tmp_path / "a.tif", 3)
    with PageStore(None) as store:
        events = convert([path], store, stop=lambda events: bool(state_lines(state, "loads")))
    assert pages_done(events) == []


def test_many_small_documents_fill_the_device(tmp_path: Path, state: Path) -> None:
    paths = [make_inked(tmp_path / f"{number}-wait@4.tif") for number in range(25)]
    with PageStore(None) as store:
        events = convert(paths, store)
    names = {event.job.source.name for event in events if isinstance(event, Converted)}
    assert names == {str(path) for path in paths}
    assert len(state_lines(state, "tries")) == 25


def test_a_page_whose_time_was_up_is_read_again_by_the_next_run(
    tmp_path: Path, state: Path
) -> None:
    path = make_inked(tmp_path / "slow@1.tif", 2)
    with PageStore(tmp_path / "pages.sqlite") as store:
        for _ in range(2):
            events = convert([path], store, page_seconds=0.4)
    cached = {done.number: done.cached for done in pages_done(events)}
    assert cached == {1: True, 2: False}


def test_verifying_compares_with_the_other_engine(tmp_path: Path, state: Path) -> None:
    options = RecognitionOptions(engine=SPEC, verify=True)
    path = make_inked(tmp_path / "a.tif", 2)
    with device_runner(1, options) as runner, PageStore(None) as store:
        info = Decoding(EngineSettings()).info
        job = Job(0, open_source(str(path)))
        events = list(Stream(iter([job]), options, info, runner, store).events())
    converted = events[-1]
    assert isinstance(converted, Converted)
    for page in converted.document.pages:
        assert page.provenance.engine == "decoding"
        assert page.provenance.agreement is not None
        assert page.provenance.agreement.coverage == 1.0
    assert len(state_lines(state, "fallbacks")) == 2


def test_what_is_wrong_with_the_picture_is_said(tmp_path: Path, state: Path) -> None:
    whole = make_inked(tmp_path / "a.tif")
    cut = tmp_path / "cut.png"
    Image.open(whole).save(cut)
    cut.write_bytes(cut.read_bytes()[:-200])
    with device_runner() as runner:
        submit(runner, cut)
        page = result_of(drain(runner, 1)[0])
    assert page.verdict.status is VerdictStatus.SUSPECT
    assert CUT_SHORT in page.verdict.reasons
    assert page.blocks[0].text == "This is page 1."


def test_a_document_that_changes_while_it_is_read_fails(tmp_path: Path, state: Path) -> None:
    path = make_inked(tmp_path / "touch@0.tif")
    with device_runner() as runner:
        submit(runner, path)
        assert isinstance(drain(runner, 1)[0].error, SourceChangedError)
