"""Measure what ocrx and its peers cost on the same documents: ``python -m benchmarks.speed``.

Every tool runs on one core, from the start of its process to the last document, so that loading
counts as it does for a user. Writes ``results/speed.md``, a table for the README, and
``results/speed.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import pymupdf

from benchmarks import RESULTS
from benchmarks.cases import CORPUS, EXAMPLES, Case, from_folders
from benchmarks.peers import STARTERS

ROOT = Path(__file__).parent.parent
POLL_SECONDS = 0.05
START_UP_RUNS = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What a tool cost over a group of documents, on one core."""

    tool: str
    group: str
    pages: int
    seconds: float
    cpu_seconds: float
    peak_rss_mb: float
    exit_code: int


class MemoryWatch(threading.Thread):
    """Note the largest resident size of any one process of a tree."""

    def __init__(self, pid: int) -> None:
        """Watch the process and its descendants."""
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self._process = psutil.Process(pid)
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look again and again until stopped."""
        while not self._stopped.wait(POLL_SECONDS):
            try:
                tree = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in tree:
                self._note(process)

    def stop(self) -> float:
        """Stop and return the peak in MB."""
        self._stopped.set()
        self.join()
        return self.peak_mb

    def _note(self, process: psutil.Process) -> None:
        try:
            self.peak_mb = max(self.peak_mb, process.memory_info().rss / 2**20)
        except psutil.NoSuchProcess:
            return


def measure(tool: str, group: str, cases: Sequence[Case], python: str) -> Cost:
    """Run a tool over all documents of a group in one go."""
    with tempfile.TemporaryDirectory() as folder:
        command, requests = _command(tool, cases, python, folder)
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=ROOT, preexec_fn=_one_core,
        )  # fmt: skip
        watch = MemoryWatch(process.pid)
        watch.start()
        if process.stdin:
            process.stdin.write(requests)
            process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    pages = sum(_pages(case.path) for case in cases)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(tool, group, pages, seconds, cpu, watch.stop(), process.returncode)


def _command(tool: str, cases: Sequence[Case], python: str, folder: str) -> tuple[list[str], bytes]:
    if tool == "ocrx":
        paths = [str(case.path.resolve()) for case in cases]
        options = ["-o", folder, "-j", "1", "--no-cache", "-q"]
        return [python, "-m", "ocrx", "convert", *paths, *options], b""
    lines = [json.dumps({"path": str(c.path.resolve()), "language": c.language}) for c in cases]
    return [python, "-m", "benchmarks.peers", tool], ("\n".join(lines) + "\n").encode()


def _one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _pages(path: Path) -> int:
    with pymupdf.open(path) as document:
        return len(document)


def start_up_seconds() -> float:
    """Return the best of some runs of ``ocrx --help``."""
    best = float("inf")
    for _ in range(START_UP_RUNS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "ocrx", "--help"], capture_output=True, check=True)
        best = min(best, time.perf_counter() - started)
    return best


def table(costs: Sequence[Cost], start_up: float) -> str:
    """Return the Markdown table."""
    head = "| documents | tool | pages/s a core | CPU s a page | largest process, MB |"
    lines = [head, "|---|---|---:|---:|---:|"]
    for cost in sorted(costs, key=lambda cost: cost.group):
        lines.append(
            f"| {cost.group} ({cost.pages} pages) | {cost.tool} | {cost.pages / cost.seconds:.2f} "
            f"| {cost.cpu_seconds / cost.pages:.2f} | {cost.peak_rss_mb:.0f} |"
        )
    return "\n".join(lines) + f"\n\n`ocrx --help` takes {start_up:.2f} s.\n"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Measure speed and memory on one core.")
    parser.add_argument("folders", type=Path, nargs="*", help="default: examples and build/corpus")
    parser.add_argument("--tools", default=",".join(STARTERS), help="which tools, by comma")
    parser.add_argument("--python", action="append", default=[], help="TOOL=INTERPRETER")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    cases = from_folders(options.folders or [f for f in (EXAMPLES, CORPUS) if f.exists()])
    pythons = dict(item.split("=", 1) for item in options.python)
    if os.getloadavg()[0] > 1:
        print("this machine is busy: the pages a second below are too low", file=sys.stderr)
    costs = []
    for group in sorted({case.group for case in cases}):
        for tool in options.tools.split(","):
            chosen = [case for case in cases if case.group == group]
            costs.append(measure(tool, group, chosen, pythons.get(tool, sys.executable)))
            print(costs[-1], flush=True)
    start_up = start_up_seconds()
    options.results.mkdir(parents=True, exist_ok=True)
    written = table(costs, start_up)
    (options.results / "speed.md").write_text(written, encoding="utf-8")
    data = {"start_up_seconds": start_up, "costs": [asdict(cost) for cost in costs]}
    (options.results / "speed.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    print(written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
