import hashlib
import io
import os
import pickle
import subprocess
import sys
from contextlib import contextmanager

import pytest
from PIL import Image

from ocrx.document import SourceKind
from ocrx.errors import OutputError, SourceChangedError, SourceError, UsageError
from ocrx.source import (
    PageSelection,
    check_unchanged,
    describe_bytes,
    describe_place,
    display_name,
    open_source,
    parse_page_selection,
    sniff_kind,
    spool_stdin,
)

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def encoded(format_name, **options):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, format_name, **options)
    return out.getvalue()


def heif_encoded(format_name):
    import pillow_heif

    pillow_heif.register_heif_opener()
    return encoded(format_name)


def test_a_source_knows_its_content(tmp_path):
    path = tmp_path / "scan.dat"
    path.write_bytes(PDF)
    source = open_source(str(path), password="secret")
    assert source.kind is SourceKind.PDF
    assert source.sha256 == hashlib.sha256(PDF).hexdigest()
    assert source.size_bytes == len(PDF)
    assert "secret" not in repr(source)
    assert pickle.loads(pickle.dumps(source)) == source


def test_large_files_are_hashed_whole(tmp_path):
    data = PDF + bytes(3 << 20)
    path = tmp_path / "large.pdf"
    path.write_bytes(data)
    assert open_source(str(path)).sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "JPEG2000", "TIFF", "PPM"])
def test_pictures_are_known_by_their_bytes(name):
    assert sniff_kind(encoded(name)) is SourceKind.IMAGE


@pytest.mark.parametrize("name", ["HEIF", "AVIF"])
def test_heif_and_avif_are_known_by_their_brands(name):
    assert sniff_kind(heif_encoded(name)) is SourceKind.IMAGE


def test_big_tiff_is_known():
    assert sniff_kind(encoded("TIFF", big_tiff=True)) is SourceKind.IMAGE


@pytest.mark.parametrize(
    "head",
    [
        PDF,
        b"\x1b%-12345X@PJL JOB\r\n" + PDF,
        b"junk\n" * 150 + PDF,
        b"%!PS-Adobe-3.0 PDF-1.4\n",
        b"% no header at all\n12 0 obj\n<< /Type /Catalog >>",
    ],
)
def test_pdf_is_found_behind_junk(head):
    assert sniff_kind(head) is SourceKind.PDF


