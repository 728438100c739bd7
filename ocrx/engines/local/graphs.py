"""A step of the decoder, its inputs in fixed buffers, replayed as a CUDA graph where there is CUDA.

A graph replays hundreds of kernels at one launch, which is most of the time of a step of few rows.
What a step computes is for ``decoder``; this module knows shapes and addresses alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch

_log = logging.getLogger(__name__)
_WARM_UPS = 2  # a first run allocates workspaces, which a capture may not


def captured(function: Callable[[], Any], pool: Any = None) -> tuple[Any, Any]:
    """Return a CUDA graph of ``function`` and the buffers that its replays write.

    ``function`` must not wait for the device, and must bear being run several times. ``pool``
    shares memory between graphs of which no two are in use at once.

    Raises:
        RuntimeError: it cannot be captured (torch.OutOfMemoryError: memory ran out).
    """
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UPS):
            function()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    # thread_local: pages are prepared on another thread meanwhile
    with torch.cuda.graph(graph, pool=pool, stream=side, capture_error_mode="thread_local"):
        output = function()
    return graph, output


class StaticStep:
    """Runs ``forward(inputs [columns, rows], length)`` for batches and lengths of a few sizes.

    Inputs are int64 and always lie in the same buffer. On CUDA a graph is captured for every size
    of batch and length at its first use; where capture fails, the step runs as it is from then on.
    """

    def __init__(
        self, forward: Callable[[Any, int], Any], columns: int, rows: int, device: Any
    ) -> None:
        """Make the buffers; ``rows`` is the largest batch."""
        self._forward = forward
        self.captures = device.type == "cuda"
        self._staging = torch.zeros((rows, columns), dtype=torch.int64, pin_memory=self.captures)
        self._inputs = torch.zeros((rows, columns), dtype=torch.int64, device=device)
        self._graphs: dict[tuple[int, int], tuple[Any, Any]] = {}
        self._pool: Any = None

    def __call__(self, rows: Sequence[Sequence[int]], length: int) -> Any:
        """Return what ``forward`` makes of these rows; good until the next call."""
        count = len(rows)
        self._staging[:count] = torch.tensor(rows)
        self._inputs[:count].copy_(self._staging[:count], non_blocking=True)
        if self.captures:
            self._capture(count, length)
        if (count, length) in self._graphs:
            graph, output = self._graphs[count, length]
            graph.replay()
            return output
        return self._run(count, length)

    def forget(self) -> None:
        """Drop all graphs: what they read or write has moved."""
        self._graphs.clear()
        self._pool = None

    def _run(self, count: int, length: int) -> Any:
        return self._forward(self._inputs[:count].T, length)

    def _capture(self, count: int, length: int) -> None:
        if (count, length) in self._graphs:
            return
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        try:
            graph = captured(lambda: self._run(count, length), self._pool)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            _log.warning("decoding without CUDA graphs, which is slower: %s", error)
            self.captures = False
            self.forget()
        else:
            self._graphs[count, length] = graph
