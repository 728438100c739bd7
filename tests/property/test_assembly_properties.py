"""Assembling drops nothing, and doing it again changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.assembly import assemble
from ocrx.document import (
    Block,
    BlockKind,
    BoundingBox,
    Cell,
    PageResult,
    Provenance,
    Route,
    Script,
    Span,
    StopReason,
    Table,
    Verdict,
    VerdictStatus,
)

PROVENANCE = Provenance(
    "fake", "none", "auto", Route.NONE, 0, 0, 0, None, 0.0, StopReason.END, None
)
heights = st.sampled_from([0.02, 0.05, 0.08, 0.12, 0.3, 0.5, 0.7, 0.88, 0.93, 0.96])
boxes = st.builds(
    lambda left, top, wide: BoundingBox(left, top, left + wide, top + 0.02),
    st.sampled_from([0.1, 0.5]),
    heights,
    st.sampled_from([0.1, 0.35]),
)
texts = st.sampled_from(
    [
        "Annual Report",
        "Annual Report 3",
        "Annual Report 4",
        "3",
        "- 4 -",
        "iv",
        "1 Introduction",
        "1.2 Method of work",
        "The body goes on and on until it reaches the",
        "next column with lower case. " * 4,
        "lower case start without an end to be seen any",
        "Long words of a head" * 9,
        "A whole sentence that ends here, with some length to it.",
        "* a note",
        "word divided at its hyphe-",
        "continued",
        "",
    ]
)
spans = st.builds(
    Span, texts, bold=st.booleans(), script=st.sampled_from([Script.NORMAL, Script.SUPER])
)
table = st.integers(1, 3).map(
    lambda columns: Table(1, columns, tuple(Cell(0, c, (Span("h"),)) for c in range(columns)))
)
kinds = st.sampled_from(BlockKind)
blocks = st.builds(
    Block,
    kinds,
    st.lists(spans, max_size=2).map(tuple),
    bbox=st.none() | boxes,
    level=st.integers(0, 4),
    marker=st.none() | st.sampled_from(["1.", "2.", "3.", "•", "a)", "b)", "*"]),
    table=st.none() | table,
    size_pt=st.none() | st.sampled_from([8.0, 10.0, 10.4, 12.0, 18.0]),
)
pages = st.builds(
    lambda held, status: PageResult(1, 612, 792, tuple(held), Verdict(status), PROVENANCE),
    st.lists(blocks, max_size=8),
    st.sampled_from([VerdictStatus.OK, VerdictStatus.OK, VerdictStatus.FAILED]),
)
documents = st.lists(pages, max_size=5)


def said(block: Block) -> str:
    return block.text.replace(" ", "")


@settings(max_examples=120, deadline=None)
@given(documents)
def test_assembling_twice_is_assembling_once(document: list[PageResult]) -> None:
    once = assemble(document)
    assert assemble(once) == once


@settings(max_examples=60, deadline=None)
@given(documents)
def test_no_block_is_dropped_moved_or_reworded(document: list[PageResult]) -> None:
    assembled = assemble(document)
    assert len(assembled) == len(document)
    for before, after in zip(document, assembled, strict=True):
        assert len(before.blocks) == len(after.blocks)
        for block, result in zip(before.blocks, after.blocks, strict=True):
            note = result.kind is BlockKind.FOOTNOTE and block.kind is not BlockKind.FOOTNOTE
            held = (result.marker or "") + said(result) if note else said(result)
            assert held == said(block)
            assert result.bbox == block.bbox and result.size_pt == block.size_pt


@settings(max_examples=60, deadline=None)
@given(documents)
def test_a_document_has_one_title_at_most(document: list[PageResult]) -> None:
    found = [b for page in assemble(document) for b in page.blocks]
    assert sum(block.kind is BlockKind.TITLE for block in found) <= 1
    assert all(1 <= b.level <= 6 for b in found if b.kind is BlockKind.HEADING)
