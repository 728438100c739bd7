"""The whole road: pictures through the command line and a model that really reads, to files.

The tiny checkpoint of ``tests/reader`` knows six pages in three pairs of one layout; every page
must come out as what stands on it, in two modes and four formats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from command import Command
from PIL import Image, ImageChops, ImageStat

from tests.reader.content import PAGES, Figure, Formula, Page, Paragraph, Table, Title
from tests.reader.drawing import answer_of, boxes_in, picture_of
from tests.reader.published import CHECKPOINT

FORMATS = {"json": "json", "md": "md", "html": "html", "latex": "tex"}
TILES = {(900, 1200): 6, (640, 1200): 2, (1200, 900): 6}
GRID_STEP = 1 / 999  # of the page: as near as the model's coordinates can be
MODES = ("tiny", "gundam")


@pytest.fixture(scope="module", params=MODES)
def outputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Read all pages in one mode, in every format: the folder of the outputs and the mode.

    What was read for the first format is kept in the folder, and read for no other.
    """
    folder = tmp_path_factory.mktemp(request.param)
    ocrx = Command(folder, {"OMP_NUM_THREADS": "1"})
    pictures = [picture_of(page.name) for page in PAGES]
    how = ("--model", CHECKPOINT, "--engine", "local", "--device", "cpu", "--mode", request.param)
    for form in FORMATS:
        done = ocrx(*pictures, *how, "--dtype", "float32", "-f", form, "-o", folder / "out")
        assert done.code == 0, done.err
    return folder / "out", request.param


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def page(request: pytest.FixtureRequest) -> Page:
    return request.param


@pytest.fixture
def blocks(outputs: tuple[Path, str], page: Page) -> list[dict[str, Any]]:
    return _page_of(outputs[0], page)["blocks"]


def _page_of(folder: Path, page: Page) -> dict[str, Any]:
    document = json.loads((folder / f"{page.name}.json").read_text("utf-8"))
    (only,) = document["pages"]
    return only


def _text_of(outputs: tuple[Path, str], page: Page, form: str) -> str:
    return (outputs[0] / f"{page.name}.{FORMATS[form]}").read_text("utf-8")


def _plain(words: str) -> str:
    return words.replace("\\( ", "").replace(" \\)", "")


def _cells(table: Table) -> Iterator[tuple[str, int, int]]:
    for row in table.rows:
        for cell in row:
            yield cell.words, cell.rows, cell.columns


def test_a_page_ends_by_itself_and_costs_what_its_mode_says(
    outputs: tuple[Path, str], page: Page
) -> None:
    folder, mode = outputs
    read = _page_of(folder, page)
    provenance = read["provenance"]
    assert provenance["stop_reason"] == "end"
    assert provenance["mode"] == mode
    assert provenance["vision_tokens"] == (64 if mode == "tiny" else 256 + 100 * TILES[page.size])
    assert read["verdict"]["status"] == "ok"
    assert provenance["engine"] == "local"


def test_words_and_formulas_are_those_of_the_page(blocks: list[dict[str, Any]], page: Page) -> None:
    said = [(block["kind"], block.get("latex") or block["text"]) for block in blocks]
    stands = []
    for block in page.blocks:
        if isinstance(block, Title):
            stands.append(("title", block.words))
        elif isinstance(block, Paragraph):
            stands.append(("paragraph", _plain(block.words)))
        elif isinstance(block, Formula):
            stands.append(("formula", block.latex))
        elif isinstance(block, Figure):
            stands += [("figure", ""), ("caption", block.caption)]
        else:
            stands.append(("table", ""))
    assert said == stands


def test_a_table_keeps_its_cells_and_merges(blocks: list[dict[str, Any]], page: Page) -> None:
    (table,) = [block["table"] for block in blocks if block["kind"] == "table"]
    said = [
        (cell["text"], cell.get("row_span", 1), cell.get("column_span", 1))
        for cell in table["cells"]
    ]
    stands = page.one(Table)
    assert said == list(_cells(stands))
    assert (table["rows"], table["columns"]) == (len(stands.rows), stands.columns)


