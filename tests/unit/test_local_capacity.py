"""How many pages fit a device, by the sizes of the published model."""

import pytest

from ocrx.engines.local.capacity import (
    MOST_PAGES,
    MOST_PAGES_WITHOUT_GPU,
    bias_bytes,
    page_bytes,
    pages_at_once,
    position_bytes,
    slot_positions,
    working_bytes,
)
from ocrx.engines.local.catalogue import Family, card_of
from ocrx.engines.local.configuration import sizes_of
from ocrx.errors import ExitCode, MissingRequirementError
from tests.parity.tiny_checkpoints import config_of

SIZES = sizes_of(config_of(Family.DEEPSEEK_OCR, real=True))
CARD = card_of(Family.DEEPSEEK_OCR)
GIB = 2**30
BF16 = 2


def pages(free_gib: float, device: str = "cuda:0", batch: int = 0) -> int:
    return pages_at_once(SIZES, CARD, BF16, device, int(free_gib * GIB), batch)


def test_sizes_are_those_measured_on_the_published_model():
    assert position_bytes(SIZES.text, BF16) == 61_440
    megabytes = {px: round(bias_bytes(SIZES.sam, px, BF16) / 1e6) for px in (640, 1024, 1280)}
    assert megabytes == {640: 61, 1024: 403, 1280: 983}


def test_every_page_that_is_admitted_may_grow_to_its_full_length():
    free = 20 * GIB
    count = pages(20)
    assert 1 < count < MOST_PAGES
    full = SIZES.text.max_positions * position_bytes(SIZES.text, BF16)
    assert count * full + working_bytes(SIZES, BF16) <= free
    assert (count + 3) * page_bytes(SIZES, CARD, BF16) + working_bytes(SIZES, BF16) > free * 0.95


def test_a_large_device_reads_as_many_as_pay():
    assert pages(139 - 7) >= 240
    assert pages(500) == MOST_PAGES


def test_a_cap_is_kept_and_a_cpu_reads_few():
    assert pages(100, batch=3) == 3
    assert pages(100, "cpu") == MOST_PAGES_WITHOUT_GPU
    assert pages(100, "cpu", batch=16) == 16
    assert pages(3.4, batch=64) < 64


def test_a_sliding_window_needs_room_for_the_prompt_and_the_window_only():
    sizes = sizes_of(config_of(Family.UNLIMITED_OCR, real=True))
    positions = slot_positions(sizes.text, card_of(Family.UNLIMITED_OCR))
    assert 32 * 100 + 256 + 128 < positions < 5000


def test_no_room_for_one_page_is_said_with_what_helps():
    with pytest.raises(MissingRequirementError, match=r"cuda:0 has 1\.0 GiB free .* needs 2") as no:
        pages(1)
    assert "--device cpu" in str(no.value)
    assert "\n" not in str(no.value)
    assert no.value.exit_code is ExitCode.MISSING_REQUIREMENT
    with pytest.raises(MissingRequirementError) as no:
        pages(1, "cpu")
    assert "--device cpu" not in str(no.value)
