from __future__ import annotations

from dataclasses import replace

import pytest

from ocrx.conversion.ladder import AS_ASKED, EMPTY, STRICTLY, Journey, Rules, larger_plan
from ocrx.document import (
    Page,
    Recognition,
    Request,
    Source,
    SourceKind,
    StopReason,
    Task,
    VerdictStatus,
)
from ocrx.engine import EngineInfo
from ocrx.modes import ResolutionMode
from ocrx.parsing import parse
from ocrx.parsing import region_dialect as regions
from ocrx.selection import select_plan
from ocrx.verification import judge

END, LOOP, LENGTH = StopReason.END, StopReason.REPETITION, StopReason.LENGTH
MODEL = EngineInfo(
    name="model",
    model="m",
    revision="1",
    dialect=regions.DIALECT,
    modes=frozenset(ResolutionMode),
    tasks=frozenset(Task),
    takes_views=True,
)
PLAIN = EngineInfo(
    name="plain",
    model="p",
    revision="1",
    dialect=regions.DIALECT,
    modes=frozenset(),
    tasks=frozenset({Task.MARKDOWN}),
    reads_text_layer=True,
)
UP, OTHER = "in mode large", "with engine plain"
TURNED = ("turned by 90 degrees", "turned by 270 degrees")
RULES = Rules(MODEL, PLAIN)
PAGE = Page(Source("a.pdf", "/a.pdf", SourceKind.PDF, "0" * 64, 1, 1), 0, 595, 842)


def asked(mode: ResolutionMode = ResolutionMode.BASE, **more: object) -> Request:
    return Request(PAGE, select_plan(mode, PAGE, MODEL), **more)  # type: ignore[arg-type]


def answer(words: str, stop: StopReason = END, **more: object) -> Recognition:
    box = (0.1, 0.1, 0.9, 0.9)
    line = regions.RawLine(box, (regions.RawSpan(words),), 12.0)
    region = regions.RawRegion(regions.RegionClass.TEXT, box, (line,))
    raw = regions.dumps(regions.RawPage(595, 842, (region,))) if words else ""
    return Recognition(PAGE.page_id, raw, regions.DIALECT, stop, **more)  # type: ignore[arg-type]


def failure(stop: StopReason = StopReason.FAILED) -> Recognition:
    return answer("", stop, failure="torn")


def climbed(
    answers: list[Recognition], rules: Rules = RULES, request: Request | None = None
) -> tuple[list[str], Journey]:
    """Give the answers one after the other; return how each was asked for, and the journey."""
    journey, hows = Journey(request or asked(), rules), []
    for each in answers:
        step = journey.step
        assert step is not None
        hows.append(step.how)
        journey = journey.after(each)
    return hows, journey


def whole_climb(
    one: Recognition, rules: Rules = RULES, request: Request | None = None
) -> list[str]:
    """Give the same answer again and again until the journey is over; return what was tried."""
    journey, hows = Journey(request or asked(), rules), []
    while (step := journey.step) is not None:
        hows.append(step.how)
        journey = journey.after(one)
    return hows


def test_a_believable_page_is_read_once() -> None:
    hows, journey = climbed([answer("All is well.")])
    assert hows == [AS_ASKED]
    assert journey.step is None
    assert journey.result() == answer("All is well.")


@pytest.mark.parametrize(
    ("one", "hows"),
    [
        (answer("round and round", LOOP), [AS_ASKED, STRICTLY, UP, *TURNED, OTHER]),
        (answer("\ufffd" * 50), [AS_ASKED, STRICTLY, UP, *TURNED, OTHER]),
        (
            answer("it ends in the mid", LENGTH),
            [AS_ASKED, STRICTLY, UP, OTHER],
        ),
        (answer(""), [AS_ASKED, UP, *TURNED, OTHER]),
        (answer("", reasons=("the light is dim",)), [AS_ASKED, UP, *TURNED, OTHER]),
        (failure(), [AS_ASKED, UP, OTHER]),
        (failure(StopReason.MEMORY), [AS_ASKED, OTHER]),
        (failure(StopReason.CRASHED), [AS_ASKED, OTHER]),
        (failure(StopReason.TIMEOUT), [AS_ASKED]),
    ],
)
def test_each_trouble_has_its_own_rungs(one: Recognition, hows: list[str]) -> None:
    assert whole_climb(one) == hows


