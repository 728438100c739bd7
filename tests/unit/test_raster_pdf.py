import os
import subprocess
import sys

import pytest

from ocrx.document import BoundingBox
from ocrx.errors import EncryptedSourceError, LimitError, SourceChangedError, SourceError
from ocrx.raster import (
    crop_png,
    load_pymupdf,
    open_page_image,
    open_pdf,
    open_pdf_page,
    probe,
)
from ocrx.raster import pdf as pdf_room
from ocrx.source import open_source

pymupdf = load_pymupdf()
TOP_LEFT = pymupdf.Rect(0, 0, 100, 100)


def document_with_mark(width=600, height=800):
    """One page with a black square in its top left corner."""
    document = pymupdf.open()
    page = document.new_page(width=width, height=height)
    page.draw_rect(TOP_LEFT, color=(0, 0, 0), fill=(0, 0, 0))
    return document


def saved(tmp_path, document, **options):
    path = tmp_path / "doc.pdf"
    document.save(path, **options)
    return open_source(str(path))


def written(tmp_path, data, name="doc.pdf"):
    path = tmp_path / name
    path.write_bytes(data)
    return open_source(str(path))


def objects(*bodies):
    """A PDF of these objects, without a cross-reference table: it has to be repaired."""
    parts = [b"%d 0 obj\n%s\nendobj\n" % (i, body) for i, body in enumerate(bodies, 1)]
    return b"%PDF-1.4\n" + b"".join(parts) + b"trailer<</Root 1 0 R>>\n"


def ink(image):
    """Where the dark pixels are, in [0, 1]."""
    left, top, right, bottom = image.convert("L").point(lambda tone: 255 * (tone < 128)).getbbox()
    width, height = image.size
    return left / width, top / height, right / width, bottom / height


def test_pages_have_their_upright_size_in_points(tmp_path):
    document = document_with_mark()
    document.new_page(width=300, height=400).set_rotation(90)
    pages = probe(saved(tmp_path, document))
    assert [(page.index, page.width, page.height) for page in pages] == [
        (0, 600, 800),
        (1, 400, 300),
    ]


def test_a_page_is_rendered_for_plans_at_144_dpi_or_as_long_as_asked(tmp_path):
    page = probe(saved(tmp_path, document_with_mark()))[0]
    assert open_page_image(page).size == (1200, 1600)
    image = open_page_image(page, long_side_px=2000)
    assert image.size == (1500, 2000)
    assert image.mode == "RGB"


@pytest.mark.parametrize(
    ("degrees", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))]
)
def test_rotated_pages_are_upright(tmp_path, degrees, corner):
    document = document_with_mark()
    document[0].set_rotation(degrees)
    left, top, right, bottom = ink(open_page_image(probe(saved(tmp_path, document))[0]))
    assert (round((left + right) / 2), round((top + bottom) / 2)) == corner


def test_the_crop_box_is_the_page(tmp_path):
    document = document_with_mark()
    document[0].set_cropbox(pymupdf.Rect(0, 0, 200, 100))
    page = probe(saved(tmp_path, document))[0]
    assert (page.width, page.height) == (200, 100)
    assert ink(open_page_image(page)) == pytest.approx((0, 0, 0.5, 1), abs=0.01)


def test_annotations_are_kept(tmp_path):
    document = pymupdf.open()
    page = document.new_page(width=200, height=200)
    page.add_freetext_annot(pymupdf.Rect(20, 20, 180, 80), "seen", fontsize=40)
    image = open_page_image(probe(saved(tmp_path, document))[0])
    assert min(image.convert("L").getextrema()) < 128


def test_huge_pages_are_rendered_small_and_tiny_ones_not_past_1200_dpi(tmp_path):
    document = pymupdf.open()
    document.new_page(width=14400, height=14400)
    document.new_page(width=3, height=3)
    huge, tiny = probe(saved(tmp_path, document))
    assert open_page_image(huge, long_side_px=500).size == (500, 500)
    assert max(open_page_image(huge).size) == 4096
    assert open_page_image(tiny, long_side_px=2000).size == (50, 50)


