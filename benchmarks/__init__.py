"""The scripts behind every figure in the README; each is run as ``python -m benchmarks.NAME``."""

from pathlib import Path

RESULTS = Path(__file__).parent / "results"
