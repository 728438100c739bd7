from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from making import make_document
from misbehaving import SPEC
from PIL import Image

import ocrx
from ocrx.document import VerdictStatus


def test_a_path_becomes_a_document(tmp_path: Path) -> None:
    path = make_document(tmp_path / "a.tif", pages=3)
    document = ocrx.convert(path, engine=SPEC, pages="1,3")
    assert [page.number for page in document.pages] == [1, 3]
    assert "This is page 3." in ocrx.write_document(document, ocrx.OutputFormat.MD)


def test_bytes_become_the_same_document_in_workers(tmp_path: Path) -> None:
    path = make_document(tmp_path / "a.tif", pages=2)
    ours = ocrx.convert(path, engine=SPEC)
    theirs, assets = ocrx.convert_with_assets(path.read_bytes(), engine=SPEC, workers=1)
    assert [page.blocks for page in theirs.pages] == [page.blocks for page in ours.pages]
    assert sorted(assets) == ["page-0001-figure-1.png", "page-0002-figure-1.png"]
    assert assets["page-0001-figure-1.png"].data.startswith(b"\x89PNG")


def test_a_fixed_mode_is_in_the_provenance(tmp_path: Path) -> None:
    path = make_document(tmp_path / "a.tif")
    page = ocrx.convert(path, engine=SPEC, mode="tiny").pages[0]
    assert page.provenance.mode == "tiny"
    assert page.provenance.prompt_positions == 73


def test_a_failed_page_stays_in_the_document(tmp_path: Path) -> None:
    path = make_document(tmp_path / "raise@1.tif", pages=3)
    document = ocrx.convert(path, engine=SPEC)
    statuses = [page.verdict.status for page in document.pages]
    assert statuses == [VerdictStatus.OK, VerdictStatus.FAILED, VerdictStatus.OK]
    assert "out of ink" in document.pages[1].verdict.reasons[0]


@pytest.mark.parametrize("wish", ["garble", "answer"])
def test_an_answer_that_makes_no_sense_is_a_failed_page(tmp_path: Path, wish: str) -> None:
    path = make_document(tmp_path / f"{wish}@0.tif")
    assert ocrx.convert(path, engine=SPEC).pages[0].verdict.status is VerdictStatus.FAILED


@pytest.mark.parametrize(
    ("cut", "status"), [(False, VerdictStatus.BLANK), (True, VerdictStatus.SUSPECT)]
)
def test_a_blank_page_of_a_damaged_pdf_is_suspect(
    tmp_path: Path, cut: bool, status: VerdictStatus
) -> None:
    path = tmp_path / "empty@0.pdf"
    Image.new("RGB", (20, 20)).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"xref")] if cut else whole)
    (page,) = ocrx.convert(path, engine=SPEC).pages
    assert page.verdict.status is status
    assert any("content may be lost" in reason for reason in page.verdict.reasons) is cut


def test_errors_are_of_the_public_tree(tmp_path: Path) -> None:
    with pytest.raises(ocrx.SourceError):
        ocrx.convert(tmp_path / "missing.pdf", engine=SPEC)
    with pytest.raises(ocrx.SourceError):
        ocrx.convert(b"not a document", engine=SPEC)
    with pytest.raises(ocrx.UsageError):
        ocrx.convert(make_document(tmp_path / "a.tif"), engine=SPEC, mode="vast")
    with pytest.raises(ocrx.UsageError):
        ocrx.convert(make_document(tmp_path / "b.tif"), engine=SPEC, pages="9")
    with pytest.raises(ocrx.MissingRequirementError):
        ocrx.convert(make_document(tmp_path / "c.tif"), engine="nosuch:Engine")


def test_public_names_are_sorted_and_all_there() -> None:
    assert list(ocrx.__all__) == sorted(ocrx.__all__)
    assert all(getattr(ocrx, name) is not None for name in ocrx.__all__)
    assert dir(ocrx) == list(ocrx.__all__)


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, ocrx; print([name for name in sys.modules if name.startswith('ocrx.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
