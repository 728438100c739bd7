from __future__ import annotations

import pytest
from misbehaving import Misbehaving, recognition

from ocrx.conversion.results import (
    RecognitionOptions,
    build_document,
    failed_reading,
    page_result,
    with_shared_words,
)
from ocrx.document import (
    BlockKind,
    Page,
    PageReading,
    Recognition,
    Request,
    Source,
    SourceKind,
    StopReason,
    VerdictStatus,
)
from ocrx.errors import PageMemoryError, PageTimeoutError, WorkerCrashedError
from ocrx.modes import ResolutionMode
from ocrx.parsing import region_dialect as regions

INFO = Misbehaving().info
SOURCE = Source("a.pdf", "/a.pdf", SourceKind.PDF, "0" * 64, 1, 1)


def request(index: int = 0) -> Request:
    return Request(Page(SOURCE, index, 612, 792), None)


def printed(index: int, *lines: str) -> Recognition:
    """A page of one paragraph of full lines."""
    raws = tuple(
        regions.RawLine(
            (0.1, 0.1 + 0.02 * n, 0.9, 0.115 + 0.02 * n), (regions.RawSpan(text),), 12.0
        )
        for n, text in enumerate(lines)
    )
    region = regions.RawRegion(regions.RegionClass.TEXT, (0.1, 0.1, 0.9, 0.5), raws)
    return recognition(request(index), regions.dumps(regions.RawPage(612, 792, (region,))))


@pytest.mark.parametrize("word", ["data-base", "database"])
def test_words_of_other_pages_decide_which_hyphens_stay(word: str) -> None:
    recognitions = [
        printed(0, "Everything that they counted is in the data-", "base of the harbour office."),
        printed(1, f"The {word} of the harbour office was begun in that", "year by the master."),
    ]
    results = [
        page_result(PageReading(request(index).page, None, each), INFO)
        for index, each in enumerate(recognitions)
    ]
    numbered = list(enumerate(recognitions, 1))
    pages = with_shared_words(results, lambda: numbered)
    text = " ".join(block.text for block in pages[0].blocks)
    assert f"the {word} of the harbour" in text
    assert pages[1] == results[1]
    assert with_shared_words(results, list) == tuple(results)


@pytest.mark.parametrize(
    ("error", "stop"),
    [
        (PageTimeoutError("too slow"), StopReason.TIMEOUT),
        (PageMemoryError("too big"), StopReason.MEMORY),
        (WorkerCrashedError("gone"), StopReason.CRASHED),
    ],
)
def test_a_page_that_could_not_be_read_stays_with_its_reason(
    error: Exception, stop: StopReason
) -> None:
    reading = failed_reading(request(), error)  # type: ignore[arg-type]
    page = page_result(reading, INFO)
    assert page.provenance.stop_reason is stop
    assert page.verdict.status is VerdictStatus.FAILED
    assert str(error) in page.verdict.reasons[0]


def test_raw_text_that_cannot_be_parsed_is_a_failed_page() -> None:
    reading = PageReading(request().page, None, recognition(request(), raw="{}"))
    page = page_result(reading, INFO)
    assert page.verdict.status is VerdictStatus.FAILED
    assert page.blocks == ()


def test_no_block_names_a_picture_that_was_not_cut_out() -> None:
    reading = PageReading(request().page, None, recognition(request()))
    name = "page-0001-figure-1.png"
    for names, expected in (((name,), name), ((), None)):
        page = page_result(reading, INFO, names)
        figures = [block for block in page.blocks if block.kind is BlockKind.FIGURE]
        assert [figure.asset for figure in figures] == [expected]


def test_pages_of_a_document_stand_in_order() -> None:
    results = [
        page_result(PageReading(request(index).page, None, recognition(request(index))), INFO)
        for index in (2, 0, 1)
    ]
    document = build_document(SOURCE, results, INFO)
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert (document.source, document.engine) == ("a.pdf", "misbehaving")


def test_the_fingerprint_tells_apart_what_reads_differently_and_nothing_else() -> None:
    plain = RecognitionOptions()
    others = [
        RecognitionOptions(mode=ResolutionMode.TINY),
        RecognitionOptions(max_tiles=4),
        RecognitionOptions(max_vision_tokens=100),
        RecognitionOptions(engine="other"),
    ]
    assert len({options.fingerprint(INFO) for options in [plain, *others]}) == 5
    assert RecognitionOptions(pages="1-3").fingerprint(INFO) == plain.fingerprint(INFO)
