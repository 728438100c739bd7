"""How a page says where its text came from."""

from dataclasses import replace

import pytest

from ocrx.conversion.results import page_result, turned_degrees_of
from ocrx.document import (
    Agreement,
    Attempt,
    Page,
    PageReading,
    Provenance,
    Recognition,
    Source,
    SourceKind,
    StopReason,
    VerdictStatus,
)
from ocrx.engine import EngineInfo
from ocrx.modes import ResolutionMode, ViewPlan, plan_for
from ocrx.parsing.region_dialect import DIALECT, RawPage, dumps

PAGE = Page(Source("a.pdf", "a.pdf", SourceKind.PDF, "ab" * 32, 1, 1), 0, 595.0, 842.0)
BASE = plan_for(ResolutionMode.BASE, 1190, 1684)
LARGE = plan_for(ResolutionMode.LARGE, 1190, 1684)
INFO = EngineInfo("local", "deepseek-ocr", "1", "grounding/1", frozenset(), frozenset())
FOUND = Recognition(PAGE.page_id, "Some words.", "grounding/1", StopReason.END, 256, 4)


def provenance(recognition: Recognition) -> Provenance:
    return page_result(PageReading(PAGE, BASE, recognition), INFO).provenance


def told(found: Provenance) -> tuple[str, str, str, int]:
    return found.engine, found.model, found.mode, found.prompt_positions


def test_a_page_read_as_asked_names_the_engine_and_plan_that_were_asked() -> None:
    assert told(provenance(FOUND)) == ("local", "deepseek-ocr", "base", BASE.prompt_positions)


def test_a_page_read_in_another_mode_names_that() -> None:
    assert told(provenance(replace(FOUND, plan=LARGE)))[2:] == ("large", LARGE.prompt_positions)


@pytest.mark.parametrize(("plan", "mode"), [(None, "auto"), (LARGE, "large")])
def test_a_page_read_by_another_engine_names_it_and_the_plan_that_it_had(
    plan: ViewPlan | None, mode: str
) -> None:
    other = replace(FOUND, engine="embedded", model="pp-ocr", plan=plan)
    assert told(provenance(other))[:3] == ("embedded", "pp-ocr", mode)


def test_tries_and_agreement_go_into_the_provenance_and_the_verdict() -> None:
    tries = (Attempt("as asked", "the text repeats itself", StopReason.REPETITION),)
    agreement = Agreement("text layer", 2, 1.0, 0)
    reading = PageReading(PAGE, BASE, replace(FOUND, attempts=tries, agreement=agreement))
    result = page_result(reading, INFO)
    assert (result.provenance.attempts, result.provenance.agreement) == (tries, agreement)
    assert result.verdict.status is VerdictStatus.RETRIED


def test_what_was_mended_in_the_raw_text_is_in_the_provenance() -> None:
    raw = "<|ref|>table<|/ref|><|det|>[[1, 1, 9, 9]]<|/det|>\n<table><tr><td>a</td></tr>"
    found = Recognition(PAGE.page_id, raw, "grounding/1", StopReason.END)
    result = page_result(PageReading(PAGE, BASE, found), INFO)
    assert result.provenance.repairs == ("table 1: missing end (1)",)


def test_how_far_a_page_was_turned_is_in_its_raw_text_or_beside_it() -> None:
    raw = dumps(RawPage(10, 10, (), turned_degrees=180))
    regions = Recognition(PAGE.page_id, raw, DIALECT, StopReason.END, turned_degrees=90)
    assert turned_degrees_of(regions) == 180
    assert turned_degrees_of(replace(FOUND, turned_degrees=270)) == 270
