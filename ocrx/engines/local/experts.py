"""Which way to multiply by a layer's experts is fastest, found by measuring on the device.

The ways are those of transformers, and one of our own: every expert for every token. When a few
dozen tokens are decoded together, nearly every expert is asked for by one of them, so reading each
expert's weights once is the least that can be read; nothing is copied, sorted or counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS

from ocrx.engines.local.graphs import Capture

EVERY_EXPERT = "ocrx_every_expert"
_FEW = 512  # tokens, beyond which every expert for every token is too much arithmetic and memory
_MOST_MEASURED = 2 * _FEW  # more tokens than this are multiplied as so many are
_RUNS = 3
_ENOUGH_SECONDS = 0.1  # a run that takes so long need not be repeated


def every_expert_forward(
    experts: Any, hidden_states: Any, top_k_index: Any, top_k_weights: Any
) -> Any:
    """Multiply all tokens [tokens, hidden] by all experts, then sum those that were asked for."""
    tokens = hidden_states.expand(experts.num_experts, -1, -1)
    gated = experts._apply_gate(torch.bmm(tokens, experts.gate_up_proj.transpose(1, 2)))
    out = torch.bmm(gated, experts.down_proj.transpose(1, 2))
    rows = torch.arange(len(hidden_states), device=out.device)[:, None]
    asked = out[top_k_index, rows]  # tokens, asked, hidden
    return (asked * top_k_weights[..., None]).sum(dim=1).to(hidden_states.dtype)


class ExpertsChoice:
    """Sets how a language model multiplies by its experts, for every number of tokens."""

    def __init__(self, language_model: Any, pinned: str | None = None) -> None:
        """Measure nothing yet. ``pinned`` names one way for all."""
        ALL_EXPERTS_FUNCTIONS.register(EVERY_EXPERT, every_expert_forward)
        sparse = [layer.mlp for layer in language_model.layers if hasattr(layer.mlp, "experts")]
        self._experts = [mlp.experts for mlp in sparse]
        self._per_token = sparse[0].gate.top_k if sparse else 0
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
            ways.append("batched_mm")
        if weight.device.type == "cpu" or _groups_on_the_device(weight):
            ways.append("grouped_mm")
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
