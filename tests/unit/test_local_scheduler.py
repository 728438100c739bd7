"""Pages share a decoder's slots: none is lost, none waits for another, slots stay full."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from queue import Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.document import Recognition, Route, StopReason
from ocrx.engine import PreparedPage
from ocrx.engines.local.ngrams import RepeatRule
from ocrx.engines.local.scheduler import Scheduler
from ocrx.errors import DeviceLostError
from ocrx.modes import ResolutionMode
from tests.unit.local_decoding import LIMITS, PROMPT, FakeDecoder, page, text_of


def script(index: int, length: int) -> list[int]:
    draw = random.Random(index)
    return [draw.randrange(0x4E00, 0x9FA5) for _ in range(length)]


def scripts(*lengths: int) -> dict[int, list[int]]:
    return {index: script(index, length) for index, length in enumerate(lengths)}


def read(decoder: FakeDecoder, pages: list[PreparedPage]) -> dict[int, Recognition]:
    found = list(Scheduler(decoder, LIMITS).run(pages))
    assert len(found) == len(pages)
    return {int(each.page_id.rsplit("-", 1)[1]): each for each in found}


def test_every_page_gets_its_own_text() -> None:
    decoder = FakeDecoder(scripts(*range(1, 200, 7)), capacity=5)
    found = read(decoder, [page(index) for index in decoder.scripts])
    for index, expected in decoder.scripts.items():
        assert found[index].raw == text_of(expected)
        assert found[index].stop_reason is StopReason.END
        assert found[index].output_tokens == len(expected)
        assert found[index].vision_tokens == 256
        assert found[index].read_px == (1024, 1024)
        assert found[index].route is Route.MODEL


def test_short_pages_leave_while_long_ones_are_read() -> None:
    decoder = FakeDecoder(scripts(300, *[10] * 40), capacity=2)
    found = list(Scheduler(decoder, LIMITS).run(page(index) for index in decoder.scripts))
    assert found[-1].page_id.endswith("-40") or found[-1].page_id.endswith("-0")
    assert [each.page_id for each in found].index("ab-0") >= 25


def test_slots_stay_full() -> None:
    draw = random.Random(4)
    lengths = [draw.randrange(20, 400) for _ in range(120)]
    decoder = FakeDecoder(scripts(*lengths), capacity=8)
    read(decoder, [page(index) for index in decoder.scripts])
    # a page of n tokens and its end takes one start and n steps
    ideal = sum(lengths) / 8
    assert len(decoder.steps) <= 1.06 * ideal


def test_many_slots_are_filled_several_at_a_time() -> None:
    draw = random.Random(4)
    lengths = [draw.randrange(20, 100) for _ in range(1500)]
    decoder = FakeDecoder(scripts(*lengths), capacity=256)
    read(decoder, [page(index) for index in decoder.scripts])
    assert len(decoder.steps) <= sum(lengths) / 256 + max(lengths)  # the last pages end alone
    assert len(decoder.starts) <= 1500 / 5


def test_low_slots_are_taken_first() -> None:
    decoder = FakeDecoder(scripts(5, 50, 50), capacity=64)
    read(decoder, [page(index) for index in decoder.scripts])
    assert max(max(slots) for slots in decoder.steps) == 2


def test_pages_of_one_size_start_together_and_none_is_passed_over_for_long() -> None:
    modes = [ResolutionMode.TINY, ResolutionMode.BASE, ResolutionMode.GUNDAM, ResolutionMode.LARGE]
    decoder = FakeDecoder(scripts(*[30] * 80), capacity=8)
    pages = [page(index, mode=modes[index % 4]) for index in range(80)]
    read(decoder, pages)
    assert all(len(sizes) == 1 for sizes in decoder.sizes)
    assert any(len(start) > 1 for start in decoder.starts)
    order = [index for start in decoder.starts for index in start]
    assert max(abs(place - index) for place, index in enumerate(order)) <= 16


def test_running_pages_move_on_between_starts() -> None:
    decoder = FakeDecoder(scripts(*[400] * 64), capacity=64)
    read(decoder, [page(index) for index in range(64)])
    assert max(len(start) for start in decoder.starts) <= 16


def test_a_page_that_reaches_its_length_says_so() -> None:
    decoder = FakeDecoder(scripts(100, 100), max_positions=60)
    found = read(decoder, [page(0), page(1)])
    assert found[0].stop_reason is StopReason.LENGTH
    assert found[0].raw == text_of(decoder.scripts[0][: 60 - len(PROMPT)])
    limits = replace(LIMITS, max_output_tokens=16)
    [other] = Scheduler(FakeDecoder(scripts(100)), limits).run([page(0)])
    assert (other.stop_reason, other.output_tokens) == (StopReason.LENGTH, 16)


def test_a_prompt_that_leaves_no_room_fails_alone() -> None:
    decoder = FakeDecoder(scripts(9), max_positions=len(PROMPT))
    [found] = Scheduler(decoder, LIMITS).run([page(0)])
    assert found.stop_reason is StopReason.FAILED
    assert "3 of 3 positions" in (found.failure or "")


def test_a_loop_stops_at_once_and_keeps_one_copy() -> None:
    loop = list(
        map(ord, "Intro.\n" + "The results of the second experiment are shown below.\n" * 90)
    )
    decoder = FakeDecoder({0: loop, 1: script(1, 50)})
    found = read(decoder, [page(0), page(1)])
    assert found[0].stop_reason is StopReason.REPETITION
    assert found[0].raw == "Intro.\nThe results of the second experiment are shown below.\n"
    assert found[0].reasons == ("the last 40 lines are the same",)
    assert found[0].output_tokens < len(loop)
    assert found[1].raw == text_of(decoder.scripts[1])


def test_strict_repeats_take_the_strict_rule() -> None:
    rule, strict = RepeatRule(3, None), RepeatRule(2, None)
    limits = replace(LIMITS, repeat_rule=rule, strict_rule=strict)
    letters = [list(map(ord, "abca"))] * 2
    seen = []
    for asked in (False, True):
        decoder = FakeDecoder(dict(enumerate(letters)))
        list(Scheduler(decoder, limits).run([page(0, strict=asked)]))
        seen.append(decoder.banned[-1])
    assert seen == [set(), {ord("b")}]


def test_a_page_is_answered_in_time_with_what_there_is() -> None:
    decoder = FakeDecoder(scripts(5000, 40), step_seconds=0.002)
    began = time.monotonic()
    found = read(decoder, [page(0, seconds=0.2), page(1)])
    assert time.monotonic() - began < 2
    assert found[0].stop_reason is StopReason.TIMEOUT
    assert found[0].raw
    assert text_of(decoder.scripts[0]).startswith(found[0].raw)
    assert found[1].stop_reason is StopReason.END


def test_a_page_is_answered_in_time_even_while_it_waits() -> None:
    decoder = FakeDecoder(scripts(*[300] * 4, 10), capacity=4, step_seconds=0.002)
    found = read(decoder, [*(page(index) for index in range(4)), page(4, seconds=0.05)])
    assert found[4].stop_reason is StopReason.TIMEOUT
    assert found[4].raw == ""
    assert found[0].stop_reason is StopReason.END


@pytest.mark.parametrize("breaks_at", [-2, -1, 1, 30])
def test_a_page_that_breaks_fails_alone(breaks_at: int) -> None:
    decoder = FakeDecoder(scripts(*[60] * 9), breaks_at={3: breaks_at})
    found = read(decoder, [page(index) for index in range(9)])
    assert found[3].stop_reason is StopReason.FAILED
    assert (found[3].failure or "").startswith("ValueError: this p")
    assert "\n" not in (found[3].failure or "")
    for index in set(range(9)) - {3}:
        assert found[index].raw == text_of(decoder.scripts[index])


@pytest.mark.parametrize("loses_at", [-1, 1, 30])
def test_a_lost_device_is_no_pages_failure(loses_at: int) -> None:
    decoder = FakeDecoder(scripts(*[60] * 9), loses_at={3: loses_at})
    found: list[Recognition] = []
    with pytest.raises(DeviceLostError, match="fake is lost"):
        found.extend(Scheduler(decoder, LIMITS).run(page(index) for index in range(9)))
    assert all(each.stop_reason is StopReason.END for each in found)


def test_too_little_memory_halves_the_slots_and_loses_no_page() -> None:
    needs = dict.fromkeys(range(20), 1.0)
    decoder = FakeDecoder(scripts(*[40] * 20), capacity=8, memory=3, needs=needs)
    found = read(decoder, [page(index) for index in range(20)])
    assert decoder.capacity in (2, 4)
    assert all(found[i].raw == text_of(decoder.scripts[i]) for i in range(20))


def test_a_page_too_large_even_alone_fails_for_memory_and_the_others_are_read() -> None:
    needs = {0: 1.0, 1: 9.0, 2: 1.0, 3: 1.0}
    decoder = FakeDecoder(scripts(*[40] * 4), capacity=4, memory=3, needs=needs)
    found = read(decoder, [page(index) for index in range(4)])
    assert found[1].stop_reason is StopReason.MEMORY
    assert found[1].failure
    assert all(found[i].raw == text_of(decoder.scripts[i]) for i in (0, 2, 3))


def test_pages_are_read_while_the_next_is_waited_for() -> None:
    queue: Queue[PreparedPage | None] = Queue()
    decoder = FakeDecoder(scripts(20, 20, 20))
    answers = Scheduler(decoder, LIMITS).run(iter(queue.get, None))
    for index in range(3):
        queue.put(page(index))
        assert next(answers).page_id == f"ab-{index}"
    queue.put(None)
    assert list(answers) == []


def test_pages_are_taken_only_as_there_is_room() -> None:
    taken = []

    def pages() -> Iterator[PreparedPage]:
        for index in range(60):
            taken.append(index)
            yield page(index)

    answers = Scheduler(FakeDecoder(scripts(*[30] * 60), capacity=4), LIMITS).run(pages())
    for count, _ in enumerate(answers, start=1):
        assert len(taken) <= count + 4 + 1 + 1  # the slots, one ahead, and the one just answered
    assert len(taken) == 60


def test_what_the_iterable_raises_is_raised_once_its_pages_are_answered() -> None:
    def pages() -> Iterator[PreparedPage]:
        yield page(0)
        yield page(1)
        raise LookupError("no more")

    found: list[Recognition] = []
    with pytest.raises(LookupError, match="no more"):
        found.extend(Scheduler(FakeDecoder(scripts(30, 60)), LIMITS).run(pages()))
    assert [each.page_id for each in found] == ["ab-0", "ab-1"]


def test_a_consumer_that_stops_early_leaves_no_thread() -> None:
    decoder = FakeDecoder(scripts(*[10] * 90))
    answers = Scheduler(decoder, LIMITS).run(page(index) for index in range(90))
    next(answers)
    answers.close()  # type: ignore[attr-defined]  # a generator
    until = time.monotonic() + 5
    while any(thread.name == "ocrx-prepare" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert Scheduler(decoder, LIMITS).run([page(3)])


PAGES = st.lists(
    st.tuples(
        st.integers(0, 40),  # tokens
        st.sampled_from([0.0, 1.0, 2.0, 9.0]),  # memory
        st.sampled_from([None, None, None, None, -2, -1, 5]),  # where it breaks
        st.sampled_from([ResolutionMode.TINY, ResolutionMode.BASE]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(PAGES, st.integers(1, 6), st.sampled_from([4.0, float("inf")]))
def test_no_page_is_lost_whatever_happens(
    drawn: list[tuple[int, float, int | None, ResolutionMode]], capacity: int, memory: float
) -> None:
    decoder = FakeDecoder(
        {index: script(index, each[0]) for index, each in enumerate(drawn)},
        capacity=capacity,
        memory=memory,
        needs={index: each[1] for index, each in enumerate(drawn)},
        breaks_at={index: each[2] for index, each in enumerate(drawn) if each[2] is not None},
    )
    pages = [page(index, mode=each[3]) for index, each in enumerate(drawn)]
    found = list(Scheduler(decoder, LIMITS).run(pages))
    assert Counter(each.page_id for each in found) == Counter(p.request.page_id for p in pages)
    for each in found:
        index = int(each.page_id.split("-")[1])
        length, need, breaks, _ = drawn[index]
        if each.stop_reason is StopReason.END:
            assert each.raw == text_of(decoder.scripts[index])
        elif each.stop_reason is StopReason.FAILED:
            assert breaks is not None
            assert breaks <= length
        else:
            assert each.stop_reason is StopReason.MEMORY
            assert need > memory