def test_a_sliver_still_has_pixels(tmp_path):
    document = pymupdf.open()
    document.new_page(width=10_000, height=2)
    image = open_page_image(probe(saved(tmp_path, document))[0], long_side_px=1000)
    assert image.width == pytest.approx(1000, abs=1)
    assert image.height >= 1


ENCRYPTED = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "owner_pw": "owner"}


def test_a_password_opens_an_encrypted_document(tmp_path):
    path = saved(tmp_path, document_with_mark(), user_pw="café", **ENCRYPTED).path
    assert len(probe(open_source(path, password="café"))) == 1
    assert len(probe(open_source(path, password="owner"))) == 1


@pytest.mark.parametrize(("password", "words"), [(None, "is encrypted"), ("no", "does not open")])
def test_a_missing_or_wrong_password_names_the_option(tmp_path, password, words):
    path = saved(tmp_path, document_with_mark(), user_pw="x", **ENCRYPTED).path
    with pytest.raises(EncryptedSourceError, match=f"{words}.*--password"):
        probe(open_source(path, password=password))


def test_a_document_that_only_its_owner_may_change_can_be_read(tmp_path):
    assert len(probe(saved(tmp_path, document_with_mark(), user_pw="", **ENCRYPTED))) == 1


def test_a_password_for_an_open_document_does_no_harm(tmp_path):
    path = saved(tmp_path, document_with_mark()).path
    assert len(probe(open_source(path, password="needless"))) == 1


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


@pytest.mark.parametrize(
    "data",
    [
        objects(CATALOG, b"<</Type/Pages/Count 0/Kids[]>>"),
        objects(b"<</Type/Catalog>>"),
        b"%PDF-1.7\n",
        b"%PDF-1.7\n" + b"\xff\x00garbage" * 500,
        objects(CATALOG, b"<</Type/Pages/Count 3/Kids[2 0 R 2 0 R]>>"),
    ],
)
def test_documents_without_pages_are_source_errors(tmp_path, data):
    source = written(tmp_path, data)
    with pytest.raises(SourceError, match=r"doc\.pdf") as caught:
        for page in probe(source):
            open_page_image(page)
    assert "\n" not in str(caught.value)


def test_a_missing_cross_reference_table_is_repaired(tmp_path):
    data = document_with_mark().tobytes()
    cut = data[: data.rindex(b"xref")]
    assert len(probe(written(tmp_path, cut))) == 1


def test_one_broken_page_leaves_the_others(tmp_path):
    good = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>"
    loop = b"<</Type/Pages/Parent 2 0 R/Count 1/Kids[2 0 R]>>"
    pages = b"<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]>>"
    found = probe(written(tmp_path, objects(CATALOG, pages, good, loop)))
    assert open_page_image(found[0], long_side_px=50).size == (50, 50)
    with pytest.raises(SourceError, match="page 2: is broken"):
        open_page_image(found[1])


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b"<</A ", b">>")])
def test_a_page_nested_too_deeply_is_broken_and_not_blank(tmp_path, opening, closing):
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    nest = opening * 100_000 + closing * 100_000
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Z " + nest + b">>"
    (found,) = probe(written(tmp_path, objects(CATALOG, pages, page)))
    with pytest.raises(SourceError, match="page 1: is broken"):
        open_page_image(found)


@pytest.mark.parametrize("box", [b"[0 0 0 0]", b"[0 0 nan 1]", b"[5]", b"(x)"])
def test_a_senseless_page_size_becomes_letter(tmp_path, box):
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox" + box + b">>"
    found = probe(written(tmp_path, objects(CATALOG, pages, page)))
    assert (found[0].width, found[0].height) == (612, 792)
    assert open_page_image(found[0], long_side_px=100).height == 100


def test_forms_that_draw_themselves_end(tmp_path):
    form = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 4 0 R>>>>"
        b"/Length 5>>stream\n/F Do\nendstream"
    )
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 5 0 R"
        b"/Resources<</XObject<</F 4 0 R>>>>>>"
    )
    content = b"<</Length 5>>stream\n/F Do\nendstream"
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    found = probe(written(tmp_path, objects(CATALOG, pages, page, form, content)))
    assert open_page_image(found[0], long_side_px=50).size == (50, 50)


