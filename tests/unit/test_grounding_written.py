"""A model's page from its raw text to Markdown, HTML, LaTeX and JSON."""

import json

import pytest

from ocrx.assembly import assemble
from ocrx.document import (
    Document,
    PageResult,
    Provenance,
    Route,
    StopReason,
    Verdict,
    VerdictStatus,
)
from ocrx.writers import MathStyle, OutputFormat, WriteOptions, iter_document
from tests.unit.grounded_text import blocks_of, tagged

RAW = (
    tagged("title", "# Low Tides")
    + tagged("sub_title", "## Methods")
    + tagged("sub_title", "### Ports")
    + tagged("text", r"Body with \(y = a \cdot b\), $5 to $10 &amp; more: see \[ a = b \tag{1} \]")
    + tagged("table_caption", "<center>Table 1: Depths</center>")
    + tagged(
        "table",
        '<table><tr><td rowspan="2">Port</td><td colspan="2">Depth \\(d\\)</td></tr>'
        "<tr><td>mean</td><td>max</td></tr><tr><td>Oslo &amp;amp; co</td><td>3</td><td>4</td></tr>"
        "</table>",
    )
    + tagged(
        "table", "<table><tr><td>a</td><td>b</td></tr><tr><td>\\(|y|\\)</td><td>1</td></tr></table>"
    )
    + tagged("list", "- one\n  - two")
    + tagged("image")
    + tagged("image_caption", r"<center>Figure 1: where \(a < b\)</center>")
    + tagged("footnote", r"\(^{1}\) A note.")
)


def written(form: OutputFormat, options: WriteOptions | None = None, raw: str = RAW) -> str:
    provenance = Provenance(
        "local", "deepseek-ocr", "base", Route.MODEL, 256, 280, 500, None, 1.0, StopReason.END, None
    )
    page = PageResult(1, 850, 1100, blocks_of(raw), Verdict(VerdictStatus.OK), provenance)
    document = Document("page.png", "ab" * 32, "local", "deepseek-ocr", "1", assemble([page]))
    return "".join(iter_document(document, form, options or WriteOptions()))


def test_markdown_has_headings_formulas_tables_and_lists() -> None:
    text = written(OutputFormat.MD)
    assert text.startswith("# Low Tides\n\n## Methods\n\n### Ports\n\nBody with $y = a \\cdot b$,")
    assert "\\$5 to \\$10 & more: see\n\n$$\na = b \\qquad (1)\n$$\n" in text
    assert "Table 1: Depths\n\n<table>" in text
    assert '<td rowspan="2">Port</td><td colspan="2">Depth $d$</td>' in text
    assert "<td>Oslo &amp; co</td>" in text
    assert "| a | b |\n| --- | --- |\n| $\\vert y\\vert$ | 1 |" in text
    assert "- one\n  - two" in text
    assert "Figure 1: where $a \\lt b$" in text
    assert "<sup>1</sup> A note." in text


def test_brackets_mark_every_formula_where_they_are_asked_for() -> None:
    text = written(OutputFormat.MD, WriteOptions(math=MathStyle.BRACKET))
    assert r"\(y = a \cdot b\)" in text
    assert "\\[\na = b \\qquad (1)\n\\]" in text
    assert r"Depth \(d\)</td>" in text
    assert r"| \(\vert y\vert\) | 1 |" in text
    assert "$$" not in text
    assert "$d$" not in text


def test_html_shows_formulas_as_mathml_and_keeps_merged_cells() -> None:
    text = written(OutputFormat.HTML)
    assert '<math display="block"><mrow><mi>a</mi><mo>=</mo><mi>b</mi>' in text
    assert '<td rowspan="2">Port</td>' in text
    assert 'class="math"' not in text


def test_latex_sets_formulas_and_no_words_in_typewriter() -> None:
    text = written(OutputFormat.LATEX).partition("\\begin{document}")[2]
    assert "\\[\na = b \\qquad (1)\n\\]" in text
    assert r"\(y = a \cdot b\)" in text
    assert r"\multirow[t]{2}{=}{Port}" in text
    assert r"\texttt" not in text


def test_json_keeps_kinds_boxes_and_latex() -> None:
    page = json.loads(written(OutputFormat.JSON))["pages"][0]
    kinds = [block["kind"] for block in page["blocks"]]
    assert kinds[:6] == ["title", "heading", "heading", "paragraph", "formula", "caption"]
    assert all(block["bbox"] for block in page["blocks"])


@pytest.mark.parametrize("text", ["a * b", "1. x", "# x", "a_b_c", "<b>", "x | y", "$5 and $6"])
def test_what_looks_like_a_mark_is_escaped_on_the_way_out(text: str) -> None:
    escaped = text.replace("<", "&lt;").replace("# ", "\\# ").replace("1. ", "1\\. ")
    once = written(OutputFormat.MD, raw=tagged("text", escaped))
    assert written(OutputFormat.MD, raw=once) == once
