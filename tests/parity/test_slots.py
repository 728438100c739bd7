"""Room for sequences: what is written is kept, and no more is read than was asked for."""

from types import SimpleNamespace

import pytest
import torch

from ocrx.engines.local.slots import LENGTH_STEP, SlotCache, length_bucket

HEADS, DIM = 2, 4
CONFIG = SimpleNamespace(
    num_hidden_layers=1, num_attention_heads=HEADS, num_key_value_heads=HEADS, hidden_size=8
)


def cache(slots: int, most: int = 1000) -> SlotCache:
    return SlotCache(CONFIG, slots, most, torch.zeros(1))


def states(rows: int, positions: int, value: float) -> torch.Tensor:
    return torch.full((rows, HEADS, positions, DIM), value)


def read(slots: SlotCache, rows: int, write: int, length: int, value: float) -> torch.Tensor:
    everything = torch.full((rows,), length)
    slots.step(torch.full((rows,), write), everything, length)
    keys, values = slots.update(states(rows, 1, value), states(rows, 1, -value), 0)
    assert torch.equal(values, -keys)
    return keys


def test_views_have_few_lengths_and_waste_little():
    lengths = [length_bucket(positions) for positions in range(1, 32769)]
    assert all(length >= positions for positions, length in enumerate(lengths, 1))
    assert all(
        length - positions <= max(LENGTH_STEP, positions / 4)
        for positions, length in enumerate(lengths, 1)
    )
    assert len(set(lengths)) <= 8 + 4 * 4
    assert lengths == sorted(lengths)


def test_a_prompt_and_its_tokens_lie_side_by_side():
    slots = cache(3)
    assert slots.reserve(4)
    slots.fill([2, 0])
    prompt = torch.cat([states(1, 3, 1.0), states(1, 3, 2.0)])
    seen, _ = slots.update(prompt, -prompt, 0)
    assert torch.equal(seen, prompt)  # a prompt attends to itself alone
    keys = read(slots, 3, 3, 4, 9.0)
    assert keys.shape == (3, HEADS, 4, DIM)
    assert keys[:, 0, :, 0].tolist() == [[2, 2, 2, 9], [0, 0, 0, 9], [1, 1, 1, 9]]


def test_room_grows_and_keeps_what_is_there():
    slots = cache(1, most=8192)
    assert slots.reserve(10)
    slots.fill([0])
    slots.update(states(1, 10, 1.0), states(1, 10, -1.0), 0)
    room = slots.positions
    assert not slots.reserve(room - 1)
    assert slots.reserve(room)
    assert slots.positions >= 2 * room
    assert read(slots, 1, 10, 12, 5.0)[0, 0, :, 0].tolist() == [1.0] * 10 + [5.0, 0.0]


@pytest.mark.parametrize("positions", [1, 255, 256, 512, 999, 1000])
def test_nobody_attends_to_the_position_for_scratch(positions):
    slots = cache(1)
    slots.reserve(positions)
    assert positions <= slots.scratch < slots.positions


def test_room_does_not_double_past_the_longest_sequence():
    slots = cache(1, most=1000)
    slots.reserve(900)
    assert slots.positions == 1024 + LENGTH_STEP


def test_dropped_room_is_made_anew_and_empty():
    slots = cache(2)
    slots.reserve(4)
    slots.fill([0])
    slots.update(states(1, 4, 1.0), states(1, 4, -1.0), 0)
    slots.drop(1)
    assert slots.reserve(4)
    assert read(slots, 1, 3, 4, 9.0)[:, 0, :, 0].tolist() == [[0, 0, 0, 9]]
