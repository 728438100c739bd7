"""LaTeX must compile, and nothing that stands on a page may become a command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from ocrx.document import Block, BlockKind, Document, Span
from ocrx.writers import FigureStyle, OutputFormat, WriteOptions, write_document
from ocrx.writers.latex_math import is_safe_math
from tests.golden.writer_sample import SAMPLE, block, document, page, table

HOSTILE = (
    r"\input{/etc/passwd} \write18{id} \end{document} 100% #1 $x$ a&b c_d e^f ~g {h} \\ [i] \item"
    " -- --- `` '' ,, << >> \"quoted\" ^^41 \\"
)
LATIN = document(
    page(
        1,
        block(BlockKind.TITLE, HOSTILE),
        block(BlockKind.HEADING, HOSTILE, level=1),
        block(BlockKind.PARAGRAPH, "[a] starts\n[b] after a break\n* star\n" + HOSTILE),
        block(BlockKind.LIST_ITEM, "[x] " + HOSTILE, marker="[1]"),
        *(block(BlockKind.LIST_ITEM, f"depth {n}", marker="\u2022", level=n) for n in range(8)),
        block(BlockKind.CAPTION, "Table 1. " + HOSTILE),
        block(BlockKind.TABLE, table=table((HOSTILE, "b"), ("[c]", "*"), ("", HOSTILE))),
        block(BlockKind.TABLE, table=table(*[tuple(map(str, range(40)))] * 3, header_rows=3)),
        block(BlockKind.CODE, "x = 1\n\\end{verbatim}\\input{x}\n\n  y"),
        block(BlockKind.FORMULA, "text", latex=r"\input{/etc/passwd}"),
        block(BlockKind.FORMULA, latex=r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
        block(BlockKind.FOOTNOTE, HOSTILE, marker="\u2020"),
        block(BlockKind.PARAGRAPH, "\u00e9\u00fc\u00df\u0142 \u03b1 \u2264 \u2192 \u2022 \ufb01 x"),
        block(BlockKind.PARAGRAPH, Span("a", link="https://a.org/100%25_#x~y&z")),
    )
)


def compile_latex(engine: str, text: str, folder: Path) -> None:
    """Compile in an empty folder; fail with what TeX says."""
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    (folder / "page.tex").write_text(text, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, timeout=120, stdin=subprocess.DEVNULL
    )
    said = done.stdout.decode("utf-8", "replace")
    errors = "\n".join(line for line in said.splitlines() if line.startswith(("!", "l.")))
    assert done.returncode == 0, errors or said[-2000:]
    assert (folder / "page.pdf").stat().st_size > 1000


@pytest.mark.parametrize("engine", ["xelatex", "pdflatex"])
def test_hostile_latin_text_compiles(engine: str, tmp_path: Path) -> None:
    compile_latex(engine, write_document(LATIN, OutputFormat.LATEX), tmp_path)


def test_the_sample_compiles_with_pictures(tmp_path: Path) -> None:
    pictures = tmp_path / "100% #1_{x}"
    pictures.mkdir()
    Image.new("RGB", (40, 30), "red").save(pictures / "page-0001-figure-1.png")
    options = WriteOptions(
        figures=FigureStyle.FILES,
        figures_directory=pictures.name,
        keep_headers=True,
        page_breaks=True,
    )
    compile_latex("xelatex", write_document(SAMPLE, OutputFormat.LATEX, options), tmp_path)
    assert "picture not found" not in (tmp_path / "page.log").read_text("utf-8", "replace")


@pytest.mark.parametrize(
    "text",
    [
        "\u4e2d\u6587 \u65e5\u672c\u8a9e \ud55c\uad6d\uc5b4",
        "\u0420\u0443\u0441\u0441\u043a\u0438 \u03b5\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac",
        "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \U0001f600 \u0e44\u0e17\u0e22 \U0002070e",
    ],
    ids=["east-asian", "cyrillic-greek", "other-scripts"],
)
def test_other_scripts_compile_with_xelatex(text: str, tmp_path: Path) -> None:
    written = document(page(1, block(BlockKind.PARAGRAPH, text)))
    compile_latex("xelatex", write_document(written, OutputFormat.LATEX), tmp_path)


@pytest.mark.parametrize("written", [document(), document(page(1))], ids=["no-page", "blank"])
def test_an_empty_document_compiles(written: Document, tmp_path: Path) -> None:
    compile_latex("pdflatex", write_document(written, OutputFormat.LATEX), tmp_path)


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{a}{b} \leq \sqrt{x_1^2}",
        r"\left( \sum_{i=1}^{n} x_i \right)",
        r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}",
        r"\mathrm{Re}\,z \quad \{a\}",
    ],
)
def test_plain_mathematics_passes(latex: str) -> None:
    assert is_safe_math(latex)


@pytest.mark.parametrize(
    "latex",
    [
        r"\input{x}",
        r"\def\a{\a}\a",
        r"\csname input\endcsname{x}",
        "^^5cinput x",
        "a % b",
        "a & b",
        "{",
        "}{",
        r"\left( a",
        r"\begin{verbatim} x \end{verbatim}",
        r"\begin{pmatrix} a \end{cases}",
        "a $ b",
        "x\\",
        "x^",
        "",
        "\u00e9",
    ],
)
def test_anything_else_is_shown_as_code(latex: str) -> None:
    assert not is_safe_math(latex)
    formula = Block(BlockKind.FORMULA, latex=latex)
    body = write_document(document(page(1, formula)), OutputFormat.LATEX).split("{document}")[1]
    assert r"\[" not in body
