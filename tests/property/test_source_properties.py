"""No bytes whatever make a document fail in any other way than with an OcrxError."""

import functools
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ocrx.errors import OcrxError, UsageError
from ocrx.raster import load_pymupdf, open_page_image, probe
from ocrx.source import (
    describe_bytes,
    display_name,
    open_source,
    parse_page_selection,
    sniff_kind,
)

PATIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
MAGIC = st.sampled_from(
    [
        b"",
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"II+\0\x08\0\0\0",
        b"RIFF\xff\0\0\0WEBP",
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x18ftypavif",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"\xff\x4f\xff\x51",
        b"P6\n9 9\n255\n",
        b"1 0 obj\n",
    ]
)


@functools.cache
def samples():
    import pillow_heif

    pillow_heif.register_heif_opener()
    image = Image.new("RGB", (64, 48), "white")
    ImageDraw.Draw(image).text((4, 4), "hello", fill="black")
    made = []
    for name, mode, options in [
        ("PNG", "RGB", {}),
        ("PNG", "P", {}),
        ("JPEG", "CMYK", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("WEBP", "RGB", {}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("JPEG2000", "RGB", {}),
        ("TIFF", "1", {"compression": "group4"}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "RGB", {"save_all": True, "append_images": [image]}),
        ("PPM", "RGB", {}),
        ("HEIF", "RGB", {}),
        ("AVIF", "RGB", {}),
    ]:
        out = io.BytesIO()
        image.convert(mode).save(out, name, **options)
        made.append(out.getvalue())
    pymupdf = load_pymupdf()
    document = pymupdf.open()
    page = document.new_page(width=200, height=100)
    page.insert_text((20, 50), "hello")
    page.insert_image(pymupdf.Rect(100, 0, 164, 48), stream=made[0])
    document.new_page(width=100, height=100).set_rotation(90)
    made += [document.tobytes(), document.tobytes(use_objstms=1, deflate=True)]
    made.append(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a"))
    return made


def read_all(data):
    """Walk the whole road from bytes to pixels; only an OcrxError may end it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "document")
        path.write_bytes(data)
        try:
            for page in probe(open_source(str(path)))[:5]:
                assert open_page_image(page, long_side_px=64).mode == "RGB"
        except OcrxError as error:
            assert "\n" not in str(error)
            assert str(path) in str(error)


@PATIENT
@given(MAGIC, st.binary(max_size=2000))
def test_random_bytes_never_escape(magic, data):
    read_all(magic + data)


@st.composite
def damaged_documents(draw):
    """Choose a valid document and overwrite, cut out, insert or drop some of its bytes."""
    data = bytearray(draw(st.sampled_from(samples())))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        patch = draw(st.binary(min_size=1, max_size=8))
        deed = draw(st.sampled_from(["overwrite", "insert", "cut", "end"]))
        if deed == "overwrite":
            data[at : at + len(patch)] = patch
        elif deed == "insert":
            data[at:at] = patch
        elif deed == "cut":
            del data[at : at + 10 * len(patch)]
        else:
            del data[max(1, at) :]
    return bytes(data)


@PATIENT
@given(damaged_documents())
def test_damaged_documents_never_escape(data):
    read_all(data)


@pytest.mark.parametrize("index", range(17))
def test_the_undamaged_ones_are_read(tmp_path, index):
    path = tmp_path / "document"
    path.write_bytes(samples()[index])
    pages = probe(open_source(str(path), password="a"))
    assert all(open_page_image(page).mode == "RGB" for page in pages)


@given(st.binary(max_size=300))
def test_sniffing_answers_for_any_bytes(data):
    kind = sniff_kind(data)
    assert kind is not None or describe_bytes(data)


@given(st.binary(max_size=60))
def test_any_name_has_a_printable_form(raw):
    shown = display_name(os.fsdecode(raw))
    assert shown.isprintable()
    shown.encode("utf-8")


@given(st.text(alphabet="0123456789-, ", max_size=12), st.integers(1, 30))
def test_page_selections_name_pages_or_are_refused(text, count):
    try:
        indices = parse_page_selection(text, count)
    except UsageError:
        return
    assert indices
    assert list(indices) == sorted(set(indices))
    assert 0 <= indices[0] <= indices[-1] < count
