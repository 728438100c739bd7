import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw, TiffImagePlugin

from ocrx.document import BoundingBox
from ocrx.errors import LimitError, SourceChangedError, SourceError
from ocrx.raster import crop_png, doubts_of, open_page_image, probe
from ocrx.raster import image as image_room
from ocrx.source import open_source

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def marked(mode="RGB", size=(120, 80)):
    """White, with a black square of 20 px in the top left corner."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, 19, 19), fill="black")
    return image.convert(mode)


def saved(tmp_path, image, format_name, **options):
    path = tmp_path / "picture"
    image.save(path, format_name, **options)
    return open_source(str(path))


def written(tmp_path, data):
    path = tmp_path / "picture"
    path.write_bytes(data)
    return open_source(str(path))


def first_page(source):
    return probe(source)[0]


def assert_marked(image, corner=(5, 5)):
    assert image.mode == "RGB"
    assert max(image.getpixel(corner)) < 60
    assert min(image.getpixel((image.width // 2, image.height // 2))) > 195


def assert_reads_as_marked(source, size=(120, 80)):
    page = first_page(source)
    assert (page.width, page.height) == size
    image = open_page_image(page)
    assert image.size == size
    assert_marked(image)
    assert doubts_of(image) == ()


@pytest.mark.parametrize(
    ("format_name", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "1", {}),
        ("PNG", "P", {}),
        ("PNG", "LA", {}),
        ("PNG", "I;16", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "L", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("JPEG2000", "RGB", {}),
        ("PPM", "1", {}),
        ("TIFF", "1", {"compression": "group4"}),
        ("TIFF", "CMYK", {}),
        ("TIFF", "LAB", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "RGB", {"big_tiff": True}),
        ("HEIF", "RGB", {}),
        ("AVIF", "RGB", {}),
    ],
)
def test_pictures_of_every_kind_are_read(tmp_path, format_name, mode, options):
    import pillow_heif

    pillow_heif.register_heif_opener()
    if mode == "LAB":
        image = Image.merge("LAB", [marked("L"), *[Image.new("L", (120, 80), 128)] * 2])
    elif mode == "I;16":
        image = Image.fromarray(np.asarray(marked("L")).astype(np.uint16) * 257)
    else:
        image = marked(mode)
    assert_reads_as_marked(saved(tmp_path, image, format_name, **options))


def test_float_tiffs_are_scaled(tmp_path):
    values = np.asarray(marked("L")).astype(np.float32) / 255
    assert_reads_as_marked(saved(tmp_path, Image.fromarray(values), "TIFF"))


def test_cmyk_jpegs_are_read_with_and_without_adobe_s_inversion(tmp_path):
    out = io.BytesIO()
    marked("CMYK").save(out, "JPEG")  # Pillow writes them inverted, with Adobe's marker
    data = out.getvalue()
    assert_reads_as_marked(written(tmp_path, data))
    start = data.index(b"\xff\xee")
    end = start + 2 + struct.unpack(">H", data[start + 2 : start + 4])[0]
    plain = data[:start] + data[end:]
    image = open_page_image(first_page(written(tmp_path, plain)))
    assert image.getpixel((60, 40)) == BLACK, "without the marker nothing is inverted"


@pytest.mark.parametrize("scale", [1, 16, 257])
def test_sixteen_bit_gray_of_any_range_is_readable(tmp_path, scale):
    values = (np.asarray(marked("L")).astype(np.uint16) // 255 * 250 + 3) * scale
    assert_reads_as_marked(saved(tmp_path, Image.fromarray(values.astype(np.uint16)), "PNG"))


def test_empty_paper_at_sixteen_bits_stays_empty(tmp_path):
    noise = np.random.default_rng(0).integers(60_000, 65_535, (80, 120)).astype(np.uint16)
    image = open_page_image(first_page(saved(tmp_path, Image.fromarray(noise), "PNG")))
    assert image.convert("L").getextrema()[0] > 200


def sixteen_bit_png(values):
    """Encode (height, width, 3 or 4) uint16 as PNG; Pillow cannot write it."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(kind, data):
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("scale", [1, 16, 257])
def test_sixteen_bit_colour_of_any_range_is_readable(tmp_path, scale):
    values = np.asarray(marked()).astype(np.uint16) * scale
    assert_reads_as_marked(written(tmp_path, sixteen_bit_png(values)))


def test_sixteen_bit_colours_are_not_swapped(tmp_path):
    values = np.zeros((40, 40, 3), np.uint16)
    values[:, :20] = (65535, 0, 0)
    values[:, 20:] = (65535, 65535, 65535)
    image = open_page_image(first_page(written(tmp_path, sixteen_bit_png(values))))
    assert image.getpixel((5, 5)) == (255, 0, 0)