@pytest.mark.parametrize(
    ("head", "looks_like"),
    [
        (b"Dear Sir,\n", "text"),
        ("Grüße\n".encode(), "text"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "HTML"),
        (b"  <HTML>", "HTML"),
        (b"<?xml version='1.0'?><svg>", "SVG"),
        (b"<?xml version='1.0'?><a>", "XML"),
        (b'{"a": 1}', "JSON"),
        (b"PK\x03\x04....word/document.xml", "a Word document"),
        (b"PK\x03\x04....xl/workbook.xml", "an Excel workbook"),
        (b"PK\x03\x04....stuff", "a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (b"%!PS-Adobe-3.0\n", "PostScript"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "a film"),
        (b"RIFF\x00\x00\x00\x00WAVE", "sound or a film"),
        (bytes(range(64)), "binary data of no known kind"),
        (b"BM is how this text begins, but it is no bitmap", "text"),
    ],
)
def test_what_is_no_document_is_described(head, looks_like):
    assert sniff_kind(head) is None
    assert describe_bytes(head) == looks_like


def test_names_never_decide(tmp_path):
    path = tmp_path / "fake.pdf"
    path.write_text("just text\n")
    with pytest.raises(SourceError, match=r"fake\.pdf: is neither .* looks like text"):
        open_source(str(path))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: os.mkfifo(path), "is a pipe"),
        (lambda path: path.symlink_to(path.name), "cannot be read"),
        (lambda path: path.symlink_to("/dev/null"), "is a device"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_line(tmp_path, make, words):
    path = tmp_path / "thing"
    make(path)
    with pytest.raises(SourceError, match=words) as caught:
        open_source(str(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_with_a_nul_does_not_exist():
    with pytest.raises(SourceError, match="cannot be read"):
        open_source("a\0b")


@contextmanager
def without_rights():
    """Root may read everything: be nobody for a while."""
    before = os.geteuid()
    os.seteuid(65534 if before == 0 else before)
    try:
        yield
    finally:
        os.seteuid(before)


def test_permission_denied_is_said(tmp_path):
    path = tmp_path / "secret.pdf"
    path.write_bytes(PDF)
    path.chmod(0)
    with without_rights(), pytest.raises(SourceError, match="permission denied"):
        open_source(str(path))


def test_names_of_any_bytes_survive(tmp_path):
    raw = os.fsencode(tmp_path) + b"/line\nbreak\xff\x1b[31m.pdf"
    with open(raw, "wb") as file:
        file.write(PDF)
    source = open_source(os.fsdecode(raw))
    assert os.fsencode(source.path) == raw
    shown = display_name(source.name)
    assert shown.endswith(r"line\nbreak\xff\x1b[31m.pdf")
    assert shown.isprintable()
    assert shown.encode("utf-8")


def test_standard_input_is_named_as_such(tmp_path):
    path = spool_stdin(io.BytesIO(PDF), tmp_path)
    source = open_source(str(path), name="-")
    assert describe_place(source, 2) == "standard input, page 3"
    assert path.read_bytes() == PDF


class Trickle(io.RawIOBase):
    """A pipe that gives one byte at a time."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def read(self, size=-1):
        return self._data.read(1)


def test_a_slow_pipe_is_read_whole(tmp_path):
    data = b"%PDF-1.4 " + bytes(6000)
    assert spool_stdin(Trickle(data), tmp_path).read_bytes() == data


class Endless(io.RawIOBase):
    def __init__(self):
        self.given = 0

    def read(self, size=-1):
        self.given += size
        return b"y\n" * (size // 2)


def test_an_endless_pipe_of_text_is_refused_at_once(tmp_path):
    stream = Endless()
    with pytest.raises(SourceError, match=r"standard input: is neither .* text"):
        spool_stdin(stream, tmp_path)
    assert stream.given < 10_000


def test_an_empty_pipe_is_said(tmp_path):
    with pytest.raises(SourceError, match="standard input: is empty"):
        spool_stdin(io.BytesIO(), tmp_path)


def test_a_pipe_that_cannot_be_kept_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be kept"):
        spool_stdin(io.BytesIO(PDF), tmp_path / "missing")


def test_a_change_after_opening_is_noticed(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    source = open_source(str(path))
    check_unchanged(source)
    os.utime(path, ns=(0, 0))
    with pytest.raises(SourceChangedError, match=r"a\.pdf: changed"):
        check_unchanged(source)
    path.unlink()
    with pytest.raises(SourceChangedError, match="is gone"):
        check_unchanged(source)


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("1", (0,)),
        ("1-3,7,-1", (0, 1, 2, 6, 9)),
        ("3,1,3", (0, 2)),
        ("8-", (7, 8, 9)),
        ("-3--1", (7, 8, 9)),
        (" 2 , 4 ", (1, 3)),
        ("9-99", (8, 9)),
        ("2--8", (1, 2)),
    ],
)
def test_pages_are_chosen_in_order_and_once(text, indices):
    assert parse_page_selection(text, 10) == indices


@pytest.mark.parametrize(
    "text", ["", "0", "a", "1-2-3", "3-1", "11", "-11", "11-12", "1,,2", "1.5", "9" * 5000, "--1"]
)
def test_senseless_pages_are_usage_errors(text):
    with pytest.raises(UsageError, match="--pages"):
        parse_page_selection(text, 10)


def test_pages_can_be_checked_before_any_document_is_open():
    assert PageSelection.parse("2-").indices(3) == (1, 2)
    with pytest.raises(UsageError, match="no page number"):
        PageSelection.parse("x")


def test_opening_a_source_loads_nothing_heavy(tmp_path):
    code = (
        "import sys, ocrx.source\n"
        "heavy = {'pymupdf', 'PIL', 'numpy', 'cv2', 'rapidocr', 'onnxruntime', 'torch'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
