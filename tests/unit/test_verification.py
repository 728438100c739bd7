import pytest

from ocrx.document import (
    Block,
    BlockKind,
    Recognition,
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


def test_raw_text_that_cannot_be_parsed_is_a_failure() -> None:
    assert unparsable(RawTextError("not regions/1")).status is VerdictStatus.FAILED
