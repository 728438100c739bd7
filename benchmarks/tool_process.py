"""Hold one tool's process: send it documents, wait with a limit, start it again when it dies."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_SECONDS = 120.0
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool made of a document; ``markdown`` is None when it failed."""

    markdown: str | None
    failure: str | None
    seconds: float
    cpu_seconds: float
    peak_rss_mb: float


class ToolProcess:
    """A running tool. ``absent`` says why the tool cannot run here, None when it can."""

    def __init__(self, name: str, python: str = sys.executable) -> None:
        """Start the tool."""
        self.name = name
        self._python = python
        self.absent: str | None = None
        self.ready_seconds = 0.0
        self._start()

    def convert(self, path: Path, language: str, limit_seconds: float) -> Answer:
        """Convert one document; a crash or a time-out is a failure of this document alone."""
        if self._process.poll() is not None:
            self._start()
        request = json.dumps({"path": str(path.resolve()), "language": language})
        try:
            self._write(request)
            reply = self._read(limit_seconds)
        except (TimeoutError, BrokenPipeError, ValueError) as error:
            self._process.kill()
            self._process.wait()
            return Answer(None, f"{type(error).__name__}: {error}", limit_seconds, 0.0, 0.0)
        return Answer(
            reply.get("markdown"),
            reply.get("failure"),
            reply["seconds"],
            reply["cpu_seconds"],
            reply["peak_rss_mb"],
        )

    def __enter__(self) -> Self:
        """Return the running tool."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the tool."""
        self._process.kill()
        self._process.communicate()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [self._python, "-m", "benchmarks.peers", self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
        )
        try:
            first = self._read(START_SECONDS)
        except (TimeoutError, ValueError) as error:
            first = {"absent": f"it does not start: {error}"}
        self.absent = first.get("absent")
        self.ready_seconds = first.get("ready_seconds", 0.0)

    def _write(self, line: str) -> None:
        if self._process.stdin is None:
            raise ValueError("no pipe to the tool")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self, limit_seconds: float) -> dict[str, Any]:
        if self._process.stdout is None:
            raise ValueError("no pipe from the tool")
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(limit_seconds):
                raise TimeoutError(f"no answer in {limit_seconds:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise ValueError("the process ended")
        reply: dict[str, Any] = json.loads(line)
        return reply
