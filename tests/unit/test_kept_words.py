"""Rendering kept raw text knows the words of the whole document, as converting does."""

import json

from printed_regions import DIALECT, HEIGHT, WIDTH, RawPage, dumps, line, region

from ocrx.conversion.kept import load_kept
from ocrx.document import Page, PageReading, Recognition, Source, SourceKind, StopReason
from ocrx.parsing.region_dialect import RegionClass
from ocrx.serialization import KeptReading, reading_to_dict

SOURCE = Source("a.pdf", "", SourceKind.PDF, "ab" * 32, 0, 0)


def kept_line(index: int, *rows: str) -> str:
    lines = (line(row, 100 + 12 * at) for at, row in enumerate(rows))
    raw = dumps(RawPage(WIDTH, HEIGHT, (region(RegionClass.TEXT, *lines),)))
    reading = PageReading(
        Page(SOURCE, index, WIDTH, HEIGHT), None, Recognition("p", raw, DIALECT, StopReason.END)
    )
    return json.dumps(reading_to_dict(KeptReading(reading, "fake", "none", "1")))


def test_a_word_on_another_page_tells_whether_a_hyphen_stays() -> None:
    pages = [
        kept_line(0, "They wrote the kilo-", "metre down and went on."),
        kept_line(1, "The whole kilo-metre is written like this here."),
    ]
    data = "\n".join(pages).encode()
    document = load_kept(data, "a.raw.jsonl", frozenset())[0]
    assert document.pages[0].blocks[0].text.startswith("They wrote the kilo-metre down")
