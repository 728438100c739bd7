"""Whatever the document: every writer answers, and every character stands for itself."""

from __future__ import annotations

import json
from dataclasses import replace

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ocrx.document import Block, BlockKind, Document, Span, Verdict, VerdictStatus
from ocrx.writers import (
    FigureStyle,
    MathStyle,
    OutputFormat,
    TableStyle,
    WriteOptions,
    write_document,
)
from ocrx.writers.inline import content_of, plain_text
from tests.golden.writer_sample import document, page
from tests.property.writer_documents import AWKWARD, documents, span_tuples, tables

options = st.builds(
    WriteOptions,
    tables=st.sampled_from(TableStyle),
    keep_headers=st.booleans(),
    page_breaks=st.booleans(),
    join_tables=st.booleans(),
    math=st.sampled_from(MathStyle),
    figures=st.sampled_from(FigureStyle),
    figures_directory=st.sampled_from(["", "a b_files", "100% #1_files"]),
)
markdown = MarkdownIt("gfm-like", {"linkify": False})


@pytest.mark.parametrize("output_format", list(OutputFormat))
def test_every_document_can_be_written(output_format: OutputFormat) -> None:
    @settings(max_examples=37, deadline=None)
    @given(documents(), options)
    def check(written: Document, how: WriteOptions) -> None:
        text = write_document(written, output_format, how)
        assert text.encode("utf-8").decode("utf-8") == text
        assert not text or text.endswith("\n")

    check()


def visible(text: str) -> str:
    """Blanks differ between formats; characters do not."""
    return "".join(text.split())


def shown_by_markdown(text: str) -> str:
    return visible(_shown(markdown.parse(text)))


def _shown(tokens: list[Token]) -> str:
    parts = []
    for token in tokens:
        if token.children is not None:
            parts.append(_shown(token.children))
        elif token.type in ("text", "code_inline", "fence"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak", "html_block"):
            parts.append(" ")
    return "".join(parts)


def assert_markdown_shows(block: Block) -> None:
    text = write_document(document(page(1, block)), OutputFormat.MD)
    assert shown_by_markdown(text) == visible(plain_text(content_of(block.spans))), text


@settings(max_examples=100, deadline=None)
@given(span_tuples)
@example((Span("]:1", code=True, link="https://a.org"),))
def test_a_paragraph_in_markdown_shows_its_characters_and_no_others(
    spans: tuple[Span, ...],
) -> None:
    assert_markdown_shows(Block(BlockKind.PARAGRAPH, spans))


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(AWKWARD), max_size=30))
def test_plain_text_in_markdown_is_one_paragraph(text: str) -> None:
    block = Block(BlockKind.PARAGRAPH, (Span(text),))
    written = write_document(document(page(1, block)), OutputFormat.MD)
    kinds = [token.type for token in markdown.parse(written)]
    expected = ["paragraph_open", "inline", "paragraph_close"]
    assert kinds == (expected if content_of(block.spans) else []), written


@settings(max_examples=37, deadline=None)
@given(span_tuples, st.integers(1, 9))
def test_a_heading_in_markdown_shows_its_characters(spans: tuple[Span, ...], level: int) -> None:
    assert_markdown_shows(Block(BlockKind.HEADING, spans, level=level))


@settings(max_examples=37, deadline=None)
@given(st.lists(st.tuples(span_tuples, st.integers(0, 9)), min_size=1, max_size=6))
def test_nested_lists_in_markdown_show_their_characters(
    items: list[tuple[tuple[Span, ...], int]],
) -> None:
    blocks = [
        Block(BlockKind.LIST_ITEM, spans, level=level, marker="\u2022") for spans, level in items
    ]
    text = write_document(document(page(1, *blocks)), OutputFormat.MD)
    expected = "".join(visible(plain_text(content_of(spans))) for spans, _ in items)
    assert shown_by_markdown(text) == expected, text


@settings(max_examples=50, deadline=None)
@given(tables(span_tuples), st.booleans())
def test_pipe_tables_in_markdown_have_equal_rows_and_all_text(
    table: object, without_spans: bool
) -> None:
    block = Block(BlockKind.TABLE, table=table)  # type: ignore[arg-type]
    assert block.table is not None
    if without_spans:
        cells = tuple(replace(cell, row_span=1, column_span=1) for cell in block.table.cells)
        block = replace(block, table=replace(block.table, cells=cells))
        assert block.table is not None
    text = write_document(document(page(1, block)), OutputFormat.MD, WriteOptions(TableStyle.MD))
    tokens = markdown.parse(text)
    rows = _row_lengths(tokens)
    assert rows == [block.table.columns] * block.table.rows, text
    expected = "".join(
        visible(plain_text(content_of(cell.spans)))
        for cell in sorted(block.table.cells, key=lambda cell: (cell.row, cell.column))
    )
    assert shown_by_markdown(text) == expected, text


def _row_lengths(tokens: list[Token]) -> list[int]:
    rows: list[int] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append(0)
        elif token.type in ("td_open", "th_open"):
            rows[-1] += 1
    return rows


@settings(max_examples=37, deadline=None)
@given(documents(span_tuples), options)
def test_html_is_sound_safe_and_shows_every_text(written: Document, how: WriteOptions) -> None:
    how = replace(how, keep_headers=True)
    blocks = [replace(block, latex=None) for p in written.pages for block in p.blocks]
    sound = [page(1, *(replace(block, continues=False) for block in blocks))]
    text = write_document(document(*sound), OutputFormat.HTML, how)
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text)
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not tags & {"script", "iframe", "object", "embed", "link", "base", "form"}
    for link in tree.iter("a"):
        assert link.get("href", "").startswith(("http://", "https://", "mailto:", "#"))
    shown = visible("".join(tree.itertext()) + "".join(i.get("alt", "") for i in tree.iter("img")))
    for block in blocks:
        runs = [block.spans]
        if block.kind is BlockKind.TABLE and block.table is not None:
            runs = [cell.spans for cell in block.table.cells]
        for spans in runs:
            if block.kind is not BlockKind.CODE:
                assert visible(plain_text(content_of(spans))) in shown


@pytest.mark.parametrize(
    "output_format", [OutputFormat.MD, OutputFormat.HTML, OutputFormat.LATEX, OutputFormat.TXT]
)
@pytest.mark.parametrize("reason", ["out of memory", "--> <b>x</b> \\end{document} ***"])
def test_a_failed_page_is_named_in_every_format(output_format: OutputFormat, reason: str) -> None:
    failed = replace(page(3), verdict=Verdict(VerdictStatus.FAILED, (reason,)))
    text = write_document(document(page(2), failed), output_format)
    assert "Page 3 could not be read" in text
    assert "<b>" not in text or output_format is not OutputFormat.HTML


@settings(max_examples=30, deadline=None)
@given(documents())
def test_json_lines_stand_alone(written: Document) -> None:
    lines = write_document(written, OutputFormat.JSONL).split("\n")[:-1]
    assert [json.loads(line)["page"]["number"] for line in lines] == [
        p.number for p in written.pages
    ]
