"""HTML: safe, offline, and shown by a browser as it should be."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ocrx.document import Asset, BlockKind, Span
from ocrx.writers import FigureStyle, OutputFormat, WriteOptions, write_document
from ocrx.writers.language import guess_language
from ocrx.writers.mathml import mathml
from tests.golden.writer_sample import SAMPLE, block, document, page

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
)


def html_of(*blocks: object, options: WriteOptions | None = None, **assets: bytes) -> str:
    pictures = {f"{k}.png": Asset(f"{k}.png", "image/png", data) for k, data in assets.items()}
    written = document(page(1, *blocks))  # type: ignore[arg-type]
    return write_document(written, OutputFormat.HTML, options, pictures)


def test_formulas_become_mathml() -> None:
    assert "<mfrac>" in mathml(r"\frac{a}{b}")
    assert 'display="block"' in mathml("x", display=True)


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{<!DOCTYPE a>}",
        "{" * 5000,
        r"\sqrt" * 3000,
        "x" * 50_000,
        r"\href{javascript:alert(1)}{x}",
    ],
    ids=["script", "img", "doctype", "nesting", "roots", "long", "href"],
)
def test_hostile_formulas_cannot_bring_in_markup(latex: str) -> None:
    tags = set(re.findall(r"<([a-zA-Z!]+)", mathml(latex)))
    assert not tags & {"script", "img", "a", "!DOCTYPE"}
    assert "href=" not in mathml(latex)


def test_links_lead_to_the_web_only() -> None:
    text = html_of(
        block(BlockKind.PARAGRAPH, Span("a", link="javascript:alert(1)"), Span("b", link="data:x")),
        block(BlockKind.PARAGRAPH, Span("c", link='https://a.org/"onclick="x')),
        block(BlockKind.PARAGRAPH, Span("d", link="https://a.org/?b=1&c=2")),
    )
    assert re.findall(r'href="([^"]*)"', text) == ["https://a.org/?b=1&amp;c=2"]


def test_embedded_pictures_stand_inside_the_page() -> None:
    figure = block(BlockKind.FIGURE, asset="f.png")
    text = html_of(figure, options=WriteOptions(figures=FigureStyle.EMBED), f=PNG)
    assert 'src="data:image/png;base64,iVBORw0KGgo' in text
    lost = html_of(figure, options=WriteOptions(figures=FigureStyle.EMBED))
    assert "<img" not in lost
    assert "Figure on page 1" in lost


def test_pictures_beside_the_page_have_encoded_addresses() -> None:
    options = WriteOptions(figures=FigureStyle.FILES, figures_directory="50% #a?_files")
    text = html_of(block(BlockKind.FIGURE, asset="f.png"), options=options)
    assert 'src="50%25%20%23a%3F_files/f.png"' in text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The tide is the rise of the sea and it is governed by the moon.", "en"),
        ("Die Flut ist das Steigen der See und wird von dem Mond bestimmt.", "de"),
        ("La mar\u00e9e est la mont\u00e9e de la mer, pas une crue, et les eaux montent.", "fr"),
        ("\u6f6e\u6c50\u662f\u6d77\u6c34\u7684\u5347\u964d", "zh"),
        ("\u6f6e\u306f\u6d77\u306e\u6c34\u304c", "ja"),
        ("12345", "und"),
    ],
)
def test_the_language_is_told_by_its_script_or_small_words(text: str, language: str) -> None:
    assert guess_language(document(page(1, block(BlockKind.PARAGRAPH, text)))) == language


def test_a_browser_shows_the_page_without_any_request(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium is installed")
    target = tmp_path / "page.html"
    options = WriteOptions(figures=FigureStyle.EMBED)
    picture = Asset("page-0001-figure-1.png", "image/png", PNG)
    text = write_document(SAMPLE, OutputFormat.HTML, options, {picture.name: picture})
    # Only for the test: the page itself reports what it loaded and how high a fraction is set.
    probe = (
        "<script>addEventListener('load',()=>{const m=document.querySelector('mfrac');"
        "const all=performance.getEntriesByType('resource').filter(e=>!e.name.startsWith('data:'));"
        "document.title='requests '+all.length+' fraction '+(m.getBoundingClientRect().height>"
        "1.5*document.querySelector('mi').getBoundingClientRect().height)})</script>"
    )
    fraction = mathml(r"\frac{a}{b}", display=True)
    target.write_text(text.replace("</main>", fraction + "</main>" + probe), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=2000"]
    done = subprocess.run([*command, target.as_uri()], capture_output=True, timeout=120)
    shown = done.stdout.decode("utf-8")
    assert "<title>requests 0 fraction true</title>" in shown
    assert "could not be read" in shown
