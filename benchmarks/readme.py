"""Put the measured tables into the README: ``python -m benchmarks.readme``.

Replaces what stands between ``<!-- quality: begin -->`` and ``<!-- quality: end -->``, and the same
for ``modes``, ``speed`` and ``decoding``; a table that was not measured stays as it is.
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import RESULTS

README = Path(__file__).parent.parent / "README.md"


def insert(readme: str, name: str, table: str) -> str:
    """Return the README with the table between its markers.

    Raises:
        ValueError: the README has no such markers.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
    filled, count = pattern.subn(lambda _: f"{begin}\n\n{table.strip()}\n\n{end}", readme)
    if count != 1:
        raise ValueError(f"expected one pair of {name} markers, found {count}")
    return filled


def main() -> None:
    """Fill the README with the latest results."""
    text = README.read_text(encoding="utf-8")
    for name in ("modes", "quality", "speed", "decoding"):
        measured = RESULTS / f"{name}.md"
        if measured.exists():
            text = insert(text, name, measured.read_text(encoding="utf-8"))
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
