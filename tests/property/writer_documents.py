"""Documents as hypothesis builds them: any text, any styles, any order of blocks."""

from __future__ import annotations

from hypothesis import strategies as st

from ocrx.document import (
    Agreement,
    Attempt,
    Block,
    BlockKind,
    BoundingBox,
    Cell,
    Document,
    PageResult,
    Provenance,
    Recognition,
    Route,
    Script,
    Span,
    StopReason,
    Table,
    Verdict,
    VerdictStatus,
)
from ocrx.modes import ResolutionMode, ViewPlan

AWKWARD = "*_`#[]()!<>&$~|\\-+=.:1a \n\t^{}%\"'@\u4e2d\u00e9\u200b\u00a0\u2028\x00\x0b\ufeff\u0661"
texts = st.text(st.sampled_from(AWKWARD), max_size=12) | st.text(max_size=12)
finite = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 10**6)
spans = st.builds(
    Span,
    text=texts,
    bold=st.booleans(),
    italic=st.booleans(),
    code=st.booleans(),
    math=st.just(False),
    script=st.sampled_from(Script),
    link=st.none() | texts | st.sampled_from(["https://a.org/b_(c)?d=1&copy;e", "javascript:x()"]),
)
math_spans = st.builds(Span, text=texts, math=st.just(True), bold=st.booleans())
span_tuples = st.lists(spans, max_size=4).map(tuple)
any_span_tuples = st.lists(spans | math_spans, max_size=4).map(tuple)


@st.composite
def tables(draw: st.DrawFn, runs: st.SearchStrategy[tuple[Span, ...]] = any_span_tuples) -> Table:
    """Sound grids with random merged cells."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    free = {(row, column) for row in range(rows) for column in range(columns)}
    cells = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) not in free:
                continue
            height, width = draw(st.integers(1, rows - row)), draw(st.integers(1, columns - column))
            slots = {(row + r, column + c) for r in range(height) for c in range(width)}
            if not slots <= free:
                height = width = 1
                slots = {(row, column)}
            free -= slots
            cells.append(Cell(row, column, draw(runs), height, width, draw(st.booleans())))
    return Table(rows, columns, tuple(cells))


boxes = st.builds(BoundingBox, finite, finite, finite, finite)
file_names = st.from_regex(r"[a-zA-Z0-9 %#_][a-zA-Z0-9 %#_.\u4e2d-]{0,10}", fullmatch=True)


def blocks(runs: st.SearchStrategy[tuple[Span, ...]] = any_span_tuples) -> st.SearchStrategy[Block]:
    return st.builds(
        Block,
        kind=st.sampled_from(BlockKind),
        spans=runs,
        bbox=st.none() | boxes,
        level=st.integers(0, 9),
        marker=st.none() | texts | st.sampled_from(["1.", "2", "\u2022", "(a)", "*"]),
        table=st.none() | tables(runs),
        latex=st.none() | texts | st.just(r"\frac{a}{b}"),
        asset=st.none() | file_names,
        continues=st.booleans(),
        size_pt=st.none() | finite,
        confidence=st.none() | finite,
        suspect=st.booleans(),
    )


attempts = st.lists(
    st.builds(Attempt, texts, texts, st.sampled_from(StopReason), counts, finite), max_size=2
).map(tuple)
agreements = st.builds(
    Agreement, texts, counts, finite, counts, st.lists(texts, max_size=2).map(tuple)
)
plans = st.builds(ViewPlan, st.sampled_from(ResolutionMode), counts, counts, counts, counts)
provenances = st.builds(
    Provenance,
    engine=texts,
    model=texts,
    mode=texts,
    route=st.sampled_from(Route),
    vision_tokens=counts,
    prompt_positions=counts,
    output_tokens=counts,
    read_px=st.none() | st.tuples(counts, counts),
    seconds=finite,
    stop_reason=st.sampled_from(StopReason),
    confidence=st.none() | finite,
    attempts=attempts,
    agreement=st.none() | agreements,
    repairs=st.lists(texts, max_size=2).map(tuple),
)
verdicts = st.builds(
    Verdict, st.sampled_from(VerdictStatus), st.lists(texts, max_size=2).map(tuple)
)


@st.composite
def documents(
    draw: st.DrawFn, runs: st.SearchStrategy[tuple[Span, ...]] = any_span_tuples
) -> Document:
    pages = tuple(
        PageResult(
            number=number + 1,
            width=draw(finite),
            height=draw(finite),
            blocks=draw(st.lists(blocks(runs), max_size=5).map(tuple)),
            verdict=draw(verdicts),
            provenance=draw(provenances),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return Document(draw(texts), draw(texts), draw(texts), draw(texts), draw(texts), pages)


recognitions = st.builds(
    Recognition,
    page_id=texts,
    raw=texts,
    dialect=texts,
    stop_reason=st.sampled_from(StopReason),
    vision_tokens=counts,
    output_tokens=counts,
    seconds=finite,
    confidence=st.none() | finite,
    route=st.sampled_from(Route),
    read_px=st.none() | st.tuples(counts, counts),
    reasons=st.lists(texts, max_size=2).map(tuple),
    failure=st.none() | texts,
    turned_degrees=st.sampled_from([0, 90, 180, 270]),
    attempts=attempts,
    agreement=st.none() | agreements,
    engine=st.none() | texts,
    model=st.none() | texts,
    plan=st.none() | plans,
)
