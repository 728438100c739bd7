"""Which text layers are believed."""

from __future__ import annotations

from typing import Any

import pytest
from embedded_layout_documents import cipher, new_page, prose, reopened, write

from ocrx.engines.embedded.layer import Evidence, Soundness, soundness
from ocrx.engines.embedded.recogniser import LineReading, Pixels, Recogniser
from ocrx.engines.embedded.spans import layer_text
from ocrx.raster import load_pymupdf

PARAGRAPHS = "\n".join(prose(i * 11, 45) for i in range(8))
COLUMN = (60, 60, 535, 780)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


class Counting:
    """A recogniser that counts the lines it was asked for."""

    def __init__(self, inner: Recogniser) -> None:
        self.inner, self.lines = inner, 0

    def charset(self) -> frozenset[str]:
        return self.inner.charset()

    def detect(self, rgb: Pixels) -> tuple[Any, Any]:
        return self.inner.detect(rgb)

    def read(self, crops: list[Pixels]) -> list[LineReading]:
        self.lines += len(crops)
        return self.inner.read(crops)


def judged(page: Any, recogniser: Any, proven: set[tuple[str, int]] | None = None) -> Soundness:
    page = reopened(page.parent)[page.number]
    return soundness(page, layer_text(page), recogniser, set() if proven is None else proven)


def picture_of(page: Any) -> bytes:
    return bytes(page.get_pixmap(dpi=110, alpha=False).tobytes("png"))


def text_page() -> Any:
    page = new_page()
    write(page, COLUMN, PARAGRAPHS)
    return page


def test_a_layer_that_says_what_is_seen_is_sound(recogniser: Recogniser) -> None:
    assert judged(text_page(), recogniser) is Soundness.SOUND


def test_a_ciphered_layer_is_caught(recogniser: Recogniser) -> None:
    document = reopened(text_page().parent)
    assert cipher(document)
    assert judged(document[0], recogniser) is Soundness.DISAGREES


def test_a_ciphered_body_under_a_sound_heading_is_caught(recogniser: Recogniser) -> None:
    page = new_page()
    write(page, COLUMN, PARAGRAPHS)
    document = reopened(page.parent)
    cipher(document)
    page = document[0]
    for row in range(8):
        page.insert_text((60, 600 + 18 * row), prose(row * 5, 10), fontname="tiro", fontsize=11)
    assert judged(page, recogniser) is Soundness.DISAGREES


def test_a_page_without_text_has_no_layer(recogniser: Recogniser) -> None:
    assert judged(new_page(), recogniser) is Soundness.EMPTY


def test_invisible_text_over_a_scan_is_read_again(recogniser: Recogniser) -> None:
    page = new_page()
    page.insert_image(page.rect, stream=picture_of(text_page()))
    for row in range(20):
        page.insert_text((60, 80 + 14 * row), prose(row, 9), render_mode=3)
    assert judged(page, recogniser) is Soundness.HIDDEN


def test_text_covered_by_a_picture_of_the_page_is_read_again(recogniser: Recogniser) -> None:
    page = new_page()
    for row in range(20):
        page.insert_text((60, 80 + 14 * row), prose(row, 9))
    page.insert_image(page.rect, stream=picture_of(text_page()))
    assert judged(page, recogniser) is Soundness.HIDDEN


def test_text_upon_a_picture_of_paper_is_believed(recogniser: Recogniser) -> None:
    page = new_page()
    page.insert_image(page.rect, stream=picture_of(new_page()))
    write(page, COLUMN, PARAGRAPHS)
    assert judged(page, recogniser) is Soundness.SOUND


def test_characters_without_meaning_spoil_a_layer(recogniser: Recogniser) -> None:
    document = reopened(text_page().parent)
    for xref in range(1, document.xref_length()):
        if document.xref_is_stream(xref) and b"begincmap" in document.xref_stream(xref):
            document.update_stream(xref, document.xref_stream(xref).replace(b"<0061>", b"<e061>"))
    assert judged(document[0], recogniser) is Soundness.UNKNOWN


def test_a_running_head_over_a_scan_does_not_stand_for_the_page(recogniser: Recogniser) -> None:
    page = new_page()
    page.insert_image((40, 60, 555, 800), stream=picture_of(text_page()))
    page.insert_text((60, 40), "Report of the harbour board, page 7", fontsize=9)
    assert judged(page, recogniser) is Soundness.PARTIAL


def test_a_caption_under_a_plain_picture_is_believed(recogniser: Recogniser) -> None:
    pymupdf = load_pymupdf()
    shade = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 60, 60), False)
    for x in range(60):
        for y in range(60):
            shade.set_pixel(x, y, (4 * x, 4 * y, 120))
    page = new_page()
    page.insert_image((60, 60, 535, 535), pixmap=shade)
    page.insert_text((60, 560), "Figure 4. The sky over the harbour in the evening.", fontsize=10)
    assert judged(page, recogniser) is Soundness.SOUND


def test_text_drawn_as_outlines_beside_a_header_is_read(recogniser: Recogniser) -> None:
    pymupdf = load_pymupdf()
    svg = text_page().get_svg_image(text_as_path=True)
    drawn = pymupdf.open("pdf", pymupdf.open("svg", svg.encode()).convert_to_pdf())[0]
    drawn.insert_text((60, 40), "Outlined pages, 3", fontsize=9)
    assert judged(drawn, recogniser) is Soundness.PARTIAL


def test_scripts_that_the_recogniser_does_not_know_are_believed(recogniser: Recogniser) -> None:
    page = new_page()
    write(page, COLUMN, "Река несёт песок с северных холмов в широкую и мелкую бухту. " * 12)
    counting = Counting(recogniser)
    proven: set[tuple[str, int]] = set()
    assert judged(page, counting, proven) is Soundness.SOUND
    assert counting.lines <= 5
    assert judged(page, counting, proven) is Soundness.SOUND
    assert counting.lines <= 5, "the font was proved on the page before"


@pytest.mark.parametrize("first", ["\u0430", "\uac00", "\u0561"])
def test_a_cipher_into_a_script_that_the_recogniser_does_not_know_is_caught(
    recogniser: Recogniser, first: str
) -> None:
    document = reopened(text_page().parent)
    assert cipher(document, "".join(chr(ord(first) + i) for i in range(26)))
    assert judged(document[0], recogniser) is Soundness.DISAGREES


def test_dot_leaders_do_not_count_against_a_layer(recogniser: Recogniser) -> None:
    page = new_page()
    for row in range(30):
        dots = "." * (90 - row % 5)
        page.insert_text((60, 60 + 20 * row), f"{prose(row, 2)} {dots} {row}", fontsize=10)
    assert judged(page, recogniser) is Soundness.SOUND


def test_fonts_proved_on_one_page_need_fewer_lines_on_the_next(recogniser: Recogniser) -> None:
    page = text_page()
    document = page.parent
    document.fullcopy_page(0)
    counting, proven = Counting(recogniser), set[tuple[str, int]]()
    assert judged(document[0], counting, proven) is Soundness.SOUND
    first = counting.lines
    assert judged(document[1], counting, proven) is Soundness.SOUND
    assert 0 < counting.lines - first < first


def test_evidence_of_one_document_says_nothing_of_another() -> None:
    evidence = Evidence()
    evidence.of("one").add(("Font", 7))
    assert evidence.of("one") == {("Font", 7)}
    assert evidence.of("two") == set()
