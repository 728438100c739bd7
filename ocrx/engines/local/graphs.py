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


class Capture:
    """Captures graphs on one stream and in one pool of memory: no two may be in use at once."""

    def __init__(self, device: Any) -> None:
        """Begin with no graph."""
        self._stream = torch.cuda.Stream(device)
        self.renew()

    def renew(self) -> None:
        """Begin a pool anew; torch takes none for a capture whose graphs are all gone."""
        self._pool = torch.cuda.graph_pool_handle()

    def graph(self, function: Callable[[], Any]) -> tuple[Any, Any]:
        """Return a graph of ``function`` and the buffers that its replays write.

        ``function`` must not wait for the device, and must bear being run several times.

        Raises:
            RuntimeError: it cannot be captured (torch.OutOfMemoryError: memory ran out).
        """
        before = torch.cuda.current_stream()
        self._stream.wait_stream(before)
        with torch.cuda.stream(self._stream):
            for _ in range(_WARM_UPS):
                function()
        graph = torch.cuda.CUDAGraph()
        # thread_local: pages are prepared on another thread meanwhile
        mode = "thread_local"
        try:
            with torch.cuda.graph(graph, self._pool, self._stream, capture_error_mode=mode):
                output = function()
        finally:
            torch.cuda.set_stream(before)  # a capture that fails leaves its own
            before.wait_stream(self._stream)
        return graph, output


class StaticStep:
    """Runs ``forward(inputs [columns, rows], length)`` for batches and lengths of a few sizes.

    Inputs are int64 and always lie in the same buffer. With a ``capture``, a graph is made for
    every size of batch and length at its first use; where that fails, the step runs as it is from
    then on.
    """

    def __init__(
        self,
        forward: Callable[[Any, int], Any],
        columns: int,
        rows: int,
        device: Any,
        capture: Capture | None,
    ) -> None:
        """Make the buffers; ``rows`` is the largest batch."""
        self._forward, self._capture = forward, capture
        pinned = device.type == "cuda"
        self._staging = torch.zeros((rows, columns), dtype=torch.int64, pin_memory=pinned)
        self._inputs = torch.zeros((rows, columns), dtype=torch.int64, device=device)
        self._graphs: dict[tuple[int, int], tuple[Any, Any]] = {}

    @property
    def captures(self) -> bool:
        """Whether steps are replayed."""
        return self._capture is not None

    def __call__(self, rows: Sequence[Sequence[int]], length: int) -> Any:
        """Return what ``forward`` makes of these rows; good until the next call."""
        count = len(rows)
        self._staging[:count] = torch.tensor(rows)
        self._inputs[:count].copy_(self._staging[:count], non_blocking=True)

        def run() -> Any:
            return self._forward(self._inputs[:count].T, length)

        graph, output = self._graphs.get((count, length)) or self._made((count, length), run)
        if graph is None:
            return run()
        graph.replay()
        return output

    def forget(self) -> None:
        """Drop all graphs: what they read or write has moved."""
        self._graphs.clear()
        if self._capture is not None:
            self._capture.renew()

    def _made(self, size: tuple[int, int], run: Callable[[], Any]) -> tuple[Any, Any]:
        if self._capture is None:
            return None, None
        try:
            self._graphs[size] = self._capture.graph(run)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            _log.warning("decoding without CUDA graphs, which is slower: %s", error)
            self._capture = None
            self.forget()
            return None, None
        return self._graphs[size]