def test_every_rung_changes_one_thing_of_what_was_asked() -> None:
    request = asked()
    journey, steps = Journey(request, RULES), []
    while (step := journey.step) is not None:
        steps.append(step)
        journey = journey.after(answer("round and round", LOOP))
    first, strict, larger, quarter, back, other = steps
    assert first.request == request
    assert strict.request == replace(request, strict_repeats=True)
    assert larger.request == replace(request, plan=select_plan(ResolutionMode.LARGE, PAGE, MODEL))
    assert (quarter.request.turned_degrees, back.request.turned_degrees) == (90, 270)
    assert other.fallback
    assert other.request == replace(request, plan=None, may_use_text_layer=True)


def test_a_turned_page_gets_its_plan_anew() -> None:
    request = asked(ResolutionMode.GUNDAM)
    _, journey = climbed([answer("round", LOOP)] * 2, request=request)
    step = journey.step
    assert step is not None
    assert step.how == "turned by 90 degrees"
    plan, turned = request.plan, step.request.plan
    assert plan is not None
    assert turned is not None
    assert (turned.columns, turned.rows) == (plan.rows, plan.columns) != (plan.columns, plan.rows)


def test_a_doubt_of_the_engine_alone_is_no_ground_for_another_engine() -> None:
    doubtful = answer("All is well.", reasons=("the light is dim",))
    hows = whole_climb(doubtful)
    assert hows == [AS_ASKED, UP]
    _, journey = climbed([doubtful] * 2)
    assert judge(journey.result(), parse(journey.result())).status is VerdictStatus.SUSPECT


def test_without_climbing_there_is_one_try() -> None:
    assert whole_climb(answer("round", LOOP), replace(RULES, climb=False)) == [AS_ASKED]


def test_without_another_engine_the_ladder_ends_before_it() -> None:
    assert whole_climb(answer("it ends in", LENGTH), Rules(MODEL))[-1] == UP


def test_another_engine_is_asked_only_for_what_it_can() -> None:
    request = asked(task=Task.DESCRIBE)
    assert OTHER not in whole_climb(answer(""), request=request)


def test_finding_nothing_is_an_answer_to_locate() -> None:
    assert whole_climb(answer(""), request=asked(task=Task.LOCATE, query="x")) == [AS_ASKED]


@pytest.mark.parametrize(
    ("mode", "cap", "larger"),
    [
        (ResolutionMode.TINY, None, ResolutionMode.SMALL),
        (ResolutionMode.SMALL, None, ResolutionMode.BASE),
        (ResolutionMode.BASE, None, ResolutionMode.LARGE),
        (ResolutionMode.LARGE, None, ResolutionMode.GUNDAM),
        (ResolutionMode.GUNDAM, None, None),
        (ResolutionMode.SMALL, 200, None),
        (ResolutionMode.BASE, 300, None),
        (ResolutionMode.LARGE, 500, ResolutionMode.GUNDAM),
    ],
)
def test_the_next_mode_up_costs_more_and_stays_within_the_cap(
    mode: ResolutionMode, cap: int | None, larger: ResolutionMode | None
) -> None:
    request = asked(mode)
    plan = larger_plan(request, replace(RULES, max_vision_tokens=cap))
    assert (plan and plan.mode) == larger
    if plan is not None and request.plan is not None:
        assert plan.vision_tokens > request.plan.vision_tokens
        assert cap is None or plan.vision_tokens <= cap


def test_modes_that_the_engine_lacks_are_passed_over() -> None:
    some = frozenset({ResolutionMode.TINY, ResolutionMode.LARGE})
    plan = larger_plan(asked(ResolutionMode.TINY), Rules(replace(MODEL, modes=some)))
    assert plan is not None
    assert plan.mode is ResolutionMode.LARGE


