"""Which way to multiply by a layer's experts is fastest, found by measuring on the device.

The ways are those of transformers, and three of our own for few tokens, which take fewer kernels:
every expert for every token, which reads each expert's weights once and copies nothing, for when
nearly every expert is asked for; copies of the asked experts' weights; and groups of tokens, which
read the asked experts alone where the device has a kernel for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F  # noqa: N812 - its usual name
from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS

from ocrx.engines.local.graphs import Capture

EVERY_EXPERT = "ocrx_every_expert"
COPIED_EXPERTS = "ocrx_copied_experts"
RANKED_TOKENS = "ocrx_ranked_tokens"
_FEW = 512  # tokens, beyond which every expert for every token is too much arithmetic and memory
_MOST_RANKED = 64  # tokens; with six experts each, 384 x 384 comparisons
_MOST_MEASURED = 2 * _FEW  # more tokens than this are multiplied as so many are
_RUNS = 3
_ENOUGH_SECONDS = 0.1  # a run that takes so long need not be repeated


def every_expert_forward(
    experts: Any, hidden_states: Any, top_k_index: Any, top_k_weights: Any
) -> Any:
    """Multiply all tokens [tokens, hidden] by all experts, then sum those that were asked for."""
    tokens = hidden_states.expand(experts.num_experts, -1, -1)
    gated = experts._apply_gate(torch.bmm(tokens, experts.gate_up_proj.transpose(1, 2)))
    out = torch.bmm(gated, experts.down_proj.transpose(1, 2)).transpose(0, 1)
    asked = out.gather(1, top_k_index[..., None].expand(-1, -1, out.shape[2]))
    return _summed(asked, top_k_weights)


def copied_experts_forward(
    experts: Any, hidden_states: Any, top_k_index: Any, top_k_weights: Any
) -> Any:
    """Copy the weights that each token [tokens, hidden] asks for next to each other."""
    tokens, asked = top_k_index.shape
    joined = experts.gate_up_proj[top_k_index].flatten(1, 2)
    gated = experts._apply_gate(torch.bmm(joined, hidden_states[..., None]).view(tokens, asked, -1))
    down = experts.down_proj[top_k_index].flatten(0, 1)
    out = torch.bmm(down, gated.flatten(0, 1)[..., None])
    return _summed(out.view(tokens, asked, -1), top_k_weights)


def ranked_tokens_forward(
    experts: Any, hidden_states: Any, top_k_index: Any, top_k_weights: Any
) -> Any:
    """Group tokens [tokens, hidden] by expert; a token's place is how many come before it.

    Counting compares all with all: few kernels, and little work while tokens are few.
    """
    tokens, asked = top_k_index.shape
    pairs, numbers = top_k_index.numel(), experts.ocrx_numbers
    order = torch.add(numbers[:pairs], top_k_index.flatten(), alpha=pairs)  # no two are equal
    place = (order < order[:, None]).sum(dim=1)
    here_or_before = top_k_index.flatten() <= numbers[: experts.num_experts, None]
    ends = here_or_before.sum(dim=1, dtype=torch.int32)
    grouped = hidden_states.new_empty((pairs, hidden_states.shape[1]))
    grouped[place.view(tokens, asked)] = hidden_states[:, None]
    gate_up, down = (each.transpose(1, 2) for each in (experts.gate_up_proj, experts.down_proj))
    gated = experts._apply_gate(F.grouped_mm(grouped, gate_up, offs=ends))
    out = F.grouped_mm(gated, down, offs=ends)
    return _summed(out[place].view(tokens, asked, -1), top_k_weights)


def _summed(asked: Any, weights: Any) -> Any:
    """Weigh [tokens, asked, hidden] and sum over what was asked for, in one kernel."""
    return torch.bmm(weights.to(asked.dtype)[:, None], asked).squeeze(1)


_OWN_WAYS = {
    EVERY_EXPERT: every_expert_forward,
    COPIED_EXPERTS: copied_experts_forward,
    RANKED_TOKENS: ranked_tokens_forward,
}


class ExpertsChoice:
    """Sets how a language model multiplies by its experts, for every number of tokens."""

    def __init__(self, language_model: Any, pinned: str | None = None) -> None:
        """Measure nothing yet. ``pinned`` names one way for all."""
        for name, way in _OWN_WAYS.items():
            ALL_EXPERTS_FUNCTIONS.register(name, way)
        sparse = [layer.mlp for layer in language_model.layers if hasattr(layer.mlp, "experts")]
        self._experts = [mlp.experts for mlp in sparse]
        self._per_token = sparse[0].gate.top_k if sparse else 0
        for experts in self._experts:
            most = max(experts.num_experts, _MOST_RANKED * self._per_token)
            numbers = torch.arange(most, device=experts.gate_up_proj.device)
            experts.register_buffer("ocrx_numbers", numbers, persistent=False)
        self._pinned = pinned
        self._capture: Capture | None = None
        self._fastest: dict[tuple[int, bool], str] = {}

    def use(self, tokens: int, captures: bool = False) -> None:
        """Take the fastest way for so many tokens; ``captures``: one that a CUDA graph can hold."""
        if not self._experts:
            return
        key = (min(_MOST_MEASURED, 1 << (tokens - 1).bit_length()), captures)
        if key not in self._fastest:
            self._fastest[key] = self._pinned or self._measured(*key)
        self._set(self._fastest[key])

    def ways(self, tokens: int, captures: bool = False) -> list[str]:
        """Return the ways that run here for so many tokens and could be the fastest."""
        experts = self._experts[0]
        weight = experts.gate_up_proj
        ways = []
        if captures or tokens <= _FEW:
            ways.append(EVERY_EXPERT)
        # It copies an expert's weights for each token that asks for it: read, written, read again.
        if 2 * tokens * self._per_token <= experts.num_experts:
            ways.append(COPIED_EXPERTS)
        if weight.device.type == "cpu" or _groups_on_the_device(weight):
            ways.append("grouped_mm")
            if tokens <= _MOST_RANKED:
                ways.append(RANKED_TOKENS)
        if not captures:
            ways.append("eager")  # asks the device which experts are hit
        return ways

    def _set(self, way: str) -> None:
        # The public set_experts_implementation walks thousands of modules, and this is every pass.
        for experts in self._experts:
            experts.config._experts_implementation_internal = way

    def _measured(self, tokens: int, captures: bool) -> str:
        ways = self.ways(tokens, captures)
        if len(ways) == 1:
            return ways[0]
        seconds = {}
        if captures and self._capture is None:
            self._capture = Capture(self._experts[0].gate_up_proj.device)
        for way in ways:
            self._set(way)
            seconds[way] = _seconds(self._pass(tokens), self._capture if captures else None)
        return min(ways, key=lambda way: seconds[way])

    def _pass(self, tokens: int) -> Callable[[], None]:
        """Return a call for tokens that ask for experts evenly.

        On a GPU of all layers: the weights of one would be found in its cache, which they never are
        when a token passes through the model.
        """
        weight, number = self._experts[0].gate_up_proj, self._experts[0].num_experts
        hidden = torch.ones((tokens, weight.shape[-1]), dtype=weight.dtype, device=weight.device)
        pairs = torch.arange(tokens * self._per_token, device=weight.device) % number
        index = pairs.view(tokens, self._per_token)
        shares = torch.full(index.shape, 1 / self._per_token, device=weight.device)
        layers = self._experts if weight.device.type == "cuda" else self._experts[:1]

        def call() -> None:
            for experts in layers:
                experts(hidden, index, shares)

        return call


def _groups_on_the_device(weight: Any) -> bool:
    """Whether torch has a kernel for groups that never asks the host: Hopper and Blackwell, bf16.

    On other devices ``grouped_mm`` loops over the experts on the host.
    """
    if weight.device.type != "cuda" or weight.dtype is not torch.bfloat16:
        return False
    return torch.cuda.get_device_capability(weight.device)[0] in (9, 10)


def _seconds(call: Callable[[], None], capture: Capture | None) -> float:
    """Return the least time of a few runs; infinity for what does not run, or not in a graph."""
    try:
        run = call
        if capture is not None:
            capture.renew()
            graph, _ = capture.graph(call)
            run = graph.replay
        run()
        least = float("inf")
        for _ in range(_RUNS):
            _wait()
            start = time.perf_counter()
            run()
            _wait()
            least = min(least, time.perf_counter() - start)
            if least > _ENOUGH_SECONDS:
                break
    except torch.OutOfMemoryError:
        raise
    except RuntimeError:
        return float("inf")
    return least


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
