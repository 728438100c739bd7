"""Loops are found while they are being written; pages that merely repeat themselves are not."""

import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.engines.local.repeats import Loop, RepeatWatch

PROSE = (
    "the of page model and table in value measured column text figure sample with results each "
    "temperature method under rate between pressure which surface were layer during analysis from"
)
WORDS = PROSE.split()


def characters(ids: Sequence[int]) -> str:
    return "".join(map(chr, ids))


def prose(seed: int, words: int = 300) -> str:
    draw = random.Random(seed)
    lines = [" ".join(draw.choice(WORDS) for _ in range(12)) for _ in range(words // 12)]
    return "\n".join(lines) + "\n\n"


def watched(text: str) -> tuple[Loop | None, int]:
    """Return what was found, and after how many characters."""
    watch = RepeatWatch(characters)
    ids: list[int] = []
    for character in text:
        ids.append(ord(character))
        loop = watch.check(ids)
        if loop is not None:
            return loop, len(ids)
    return None, len(ids)


def row(*cells: object) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def table(rows: Sequence[str]) -> str:
    return f"<table>{''.join(rows)}</table>\n"


SENTENCE = "The results of the second experiment are shown in the table below.\n"
BOXED = "<|ref|>text<|/ref|><|det|>[[{}, {}, {}, {}]]<|/det|>\n" + SENTENCE + "\n"
draw = random.Random(5)

LOOPS = {
    "a sentence": SENTENCE * 200,
    "a word": "the " * 2500,
    "a word without spaces": "的" * 9000,
    "a sentence of Chinese": "本文提出了一种光学字符识别方法并在多个数据集上进行了实验。" * 300,
    "a paragraph": (prose(3, 120) + "\n") * 20,
    "two sentences in turn": (SENTENCE + "However, no difference between both was seen.\n") * 99,
    "a table row": "<table>" + row("Total", "amount", "in thousands", 12, 14) * 200,
    "an empty table row": "<table>" + row("", "", "", "") * 300,
    "empty cells": "<table><tr>" + "<td></td>" * 1200,
    "cells of one number": "<table><tr>" + "<td>0.00</td>" * 1200,
    "a counting item": "".join(f"item {n}\n" for n in range(1, 900)),
    "a counting sentence": "".join(f"{n}. {SENTENCE}" for n in range(17, 200)),
    "counting in one line": ", ".join(f"item {n}" for n in range(1, 2000)),
    "counting cells": "<table><tr>" + "".join(f"<td>{n}</td>" for n in range(1, 999)),
    "a counting row": "<table>" + "".join(row(n, "see above", n + 7) for n in range(1, 300)),
    "boxes that move": "".join(
        BOXED.format(draw.randrange(99), 9 * n, draw.randrange(999), 9 * n + 8) for n in range(110)
    ),
    "boxes without tags that move": "".join(
        f"text [{draw.randrange(99)}, {9 * n}, {draw.randrange(999)}, {9 * n + 8}]{SENTENCE}\n"
        for n in range(110)
    ),
    "images without end": "".join(
        f"<|ref|>image<|/ref|><|det|>[[{draw.randrange(999)}, 1, 2, 3]]<|/det|>\n\n"
        for _ in range(900)
    ),
    "boxes without end": "<|ref|>a<|/ref|><|det|>[["
    + "], [".join(", ".join(str(draw.randrange(999)) for _ in range(4)) for _ in range(400)),
    "dots": "." * 9000,
    "newlines": "\n" * 3000,
    "digits": "0." + "3" * 3000,
    "a formula": "\\quad " * 2000,
    "a line with strays between": "".join(
        SENTENCE if n % 4 else f"stray {WORDS[n % 29]} {n}\n" for n in range(200)
    ),
    "broken characters": "\ufffd" * 9000,
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_found_and_one_copy_of_it_kept(name: str) -> None:
    before = prose(1)
    text = before + LOOPS[name]
    loop, read = watched(text)
    assert loop is not None
    assert read - len(before) <= 9500  # characters: some 2,400 tokens of 8,192 at the very worst
    kept = text[: loop.kept]
    assert kept.startswith(before.rstrip())
    copy = 2 * len(prose(3, 120)) if name == "a paragraph" else 260
    assert len(kept) - len(before) <= copy


NUMBERS = [[round(draw.uniform(0, 99), 2) for _ in range(6)] for _ in range(90)]
PAGES = {
    "prose": prose(7, 2500),
    "a column of zeros": table([row(f"{WORDS[n % 29]} {n * n % 97}", 0, 0, 0) for n in range(70)]),
    "rows of zeros": table([row(*[0] * 9)] * 70),
    "an empty form": table([row("", "", "", "", "")] * 60),
    "numbered empty rows": table([row(n, "", "", "") for n in range(1, 80)]),
    "a wide empty table": table([row(*[""] * 20)] * 40),
    "thirty rows of n/a": table([row("n/a", "n/a", "n/a")] * 30),
    "fifty rows of a remark": table([row(1950 + n, "not available") for n in range(50)]),
    "measurements": table([row(*numbers) for numbers in NUMBERS]),
    "a matrix of zeros": "".join(" ".join(["0"] * 40) + "\n" for _ in range(40)),
    "ruled lines to write on": ("_" * 80 + "\n") * 45,
    "a long leader": "Contents " + "." * 600 + " 7\n",
    "a table of contents": "".join(
        f"{n}.{n % 7} {' '.join(draw.sample(WORDS, 4))} {'.' * 60} {7 * n % 301}\n"
        for n in range(60)
    ),
    "a bibliography": "".join(
        f"[{n}] {' '.join(draw.sample(WORDS, 9))}. Proceedings of the Conference, {1970 + n % 50}, "
        f"pp. {n * 13}-{n * 13 + draw.randrange(20)}.\n"
        for n in range(90)
    ),
    "code": "```c\n"
    + "".join(f"    if (x[{n}] == {n % 3}) {{\n        return 0;\n    }}\n" for n in range(28))
    + "```\n",
    "a refrain": (prose(9, 60) + "Nevermore, nevermore, quoth the raven, nevermore!\n" * 2) * 1
    + "".join(prose(20 + n, 48) + "Quoth the Raven, Nevermore, as before!\n" for n in range(18)),
    "a sheet of labels": ("Dr. Margaret Wintersmith\n12 Harbour Lane\nPort Isaac\n\n" * 30),
    "two copies of one form": prose(31, 250) * 2,
    "an answer sheet": "".join(f"{n}. A B C D\n" for n in range(1, 201)),
    "signatures": "Name: ________ Signature: ________ Date: ________\n" * 35,
    "a bank statement": "".join(
        f"{1 + n // 3:02}/03 CARD PURCHASE GREENGROCER MARKET STREET {draw.randrange(9999)}.00\n"
        for n in range(80)
    ),
    "a contact sheet": "".join(
        f"<|ref|>image<|/ref|><|det|>[[{n % 6 * 160}, {n // 6 * 120}, 9, 9]]<|/det|>\n\n"
        for n in range(48)
    ),
    "a calendar": table([row(*range(week * 7 + 1, week * 7 + 8)) for week in range(5)]) * 12,
    "a multiplication table": table([row(*[n * k for k in range(1, 21)]) for n in range(1, 21)]),
    "a ruler": " ".join(str(n) for n in range(1, 400)),
    "a gap": "left" + " " * 500 + "right\n" * 3,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_repeats_itself_passes(name: str) -> None:
    loop, _ = watched(prose(1) + PAGES[name] + prose(2))
    assert loop is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a sentence", "the last 40 lines are the same"),
        ("an empty table row", "the last 100 table rows are the same"),
        ("a counting sentence", "the last 40 lines are the same, but for a counter"),
        ("newlines", "the last 1000 characters are white space"),
    ],
)
def test_the_reason_says_what_repeats(name: str, reason: str) -> None:
    loop, _ = watched(prose(1) + LOOPS[name])
    assert loop is not None
    assert loop.reason == reason


def test_what_is_kept_ends_with_the_first_copy() -> None:
    loop, _ = watched("Title\n\n" + SENTENCE * 200)
    assert loop is not None
    assert loop.kept == len("Title\n\n" + SENTENCE)


def test_characters_torn_between_looks_change_nothing() -> None:
    text = (
        prose(1)
        + "Überschrift – größer als ähnliche 本文提出了一种新的方法 für alle Größen\n" * 200
    )
    data = text.encode()
    watch = RepeatWatch(lambda ids: bytes(ids).decode(errors="replace"))
    found = next(
        (loop for end in range(len(data)) if (loop := watch.check(list(data[:end])))), None
    )
    assert found is not None
    assert text[: found.kept].count("Überschrift") == 1


PARTS = st.sampled_from(
    [
        "<|det|>",
        "<|/det|>",
        "[[1, 2, 3, 4]]",
        "[",
        "<",
        "</tr>",
        "<td>",
        "\n",
        " ",
        "7",
        "17",
        "\ufffd",
    ]
) | st.text(max_size=9)


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, max_size=40), st.integers(1, 200))
def test_any_text_can_be_watched_and_cut(parts: list[str], times: int) -> None:
    text = "".join(parts) * times
    loop, read = watched(text[:20_000])
    if loop is not None:
        assert loop.reason
        assert 0 <= loop.kept <= read


def test_a_long_page_costs_little_even_where_it_repeats_itself() -> None:
    page = (table([row(*[""] * 12)] * 60) + "." * 900 + "\n" + prose(8, 400)) * 3
    watch = RepeatWatch(characters)
    ids = list(map(ord, page))
    began = time.process_time()
    for end in range(0, len(ids), 32):
        watch.check(ids[:end])
    assert time.process_time() - began < 1e-4 * len(ids)