def test_sixteen_bit_transparency_lies_over_white(tmp_path):
    values = np.zeros((80, 120, 4), np.uint16)
    values[:20, :20, 3] = 65535
    assert_reads_as_marked(written(tmp_path, sixteen_bit_png(values)))


@pytest.mark.parametrize(
    ("format_name", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("TIFF", "RGBA")]
)
def test_transparency_lies_over_white(tmp_path, format_name, mode):
    image = Image.new("RGBA", (120, 80), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 19, 19), fill=(0, 0, 0, 255))
    assert_reads_as_marked(saved(tmp_path, image.convert(mode), format_name))


def test_a_transparent_colour_of_a_palette_is_white(tmp_path):
    image = Image.new("P", (120, 80), 1)
    image.putpalette([0, 0, 0, 10, 10, 10])
    image.paste(0, (0, 0, 20, 20))
    assert_reads_as_marked(saved(tmp_path, image, "PNG", transparency=1))


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (1, (0, 0)),
        (2, (1, 0)),
        (3, (1, 1)),
        (4, (0, 1)),
        (5, (0, 0)),
        (6, (1, 0)),
        (7, (1, 1)),
        (8, (0, 1)),
    ],
)
def test_exif_orientation_makes_a_picture_upright(tmp_path, format_name, orientation, corner):
    import pillow_heif

    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = first_page(saved(tmp_path, marked(), format_name, exif=exif.tobytes()))
    size = (120, 80) if orientation < 5 else (80, 120)
    assert (page.width, page.height) == size
    image = open_page_image(page)
    assert image.size == size
    across, down = corner
    assert_marked(image, (across * (image.width - 11) + 5, down * (image.height - 11) + 5))


def test_broken_exif_does_not_break_the_picture(tmp_path):
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 40
    assert_reads_as_marked(saved(tmp_path, marked(), "JPEG", exif=exif))


def test_every_page_of_a_tiff_counts(tmp_path):
    pages = [marked("L"), marked("1", (60, 90)), marked("RGB", (200, 50))]
    source = saved(tmp_path, pages[0], "TIFF", save_all=True, append_images=pages[1:])
    found = probe(source)
    assert [(page.width, page.height) for page in found] == [(120, 80), (60, 90), (200, 50)]
    assert [open_page_image(page).size for page in found] == [(120, 80), (60, 90), (200, 50)]


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_frame(tmp_path, format_name):
    frames = [Image.new("RGB", (120, 80), "red")] * 2
    source = saved(tmp_path, marked(), format_name, save_all=True, append_images=frames)
    assert len(probe(source)) == 1
    assert_reads_as_marked(source)


