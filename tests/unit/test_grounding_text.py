"""The Markdown, HTML and LaTeX inside a model's text."""

import pytest

from ocrx.document import Block, BlockKind, Script, Span
from tests.unit.grounded_text import BOX, blocks_of, notes_of, shown, tagged


def spans_of(text: str) -> tuple[Span, ...]:
    (block,) = blocks_of(text)
    return block.spans


def grid(block: Block) -> list[tuple[int, int, int, int, str]]:
    assert block.table is not None
    return [
        (cell.row, cell.column, cell.row_span, cell.column_span, cell.text)
        for cell in block.table.cells
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** *b* `c`", Span("a", bold=True)),
        ("x *b* y", Span("b", italic=True)),
        ("x `c*` y", Span("c*", code=True)),
        ("H<sub>2</sub>O", Span("2", script=Script.SUB)),
        ("x<sup>2</sup>", Span("2", script=Script.SUPER)),
        (r"Ada\(^{1,*}\) said", Span("1,*", script=Script.SUPER)),
        (r"so \( x^2 \) is", Span("x^2", math=True)),
        ("so $x_i$ is", Span("x_i", math=True)),
        (r"**so \(x\) is**", Span("x", math=True, bold=True)),
        ("[site](https://a.org/b_c)", Span("site", link="https://a.org/b_c")),
    ],
)
def test_marks_in_running_text_are_styles(text: str, expected: Span) -> None:
    assert expected in spans_of(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("3*4*5 and 2 * 3", "3*4*5 and 2 * 3"),
        ("__init__ and ____", "__init__ and ____"),
        ("$5 and $10", "$5 and $10"),
        ("a &lt; b &amp;gt; c&nbsp;d", "a < b > c d"),
        (r"50\% of \$7, see \[1\]", "50% of $7, see [1]"),
        ("a<br>b", "a\nb"),
        ("f[i](x) = <word>", "f[i](x) = <word>"),
        ("<b>open", "open"),
        (r"\( never closed", "( never closed"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
    ],
)
def test_what_is_no_mark_stays(text: str, plain: str) -> None:
    spans = spans_of(text)
    assert "".join(span.text for span in spans) == plain
    assert not any(span.math or span.link for span in spans)


def test_a_formula_in_running_text_is_a_block_in_its_place() -> None:
    raw = tagged("text", r"We see \[ a = b \] and then $$c = d \tag{2}$$ end.")
    assert shown(raw) == [
        ("paragraph", "We see"),
        ("formula", "a = b"),
        ("paragraph", "and then"),
        ("formula", r"c = d \qquad (2)"),
        ("paragraph", "end."),
    ]
    assert {block.bbox for block in blocks_of(raw)} == {BOX}


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        (r"\[x = 1\]", "x = 1"),
        ("x = 1", "x = 1"),
        ("$$x = 1$$", "x = 1"),
        ("\\[x = 1\\]\n(58)", r"x = 1 \qquad (58)"),
        (r"\begin{equation}x = 1\label{eq:1}\end{equation}", "x = 1"),
        (
            r"\begin{align*}x &= 1 \\[2pt] y &= 2\end{align*}",
            r"\begin{aligned}x &= 1 \\[2pt] y &= 2\end{aligned}",
        ),
        (r"\[a &lt; b \coloneqq c\]", "a < b := c"),
    ],
)
def test_equations_have_latex_without_delimiters(text: str, latex: str) -> None:
    assert shown(tagged("equation", text)) == [("formula", latex)]


def test_an_equation_without_text_is_a_place_to_cut_out() -> None:
    raw = tagged("title", "T") + tagged("equation")
    (formula,) = blocks_of(raw)[1:]
    assert (formula.latex, formula.bbox) == (None, BOX)


def test_a_formula_cut_at_the_end_is_doubted() -> None:
    raw = tagged("equation", r"\[x = \frac{1}{2")
    (block,) = blocks_of(raw)
    assert (block.latex, block.suspect) == (r"x = \frac{1}{2", True)
    assert notes_of(raw) == ("a formula without its end",)


def test_lists_have_marks_and_depths() -> None:
    text = "- a\n  more\n  - b\n- c\n\n1. d\n2. e\n\u2022 f"
    assert [(b.marker, b.level, b.text) for b in blocks_of(text)] == [
        ("-", 0, "a\nmore"),
        ("-", 1, "b"),
        ("-", 0, "c"),
        ("1.", 0, "d"),
        ("2.", 0, "e"),
        ("\u2022", 0, "f"),
    ]
    letters = blocks_of(tagged("list", "(a) one\n(b) two"))
    assert [(b.marker, b.text) for b in letters] == [("(a)", "one"), ("(b)", "two")]


def test_a_number_at_a_line_of_a_paragraph_opens_no_list() -> None:
    text = "It was in the year\n1984. Then it ended in\n3. place"
    assert shown(text) == [("paragraph", text)]


def test_text_without_tags_is_markdown() -> None:
    text = "# T\n\nPara\nline\n\n## H ##\n```python\nx = '<td>'\n  y\n```\n"
    text += "| a | b |\n|---|:-:|\n| 1 | 2 |"
    assert shown(text)[:4] == [
        ("title", "T"),
        ("paragraph", "Para\nline"),
        ("heading", "H"),
        ("code", "x = '<td>'\n  y"),
    ]
    (table,) = blocks_of(text)[4:]
    assert grid(table) == [
        (0, 0, 1, 1, "a"),
        (0, 1, 1, 1, "b"),
        (1, 0, 1, 1, "1"),
        (1, 1, 1, 1, "2"),
    ]
    assert table.table is not None and [cell.header for cell in table.table.cells[:3]] == [
        True,
        True,
        False,
    ]


def test_code_keeps_its_lines_and_marks() -> None:
    assert shown(tagged("code", "def f():\n    return *a*")) == [
        ("code", "def f():\n    return *a*")
    ]


def test_text_below_a_figure_stands_apart_from_it() -> None:
    raw = tagged("image", "<center>Figure 1: b</center>") + tagged("chart", "Words")
    assert [(b.kind, b.text, b.bbox) for b in blocks_of(raw)] == [
        (BlockKind.FIGURE, "", BOX),
        (BlockKind.CAPTION, "Figure 1: b", None),
        (BlockKind.FIGURE, "", BOX),
        (BlockKind.PARAGRAPH, "Words", None),
    ]