def test_boxes_are_where_things_stand(blocks: list[dict[str, Any]], page: Page) -> None:
    names = {"paragraph": "text", "formula": "equation", "figure": "image"}
    names["caption"] = "image_caption"
    for kind in {block["kind"] for block in blocks}:
        boxes = [block["bbox"] for block in blocks if block["kind"] == kind]
        drawn = boxes_in(answer_of(page.name), names.get(kind, kind))
        assert len(boxes) == len(drawn)
        for box, place in zip(boxes, drawn, strict=True):
            assert box == pytest.approx(place, abs=1.5 * GRID_STEP)


def test_markdown_holds_title_table_formula_and_picture(
    outputs: tuple[Path, str], page: Page
) -> None:
    markdown = _text_of(outputs, page, "md")
    title, formula = page.one(Title), page.one(Formula)
    assert f"# {title.words}\n" in markdown
    assert f"$$\n{formula.latex}\n$$" in markdown
    assert "<table>" in markdown and 'colspan="' in markdown
    assert "<|" not in markdown and "[[" not in markdown


def test_inline_math_stays_math(outputs: tuple[Path, str], page: Page) -> None:
    paragraphs = [block.words for block in page.blocks if isinstance(block, Paragraph)]
    inline = re.findall(r"\\\( (.+?) \\\)", " ".join(paragraphs))
    markdown = _text_of(outputs, page, "md")
    assert re.findall(r"(?<![$\\])\$([^$]+)\$(?!\$)", markdown) == [
        math.replace("<", "\\lt").replace(">", "\\gt") for math in inline
    ]


def test_html_has_mathml_and_merged_cells(outputs: tuple[Path, str], page: Page) -> None:
    html = _text_of(outputs, page, "html")
    title, table = page.one(Title), page.one(Table)
    assert f"<h1>{title.words}</h1>" in html
    assert '<math display="block">' in html
    widest = max(columns for _, _, columns in _cells(table))
    assert f'colspan="{widest}"' in html
    for words, _, _ in _cells(table):
        assert f">{words}</t" in html


def test_latex_has_the_formula_and_the_merged_cell(outputs: tuple[Path, str], page: Page) -> None:
    latex = _text_of(outputs, page, "latex")
    title, formula, table = page.one(Title), page.one(Formula), page.one(Table)
    assert title.words in latex
    assert f"\\[\n{formula.latex}\n\\]" in latex
    widest = max(columns for _, _, columns in _cells(table))
    assert f"\\multicolumn{{{widest}}}" in latex


def test_the_linked_picture_is_the_figure(outputs: tuple[Path, str], page: Page) -> None:
    links = re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", _text_of(outputs, page, "md"))
    (name,) = [unquote(link) for link in links]
    assert name.startswith(f"{page.name}_files/")
    (place,) = boxes_in(answer_of(page.name), "image")
    sides = page.size * 2
    corners = [round(share * side) for share, side in zip(place, sides, strict=True)]
    with Image.open(picture_of(page.name)) as whole, Image.open(outputs[0] / name) as crop:
        drawn = whole.convert("RGB").crop(tuple(corners))  # type: ignore[arg-type]
        assert crop.size == pytest.approx(drawn.size, abs=4)
        apart = ImageChops.difference(crop.convert("RGB").resize(drawn.size), drawn)
    assert max(ImageStat.Stat(apart).mean) < 8  # of 255; another page's figure is 30 and more apart
    assert max(ImageStat.Stat(drawn).stddev) > 40


def test_every_page_has_its_own_text(outputs: tuple[Path, str]) -> None:
    texts = [_text_of(outputs, page, "md") for page in PAGES]
    bare = {re.sub(r"\(.*?_files/.*?\)", "", text) for text in texts}
    assert len(bare) == len(PAGES)
