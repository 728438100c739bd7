"""The embedded engine from request to raw text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded_layout_documents import as_source, cipher, new_page, prose, reopened, saved, write

from ocrx.document import Page, Recognition, Request, Route, SourceKind, StopReason, Task
from ocrx.engine import load_engine
from ocrx.engines.embedded import EmbeddedEngine
from ocrx.modes import ResolutionMode, plan_for
from ocrx.parsing.region_dialect import DIALECT, RawPage, RegionClass, loads
from ocrx.raster import load_pymupdf, probe


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    yield engine
    engine.close()


def recognised(engine: EmbeddedEngine, page: Page, **options: Any) -> Recognition:
    (found,) = engine.recognise([Request(page, options.pop("plan", None), **options)])
    return found


def text_of(raw: RawPage) -> str:
    return "\n".join(line.text for region in raw.regions for line in region.lines)


def two_columns() -> Any:
    """A running head, a title over two columns, a footnote and a page number."""
    page = new_page()
    page.insert_text((60, 40), "Journal of Harbours, volume 3", fontsize=8)
    write(page, (60, 60, 535, 110), "<b>The silting of the northern bay</b>", 18)
    for left, name in ((60, "LEFT"), (305, "RIGHT")):
        text = "\n".join(f"{name}{i} {prose(left + 9 * i, 48)}" for i in range(6))
        write(page, (left, 120, left + 230, 700), text)
    page.insert_text((294, 815), "17", fontsize=9)
    return page


def test_importing_the_engine_loads_nothing_heavy() -> None:
    code = (
        "import sys, ocrx.engines.embedded as e; e.EmbeddedEngine().info;"
        "print([m for m in ('pymupdf', 'rapidocr', 'onnxruntime', 'cv2', 'numpy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_engine_is_found_by_its_name_and_says_what_it_can() -> None:
    info = load_engine("embedded").info
    assert (info.name, info.dialect, info.reads_text_layer) == ("embedded", DIALECT, True)
    assert info.modes == frozenset(ResolutionMode)
    assert info.tasks >= {Task.MARKDOWN, Task.TEXT, Task.OCR}
    assert "pymupdf-" in info.revision
    assert "rapidocr-" in info.revision


def test_a_sound_layer_is_used_and_columns_are_read_in_order(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    (page,) = saved(two_columns().parent, tmp_path / "a.pdf")
    found = recognised(engine, page)
    assert (found.route, found.stop_reason) == (Route.TEXT_LAYER, StopReason.END)
    assert (found.read_px, found.vision_tokens, found.failure) == (None, 0, None)
    text = text_of(loads(found.raw))
    places = [text.index(f"{name}{i}") for name in ("LEFT", "RIGHT") for i in range(6)]
    assert places == sorted(places)
    assert text.index("silting") < places[0]


def test_running_head_and_page_number_are_told_from_the_text(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    (page,) = saved(two_columns().parent, tmp_path / "a.pdf")
    raw = loads(recognised(engine, page).raw)
    kinds = {line.text: region.region_class for region in raw.regions for line in region.lines}
    assert kinds["Journal of Harbours, volume 3"] is RegionClass.PAGE_HEADER
    assert kinds["17"] is RegionClass.PAGE_FOOTER


def test_a_ciphered_layer_is_read_from_the_picture(engine: EmbeddedEngine, tmp_path: Path) -> None:
    page = new_page(420, 300)
    write(page, (30, 30, 390, 280), f"{prose(0, 40)}\n{prose(40, 20)}", 12)
    document = reopened(page.parent)
    cipher(document)
    (page,) = saved(document, tmp_path / "ciphered.pdf")
    found = recognised(engine, page)
    assert found.route is Route.PIXELS
    assert "northern hills" in text_of(loads(found.raw))
    assert any("disagree" in reason for reason in found.reasons)
    assert found.confidence is not None
    assert found.confidence > 0.9


def test_a_fixed_mode_reads_pixels_at_its_resolution(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    page = new_page(420, 300)
    write(page, (30, 30, 390, 280), prose(0, 24), 18)
    (page,) = saved(page.parent, tmp_path / "a.pdf")
    plan = plan_for(ResolutionMode.BASE, 1680, 1200)
    found = recognised(engine, page, plan=plan)
    assert found.route is Route.PIXELS
    assert found.vision_tokens == 256
    assert found.read_px is not None
    assert max(found.read_px) == 1024
    assert "northern hills" in text_of(loads(found.raw))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_with_a_rotation_is_read_upright(
    engine: EmbeddedEngine, tmp_path: Path, rotation: int
) -> None:
    source = two_columns()
    upright = loads(recognised(engine, saved(source.parent, tmp_path / "u.pdf")[0]).raw)
    turned = load_pymupdf().open()
    sheet = turned.new_page(
        width=842 if rotation % 180 else 595, height=595 if rotation % 180 else 842
    )
    sheet.show_pdf_page(sheet.rect, source.parent, 0, rotate=rotation)
    sheet.set_rotation(rotation)
    (page,) = saved(turned, tmp_path / "r.pdf")
    raw = loads(recognised(engine, page).raw)
    assert (round(page.width), round(page.height)) == (595, 842)
    assert (raw.turned_degrees, round(raw.width), round(raw.height)) == (0, 595, 842)
    assert text_of(raw) == text_of(upright)


def test_text_that_runs_up_the_page_is_turned_and_says_so(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    source = two_columns()
    sideways = load_pymupdf().open()
    sheet = sideways.new_page(width=842, height=595)
    sheet.show_pdf_page(sheet.rect, source.parent, 0, rotate=270)
    (page,) = saved(sideways, tmp_path / "s.pdf")
    raw = loads(recognised(engine, page).raw)
    assert raw.turned_degrees == 270
    assert (round(raw.width), round(raw.height)) == (595, 842)
    assert text_of(raw).index("LEFT5") < text_of(raw).index("RIGHT0")


def test_a_figure_keeps_its_labels_and_gives_back_the_text_around(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    pymupdf = load_pymupdf()
    shade = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 80, 60), False)
    for x in range(80):
        for y in range(60):
            shade.set_pixel(x, y, (3 * x, 4 * y, 160))
    page = new_page()
    write(page, (60, 60, 535, 250), "\n".join(prose(i * 8, 40) for i in range(3)))
    page.insert_image((150, 260, 450, 480), pixmap=shade)
    page.insert_text((200, 300), "Bay", fontsize=9)
    page.insert_text((60, 500), "Figure 1. Depth of the bay in two surveys.", fontsize=9)
    write(page, (60, 520, 535, 760), "\n".join(prose(i * 5 + 3, 40) for i in range(4)))
    (found,) = saved(page.parent, tmp_path / "f.pdf")
    raw = loads(recognised(engine, found).raw)
    pictures = [r for r in raw.regions if r.region_class is RegionClass.PICTURE]
    assert len(pictures) == 1
    assert sum(len(line.text) for line in pictures[0].lines) < 10
    assert pictures[0].box[1] == pytest.approx(260 / 842, abs=0.03)
    assert text_of(raw).count("northern hills") >= 2
    assert "Figure 1. Depth of the bay" in text_of(raw)


def test_an_image_is_read_and_boxes_lie_within_it(engine: EmbeddedEngine, tmp_path: Path) -> None:
    page = new_page(420, 300)
    write(page, (30, 30, 390, 280), prose(0, 30), 16)
    path = tmp_path / "scan.png"
    page.get_pixmap(dpi=150).save(path)
    (found,) = probe(as_source(path, SourceKind.IMAGE))
    raw = loads(recognised(engine, found).raw)
    assert "northern hills" in text_of(raw)
    (line, *_) = [line for region in raw.regions for line in region.lines]
    assert line.box[0] == pytest.approx(30 / 420, abs=0.02)


def test_an_empty_page_is_empty_and_no_failure(engine: EmbeddedEngine, tmp_path: Path) -> None:
    (page,) = saved(new_page().parent, tmp_path / "blank.pdf")
    found = recognised(engine, page)
    assert (found.stop_reason, found.failure) == (StopReason.END, None)
    assert loads(found.raw).regions == ()


def test_a_broken_page_is_one_failed_recognition_and_the_next_page_is_read(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    (good,) = saved(two_columns().parent, tmp_path / "good.pdf")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing of use\n%%EOF")
    bad = Page(as_source(broken), 0, 595, 842)
    first, second = engine.recognise([Request(bad, None), Request(good, None)])
    assert first.stop_reason is StopReason.FAILED
    assert first.failure
    assert "\n" not in first.failure
    assert (first.page_id, first.raw) == (bad.page_id, "")
    assert second.stop_reason is StopReason.END


def test_a_task_that_the_engine_lacks_is_refused(engine: EmbeddedEngine, tmp_path: Path) -> None:
    (page,) = saved(new_page().parent, tmp_path / "a.pdf")
    found = recognised(engine, page, task=Task.DESCRIBE)
    assert found.stop_reason is StopReason.FAILED
    assert found.failure is not None
    assert "describe" in found.failure


def test_a_huge_page_is_laid_out_in_place_and_without_its_own_memory(tmp_path: Path) -> None:
    page = new_page(14400, 14400)
    write(page, (2000, 2000, 12000, 6000), prose(0, 40), size=300)
    path = tmp_path / "huge.pdf"
    page.parent.save(path)
    code = (
        "import sys\n"
        "from ocrx.engines.embedded.layout_model import analyse\n"
        "from ocrx.raster import load_pymupdf\n"
        "page = load_pymupdf().open(sys.argv[1])[0]\n"
        "print(*analyse(page)[0]['group_bbox'])\n"
        # ru_maxrss would begin with the peak of the process that started this one.
        "print(*[line.split()[1] for line in open('/proc/self/status') if 'VmHWM' in line])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    box, peak_kib = done.stdout.splitlines()[-2:]
    left, top, right, _ = map(float, box.split())
    assert abs(left - 2000) < 200 and abs(top - 2000) < 300 and 9000 < right < 12200
    assert int(peak_kib) < 700 * 1024