def test_javascript_never_runs(tmp_path):
    document = document_with_mark()
    widget = pymupdf.Widget()
    widget.field_name, widget.field_value = "f", "before"
    widget.field_type = pymupdf.PDF_WIDGET_TYPE_TEXT
    widget.rect = pymupdf.Rect(200, 200, 400, 240)
    document[0].add_widget(widget)
    action = document.get_new_xref()
    script = "this.getField('f').value = 'after'; app.alert('x')"
    document.update_object(action, f"<</S/JavaScript/JS({script})>>")
    document.xref_set_key(document.pdf_catalog(), "OpenAction", f"{action} 0 R")
    page = probe(saved(tmp_path, document))[0]
    open_page_image(page)
    with open_pdf_page(page) as opened:
        assert next(iter(opened.widgets())).field_value == "before"


def test_more_pages_than_the_cap_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_room, "MAX_PAGES", 2)
    document = pymupdf.open()
    for _ in range(3):
        document.new_page()
    with pytest.raises(LimitError, match="has 3 pages, the most is 2"):
        probe(saved(tmp_path, document))


def test_a_change_between_opening_and_reading_is_noticed(tmp_path):
    source = saved(tmp_path, document_with_mark())
    page = probe(source)[0]
    with open(source.path, "ab") as file:
        file.write(b"\n% more\n")
    with pytest.raises(SourceChangedError, match=r"doc\.pdf: changed"):
        open_page_image(page)


def test_the_document_stays_open_for_the_next_page(tmp_path):
    source = saved(tmp_path, document_with_mark())
    with open_pdf(source) as first:
        pass
    with open_pdf(source) as second:
        assert second is first


def test_what_fails_inside_names_the_page_and_opens_anew(tmp_path):
    source = saved(tmp_path, document_with_mark())
    page = probe(source)[0]
    with open_pdf(source) as first:
        pass
    with pytest.raises(SourceError, match=r"page 1: is broken.*boom"), open_pdf_page(page):
        raise RuntimeError("boom\nand more")
    with open_pdf(source) as second:
        assert second is not first


@pytest.mark.parametrize("name", [b"empty#hash.pdf", b"new\nline.pdf", b"stray\xff.pdf"])
def test_names_of_any_bytes_open(tmp_path, name):
    raw = os.fsencode(tmp_path) + b"/" + name
    with open(raw, "wb") as file:
        file.write(document_with_mark().tobytes())
    page = probe(open_source(os.fsdecode(raw)))[0]
    assert open_page_image(page, long_side_px=100).size == (75, 100)


def test_a_crop_shows_its_part_of_the_page(tmp_path):
    page = probe(saved(tmp_path, document_with_mark()))[0]
    image = open_page_image(page, long_side_px=800)
    data = crop_png(image, BoundingBox(0, 0, 100 / 600, 100 / 800))
    picture = pymupdf.Pixmap(data)
    assert picture.pixel(picture.width // 2, picture.height // 2) == (0, 0, 0)
    turned = pymupdf.Pixmap(crop_png(image, BoundingBox(0.9, 0, 1, 0.1), turned_degrees=90))
    assert turned.pixel(turned.width // 2, turned.height // 2) == (0, 0, 0)


@pytest.mark.parametrize("box", [(0.5,) * 4, (1,) * 4, (-3, -3, 9, 9), (0.9, 0.9, 0, 0)])
def test_any_box_gives_a_picture(tmp_path, box):
    page = probe(saved(tmp_path, document_with_mark()))[0]
    assert (
        pymupdf.Pixmap(crop_png(open_page_image(page, long_side_px=50), BoundingBox(*box))).width
        >= 1
    )


def test_nothing_is_printed_and_no_layout_model_loaded(tmp_path):
    broken = tmp_path / "broken.pdf"
    data = document_with_mark().tobytes()
    broken.write_bytes(data[:-300].replace(b"/Length", b"/Lengxx"))
    code = (
        "import sys\n"
        "from ocrx.source import open_source\n"
        "from ocrx.raster import probe, open_page_image\n"
        "[open_page_image(page) for page in probe(open_source(sys.argv[1]))]\n"
        "assert 'pymupdf.layout' not in sys.modules\n"
        "import pymupdf.layout\n"
        "assert callable(pymupdf._get_layout)\n"
    )
    run = [sys.executable, "-c", code, str(broken)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