def test_the_better_of_two_doubtful_tries_stands_and_the_other_is_told() -> None:
    long_loop = answer("one two " * 200, LOOP, output_tokens=400, seconds=2.0)
    varied = answer("one two three four five", LOOP, output_tokens=5)
    _, journey = climbed([long_loop, varied, long_loop])
    result = journey.result()
    assert result.raw == varied.raw
    assert [attempt.how for attempt in result.attempts] == [AS_ASKED, UP]
    first = result.attempts[0]
    assert (first.stop_reason, first.output_tokens, first.seconds) == (LOOP, 400, 2.0)
    assert "repeats itself" in first.reason


def test_a_text_that_ended_by_itself_stands_before_one_that_was_cut() -> None:
    ended = answer("three plain words", reasons=("the light is dim",))
    cut = answer("many more words than that but no end to them", LENGTH)
    for answers in ([ended, cut], [cut, cut, ended]):
        assert climbed(answers)[1].result().raw == ended.raw


def test_text_stands_before_nothing() -> None:
    _, journey = climbed([answer(""), answer("round and round", LOOP)])
    assert journey.result().raw == answer("round and round").raw


def test_a_page_with_ink_of_which_nothing_came_is_suspect() -> None:
    _, journey = climbed([answer("")], replace(RULES, climb=False))
    result = journey.result()
    assert result.reasons == (EMPTY,)
    assert judge(result, parse(result)).status is VerdictStatus.SUSPECT


def test_the_other_engine_is_named_where_its_text_stands() -> None:
    cut = answer("it ends in the mid", LENGTH)
    _, journey = climbed([cut, cut, cut, answer("The whole page.")])
    result = journey.result()
    assert (result.engine, result.model) == ("plain", "p")
    assert len(result.attempts) == 3


def test_what_stands_says_how_it_was_read() -> None:
    loop = answer("round and round", LOOP)
    _, journey = climbed([loop, loop, answer("Large and clear.")])
    plan = journey.result().plan
    assert plan is not None
    assert plan.mode is ResolutionMode.LARGE
    _, journey = climbed([loop, loop, loop, answer("The right way up.")])
    assert journey.result().turned_degrees == 90


def test_time_bounds_all_tries_together() -> None:
    rules = replace(RULES, seconds=10.0)
    loop = answer("round and round", LOOP, seconds=6.0)
    _, journey = climbed([loop], rules)
    assert journey.seconds_left == 4.0
    _, journey = climbed([loop, loop], rules)
    assert journey.step is None
    result = journey.result()
    assert result.stop_reason is LOOP
    assert any("10 s" in reason for reason in result.reasons)


def test_a_last_try_that_took_all_the_time_is_no_reason_to_doubt_it() -> None:
    rules = replace(RULES, seconds=10.0)
    _, journey = climbed([answer("All is well.", seconds=12.0)], rules)
    assert journey.result().reasons == ()


def test_time_that_is_up_with_nothing_at_all_is_a_failure_that_says_so() -> None:
    _, journey = climbed([answer("", StopReason.TIMEOUT)], replace(RULES, seconds=10.0))
    assert journey.result().failure == "took longer than 10 s"


def test_a_journey_that_is_stopped_keeps_its_best_and_says_why() -> None:
    _, journey = climbed([answer("round and round", LOOP)])
    stopped = journey.stop("the file is gone")
    assert stopped.step is None
    assert stopped.result().reasons == ("the file is gone",)
    never = Journey(asked(), RULES).stop("the file is gone").result()
    assert (never.stop_reason, never.failure) == (StopReason.FAILED, "the file is gone")


def test_raw_text_that_cannot_be_parsed_is_a_failed_try() -> None:
    torn = replace(answer("x"), raw="{}")
    hows, journey = climbed([torn, answer("Large and clear.")])
    assert hows == [AS_ASKED, UP]
    assert journey.result().attempts[0].reason
