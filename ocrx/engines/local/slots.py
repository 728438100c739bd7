"""The keys and values of many sequences, each in a slot of its own.

Sequences begin, grow and end independently: a slot is written anew by the next page's prompt, and
nothing is ever moved. The models' own attention reads and writes through transformers' ``Cache``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

LENGTH_STEP = 256
_STEPS_AN_OCTAVE = 4


def length_bucket(positions: int) -> int:
    """Return the length of the view that holds so many positions: four steps an octave.

    Few lengths, so that few graphs are captured, and at most a quarter of a view read in vain.
    """
    step = LENGTH_STEP
    while step * 2 * _STEPS_AN_OCTAVE <= positions:
        step *= 2
    return -(-positions // step) * step


@dataclass(slots=True)
class _Turn:
    """What the layers do at the next pass; all layers share it.

    A prompt's pass fills ``slots`` [rows] from their first position. A step's pass, over the
    first slots (``rows``), writes at ``write`` [rows] and reads the first ``length`` positions.
    """

    slots: Any = None
    rows: Any = None
    write: Any = None
    length: int = 0


class _SlotLayer(CacheLayerMixin):  # type: ignore[misc]  # transformers is untyped
    """One layer: ``states`` are its keys and values [slots, 2, heads, positions, head_dim]."""

    def __init__(self, turn: _Turn) -> None:
        super().__init__()
        self._turn = turn
        self.states: Any = None

    def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
        """Do nothing: ``SlotCache.reserve`` makes room before a pass."""

    def resize(self, slots: int, positions: int, like: Any) -> None:
        """Make room, keeping what is there. Zeros: what is masked must still be a number."""
        new = like.new_zeros((slots, 2, like.shape[0], positions, like.shape[1]))
        if self.states is not None:
            new[:, :, :, : self.states.shape[3]] = self.states
        self.states = new

    def update(
        self, key_states: Any, value_states: Any, *args: Any, **kwargs: Any
    ) -> tuple[Any, Any]:
        """Do as ``exchange``, in the words of transformers."""
        return self.exchange(torch.stack((key_states, value_states), dim=1))

    def exchange(self, new: Any) -> tuple[Any, Any]:
        """Write [rows, 2, heads, new, head_dim]; return the keys and values rows attend to."""
        turn = self._turn
        if turn.slots is not None:
            self.states[turn.slots, :, :, : new.shape[3]] = new
            keys, values = new.unbind(1)
        else:
            self.states[turn.rows, :, :, turn.write] = new[:, :, :, 0]
            keys, values = self.states[: len(new), :, :, : turn.length].unbind(1)
        return keys, values

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return what a mask over a prompt's pass has to cover: the prompt alone."""
        return query_length, 0

    def get_seq_length(self) -> int:
        """Return 0: rows differ, and positions are given explicitly."""
        return 0

    def get_max_length(self) -> int:
        """Return -1: room is made as it is needed."""
        return -1


class SlotCache(Cache):  # type: ignore[misc]  # transformers is untyped
    """Slots for every layer of a language model."""

    def __init__(self, text_config: Any, slots: int, max_positions: int, like: Any) -> None:
        """Reserve nothing yet. ``like`` gives the dtype and the device."""
        self._turn = _Turn()
        layers = [_SlotLayer(self._turn) for _ in range(text_config.num_hidden_layers)]
        super().__init__(layers=layers)
        head_dim = getattr(text_config, "head_dim", None)
        head_dim = head_dim or text_config.hidden_size // text_config.num_attention_heads
        self._like = like.new_empty((text_config.num_key_value_heads, head_dim))
        self._most = length_bucket(max_positions)
        self._seen, self._hidden = like.new_tensor((0.0, torch.finfo(like.dtype).min)).unbind()
        self._numbers: Any = None  # 0, 1, 2 ... as many as there are slots or positions
        self.slots = slots
        self.positions = 0

    @property
    def scratch(self) -> int:
        """A position that no row attends to, for rows that only pad a batch to write at."""
        return self.positions - 1

    def reserve(self, positions: int) -> bool:
        """Make room for so many positions in each slot; say whether buffers moved.

        Room doubles up to the most that a sequence may have, and one step more for ``scratch``.
        """
        if positions < self.positions:
            return False
        wanted = length_bucket(min(max(positions, 2 * self.positions), self._most))
        room = max(wanted, length_bucket(positions)) + LENGTH_STEP
        for layer in self.layers:
            layer.resize(self.slots, room, self._like)
        self._numbers = torch.arange(max(room, self.slots), device=self._like.device)
        self.positions = room  # not before: if memory runs out, what was there stays good
        return True

    def drop(self, slots: int) -> None:
        """Forget every sequence and go on with so many slots."""
        for layer in self.layers:
            layer.states = None
        self.slots, self.positions = slots, 0

    def fill(self, slots: Sequence[int]) -> None:
        """Let the next pass write the prompts of these slots."""
        self._turn.slots = torch.tensor(slots, device=self._like.device)

    def step(self, write: Any, visible: Any, length: int) -> Any:
        """Let the next pass write one position a row, and read the first ``length``.

        Return the mask [rows, 1, 1, length] that hides all but the first ``visible`` [rows].
        """
        turn = self._turn
        turn.slots, turn.write, turn.length = None, write, length
        turn.rows = self._numbers[: len(write)]
        seen = self._numbers[:length] < visible[:, None]
        return torch.where(seen, self._seen, self._hidden)[:, None, None]

    def exchange(self, layer: int, new: Any) -> tuple[Any, Any]:
        """Write a layer's keys and values [rows, 2, heads, new, head_dim] as told for this pass.

        Return the keys and values that the rows attend to, both [rows, heads, length, head_dim].
        """
        return cast("_SlotLayer", self.layers[layer]).exchange(new)
