from dataclasses import replace

import pytest

from ocrx.document import (
    Attempt,
    Block,
    BlockKind,
    Recognition,
    Route,
    Span,
    StopReason,
    VerdictStatus,
)
from ocrx.errors import RawTextError
from ocrx.verification import judge, unparsable


def recognition(
    stop: StopReason = StopReason.END,
    confidence: float | None = None,
    reasons: tuple[str, ...] = (),
    failure: str | None = None,
) -> Recognition:
    return Recognition(
        "p", "", "regions/1", stop, confidence=confidence, reasons=reasons, failure=failure
    )


def text(*lines: str) -> list[Block]:
    return [Block(BlockKind.PARAGRAPH, (Span(line),)) for line in lines]


@pytest.mark.parametrize(
    "stop", [StopReason.FAILED, StopReason.TIMEOUT, StopReason.MEMORY, StopReason.CRASHED]
)
def test_a_page_without_an_answer_failed_and_says_why(stop: StopReason) -> None:
    verdict = judge(recognition(stop), ())
    assert verdict.status is VerdictStatus.FAILED and verdict.reasons[0]


def test_the_engines_own_failure_is_the_reason_on_one_line() -> None:
    verdict = judge(recognition(StopReason.FAILED, failure="broken\nstream"), ())
    assert verdict.reasons == ("broken stream",)


def test_text_is_ok_and_nothing_is_blank() -> None:
    assert judge(recognition(), text("words")).status is VerdictStatus.OK
    assert judge(recognition(), ()).status is VerdictStatus.BLANK
    assert judge(recognition(), [Block(BlockKind.FIGURE)]).status is VerdictStatus.OK


def test_a_page_that_the_engine_doubts_is_never_blank() -> None:
    verdict = judge(recognition(reasons=("the script is not covered",)), ())
    assert verdict.status is VerdictStatus.SUSPECT
    assert verdict.reasons == ("the script is not covered",)


def test_a_cut_page_is_partial() -> None:
    assert judge(recognition(StopReason.LENGTH), text("a")).status is VerdictStatus.PARTIAL


def test_low_confidence_is_suspect() -> None:
    assert judge(recognition(confidence=0.5), text("a")).status is VerdictStatus.SUSPECT
    assert judge(recognition(confidence=0.95), text("a")).status is VerdictStatus.OK


def test_a_line_that_comes_fifteen_times_is_suspect() -> None:
    assert judge(recognition(), text(*["the same"] * 15)).status is VerdictStatus.SUSPECT
    assert judge(recognition(), text(*["the same"] * 14)).status is VerdictStatus.OK
    assert judge(recognition(), text(*["....."] * 30)).status is VerdictStatus.OK


def test_words_that_go_in_a_circle_are_suspect() -> None:
    circle = "it begins well " + "and then goes on " * 40
    assert judge(recognition(), text(circle)).status is VerdictStatus.SUSPECT


def test_replacement_characters_are_suspect() -> None:
    assert judge(recognition(), text("a\ufffd\ufffdb")).status is VerdictStatus.SUSPECT


def test_text_until_the_time_limit_is_partial_and_none_is_a_failure() -> None:
    cut = judge(recognition(StopReason.TIMEOUT), text("as far as it came"))
    assert cut.status is VerdictStatus.PARTIAL
    assert cut.reasons == ("the text was cut at the time limit",)
    assert judge(recognition(StopReason.TIMEOUT), ()).status is VerdictStatus.FAILED
    failed = recognition(StopReason.TIMEOUT, failure="killed")
    assert judge(failed, text("a")).reasons == ("killed",)


def test_what_a_cut_page_is_doubted_for_is_said_too() -> None:
    verdict = judge(recognition(StopReason.LENGTH, reasons=("it wanders",)), text("a"))
    assert verdict.status is VerdictStatus.PARTIAL
    assert "it wanders" in verdict.reasons and len(verdict.reasons) == 2


def test_the_engine_says_what_repeats() -> None:
    told = recognition(StopReason.REPETITION, reasons=("'and so on' came 40 times",))
    assert judge(told, text("a")).reasons == ("'and so on' came 40 times",)
    assert judge(recognition(StopReason.REPETITION), text("a")).reasons == (
        "the text repeats itself",
    )


FIRST_TRY = Attempt("as asked", "the text repeats itself", StopReason.REPETITION)


def test_a_page_that_needed_another_try_says_why() -> None:
    verdict = judge(replace(recognition(), attempts=(FIRST_TRY,)), text("words"))
    assert verdict.status is VerdictStatus.RETRIED
    assert verdict.reasons == ("read as asked, the text repeats itself",)


def test_a_page_that_no_try_helped_is_still_suspect() -> None:
    again = replace(recognition(reasons=("too faint",)), attempts=(FIRST_TRY,))
    assert judge(again, text("words")).status is VerdictStatus.SUSPECT


def of_a_model() -> Recognition:
    return replace(recognition(), route=Route.MODEL)


def test_boxes_without_words_are_suspect() -> None:
    boxes = "<|ref|>text<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>" * 4
    drawn = replace(of_a_model(), raw=boxes)
    verdict = judge(drawn, text("a word"))
    assert verdict.status is VerdictStatus.SUSPECT
    assert verdict.reasons == ("3 of 4 boxes hold no words",)
    assert judge(drawn, text("two", "words")).status is VerdictStatus.OK
    assert judge(replace(drawn, route=Route.PIXELS), text("a word")).status is VerdictStatus.OK


@pytest.mark.parametrize("markup", ["<|ref|><|det|>", "[[12, 34, 56", "<|det|>[[1, 2, 3, 4]] ..."])
def test_nothing_but_markup_is_suspect(markup: str) -> None:
    assert judge(of_a_model(), text(markup)).status is VerdictStatus.SUSPECT
    assert judge(of_a_model(), text(f"{markup} a word")).status is VerdictStatus.OK


@pytest.mark.parametrize("line", ["12", "* * *", "[1]"])
def test_a_page_with_little_on_it_is_ok(line: str) -> None:
    assert judge(of_a_model(), text(line)).status is VerdictStatus.OK


def test_raw_text_that_cannot_be_parsed_is_a_failure() -> None:
    assert unparsable(RawTextError("not regions/1")).status is VerdictStatus.FAILED