def test_large_pictures_are_reduced_and_small_ones_left(tmp_path):
    page = first_page(saved(tmp_path, marked(size=(1200, 800)), "JPEG"))
    image = open_page_image(page, long_side_px=300)
    assert image.size == (300, 200)
    assert open_page_image(page, long_side_px=5000).size == (1200, 800)


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "BMP"])
def test_a_truncated_picture_shows_what_is_left_and_says_so(tmp_path, format_name):
    rng = np.random.default_rng(1)
    noise = Image.fromarray(rng.integers(0, 255, (300, 200, 3)).astype(np.uint8))
    out = io.BytesIO()
    noise.save(out, format_name)
    data = out.getvalue()
    page = first_page(written(tmp_path, data[: len(data) * 2 // 3]))
    image = open_page_image(page)
    assert image.size == (200, 300)
    assert any("cut short" in doubt for doubt in doubts_of(image))
    there, missing = (50, 270) if format_name != "BMP" else (270, 50)  # a BMP begins at its foot
    assert len(image.crop((0, there, 200, there + 20)).getcolors(100_000)) > 1000
    assert image.getpixel((100, missing)) == WHITE


def test_doubts_survive_what_is_done_to_a_picture(tmp_path):
    out = io.BytesIO()
    marked(size=(600, 600)).save(out, "JPEG")
    page = first_page(written(tmp_path, out.getvalue()[:-2000]))
    image = open_page_image(page, long_side_px=100)
    assert doubts_of(image.resize((10, 10)).convert("L").crop((0, 0, 5, 5)))


def png_header(width, height):
    return sixteen_bit_png(np.zeros((1, 1, 3), np.uint16)).replace(
        struct.pack(">II", 1, 1), struct.pack(">II", width, height)
    )


def with_right_crc(data):
    crc = struct.pack(">I", zlib.crc32(data[12:29]))
    return data[:29] + crc + data[33:]


@pytest.mark.parametrize("size", [(100_000, 100_000), (12_500, 12_500), (2**31 - 1, 1000)])
def test_bombs_are_refused_by_their_header(tmp_path, size):
    source = written(tmp_path, with_right_crc(png_header(*size)))
    with pytest.raises(LimitError, match="picture"):
        probe(source)


def test_one_page_too_large_leaves_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(image_room, "MAX_PIXELS", 5000)
    images = [marked(size=(60, 40)), marked(size=(100, 100))]
    found = probe(saved(tmp_path, images[0], "TIFF", save_all=True, append_images=images[1:]))
    assert open_page_image(found[0]).size == (60, 40)
    with pytest.raises(LimitError, match="page 2: 100 x 100 px are too many"):
        open_page_image(found[1])


def test_more_pages_than_the_cap_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(image_room, "MAX_PAGES", 2)
    images = [marked("1")] * 3
    source = saved(tmp_path, images[0], "TIFF", save_all=True, append_images=images)
    with pytest.raises(LimitError, match="more than 2 pages"):
        probe(source)


def test_a_tiff_whose_chain_of_pages_breaks_says_so(tmp_path):
    images = [marked("1")] * 2
    source = saved(tmp_path, images[0], "TIFF", save_all=True, append_images=images[1:])
    with open(source.path, "r+b") as file:
        data = file.read()
        first = struct.unpack("<I", data[4:8])[0]
        count = struct.unpack("<H", data[first : first + 2])[0]
        file.seek(first + 2 + 12 * count)
        file.write(struct.pack("<I", len(data) - 1))
    found = probe(open_source(source.path))
    assert len(found) == 2
    assert_marked(open_page_image(found[0]))
    with pytest.raises(SourceError, match="page 2: is broken"):
        open_page_image(found[1])


def test_a_loop_of_tiff_pages_ends(tmp_path):
    images = [marked("1")] * 2
    source = saved(tmp_path, images[0], "TIFF", save_all=True, append_images=images[1:])
    with open(source.path, "r+b") as file:
        data = bytearray(file.read())
        first = struct.unpack("<I", data[4:8])[0]
        at = first
        for _ in range(2):  # the last directory points back to the first
            count = struct.unpack("<H", data[at : at + 2])[0]
            link = at + 2 + 12 * count
            at = struct.unpack("<I", data[link : link + 4])[0]
        data[link : link + 4] = struct.pack("<I", first)
        file.seek(0)
        file.write(data)
    assert 1 <= len(probe(open_source(source.path))) <= 3


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"GIF89a\x00\x00\x00\x00\x00\x00\x00",
        b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00\x00\x00",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"P6\n0 0\n255\n",
        b"\xff\x4f\xff\x51" + bytes(50),
    ],
)
def test_what_cannot_be_decoded_is_one_line(tmp_path, data):
    source = written(tmp_path, data)
    with pytest.raises(SourceError, match="picture: ") as caught:
        open_page_image(first_page(source))
    assert "\n" not in str(caught.value)


def test_a_change_between_opening_and_reading_is_noticed(tmp_path):
    source = saved(tmp_path, marked(), "PNG")
    page = first_page(source)
    marked(size=(10, 10)).save(source.path, "PNG")
    with pytest.raises(SourceChangedError, match="changed"):
        open_page_image(page)


def test_complaints_of_codecs_stay_off_the_terminal(tmp_path, capfd):
    out = io.BytesIO()
    marked("1").save(out, "TIFF", compression="group4")
    data = bytearray(out.getvalue())
    offset = TiffImagePlugin.STRIPOFFSETS
    with Image.open(io.BytesIO(data)) as image:
        start = image.tag_v2[offset][0]
    data[start : start + 8] = b"\x5a" * 8
    open_page_image(first_page(written(tmp_path, bytes(data))))
    assert capfd.readouterr() == ("", "")


def test_a_crop_of_a_picture_is_a_png():
    data = crop_png(marked(), BoundingBox(0, 0, 20 / 120, 20 / 80))
    with Image.open(io.BytesIO(data)) as crop:
        assert crop.format == "PNG"
        assert crop.getcolors() == [(400, BLACK)]


@pytest.mark.parametrize(("degrees", "corner"), [(90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_crops_follow_the_picture_as_it_was_turned(degrees, corner):
    across, down = corner
    box = BoundingBox(0.9 * across, 0.9 * down, 0.1 + 0.9 * across, 0.1 + 0.9 * down)
    with Image.open(io.BytesIO(crop_png(marked(), box, turned_degrees=degrees))) as crop:
        assert crop.getcolors() == [(crop.width * crop.height, BLACK)]


def test_a_closed_standard_error_does_no_harm(tmp_path):
    source = saved(tmp_path, marked("1"), "TIFF", compression="group4")
    code = (
        "import os, sys\n"
        "os.close(2)\n"
        "from ocrx.source import open_source\n"
        "from ocrx.raster import open_page_image, probe\n"
        "print(open_page_image(probe(open_source(sys.argv[1]))[0]).size)\n"
    )
    run = [sys.executable, "-c", code, source.path]
    done = subprocess.run(run, stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "(120, 80)\n")
