"""Where lines stand tells what they are: paragraphs below lists, verse, speakers, tabular rows."""

from printed_regions import HEIGHT, WIDTH, blocks, line, region, set_lines, texts

from ocrx.document import BlockKind
from ocrx.parsing.region_dialect import RawRegion, RawSpan, RegionClass

NOTE = RawSpan("2", script=1)


def kinds(*regions: RawRegion) -> list[BlockKind]:
    return [block.kind for block in blocks(*regions)]


def test_a_sentence_back_at_the_margin_below_a_hanging_item_is_a_paragraph() -> None:
    rows = [
        line("\u2022 Books and reports are the usual case, and they", 100, 101),
        line("need to be read twice.", 112, 111),
        line((RawSpan("\u2022 Newspapers, maps and wide tables need tiles."), NOTE), 124, 101),
        line("When in doubt, read the page once more and then", 136, 100),
        line("compare the two.", 148, 100),
    ]
    found = blocks(region(RegionClass.LIST_ITEM, *rows))
    assert [block.kind.value for block in found] == ["list_item", "list_item", "paragraph"]
    assert found[2].text.startswith("When in doubt") and found[2].text.endswith("the two.")


def test_a_bulleted_item_that_comes_back_to_the_margin_stays_whole() -> None:
    rows = set_lines(
        "\u2022 This item is set without a hanging indent, and",
        "runs on at the margin until its sentence is over.",
        "Then it goes on with another sentence of its own.",
    )
    assert kinds(region(RegionClass.LIST_ITEM, *rows)) == [BlockKind.LIST_ITEM]


def test_a_numbered_paragraph_ends_at_a_gap() -> None:
    rows = set_lines(
        "1. Film can be read only with a lamp and a lens,",
        "and we own a single reader for all of our books.",
        "It is an old one that nobody likes to sit behind.",
    )
    later = [line("I therefore propose that we film everything now.", 144)]
    first, rest = blocks(region(RegionClass.LIST_ITEM, *rows, *later))
    assert first.text.endswith("sit behind.") and rest.kind is BlockKind.PARAGRAPH


def test_numbered_regions_in_sequence_are_a_list_and_one_alone_is_none() -> None:
    one = region(RegionClass.TEXT, line("1. Film can be read with a lens.", 100))
    two = region(RegionClass.TEXT, line("2. Some plates came out too dark.", 120))
    assert [(b.kind, b.marker) for b in blocks(one, two)] == [
        (BlockKind.LIST_ITEM, "1."),
        (BlockKind.LIST_ITEM, "2."),
    ]
    assert kinds(one) == [BlockKind.PARAGRAPH]
    speech = [line("\u2014 Who is there? he asked.", top) for top in (100, 120)]
    assert kinds(*(region(RegionClass.TEXT, row) for row in speech)) == 2 * [BlockKind.PARAGRAPH]


STANZA = [  # left, top, right, bottom of the ink, as a recogniser boxed it
    (56.0, 54.8, 288.8, 76.8, "Tyger Tyger, burning bright,"),
    (66.3, 73.2, 279.4, 94.2, "In the forests of the night;"),
    (56.4, 95.1, 288.8, 114.4, "What immortal hand or eye,"),
    (33.1, 115.3, 317.4, 135.4, "Could frame thy fearful symmetry?"),
]


def test_a_centred_stanza_read_from_pixels_keeps_its_lines() -> None:
    rows = [
        line(text, top, left, bottom - top, right, confidence=0.99)
        for left, top, right, bottom, text in STANZA
    ]
    assert texts(region(RegionClass.TEXT, *rows))[0].count("\n") == 3


def test_entries_whose_full_lines_open_with_names_run_on() -> None:
    rows = set_lines(
        "Backhaus, A., Becker, E., Bellini Saibene, Yanina,",
        "Raniere, Davey, Robert, Hertweck, Kate, and Hodges,",
        "Martin, McClatchy, Susan, Michonneau, F., Trizna,",
        "Muriel, Word, K. Lesson development for everybody.",
    )
    assert "\n" not in texts(region(RegionClass.TEXT, *rows))[0]


def test_a_speaker_between_speeches_stands_alone_though_boxes_are_tall() -> None:
    rows = [
        line(text, top, left, 22.0, right, confidence=0.9)
        for left, right, top, text in [
            (66, 338, 123, "one whole line of what the first one has to say"),
            (66, 338, 139, "and another line that goes as far as the column"),
            (65, 197, 155, "with a short last one."),
            (137, 268, 176, "COLOMBINE."),
            (80, 337, 200, "And that woman, for example, whom you have seen"),
            (64, 338, 216, "and who can neither swim nor dive nor float away"),
        ]
    ]
    assert texts(region(RegionClass.TEXT, *rows))[1] == "COLOMBINE."


def test_rows_of_a_table_that_was_not_found_keep_their_lines() -> None:
    rows = [
        line(f"{label} of the course {end}", 100 + 12 * at, 100, right=500, confidence=0.99)
        for at, (label, end) in enumerate([("Lecture", "Slides"), ("Practice", "Notebook")] * 2)
    ]
    assert texts(region(RegionClass.TEXT, *rows))[0].count("\n") == 3


def test_a_gap_and_a_sentences_end_start_a_paragraph() -> None:
    rows = [
        line("a first sentence comes to its end with the line.", 100),
        line("Another line begins a new thought below a gap, so", 117),
        line("that it has to be a paragraph of its own from the", 130),
        line("place on where the old one was over and was done.", 143),
    ]
    assert len(texts(region(RegionClass.TEXT, *rows))) == 2


def test_sizes_of_lines_read_from_pixels_come_from_their_widths() -> None:
    tall = line("Dear Mrs. Lindqvist,", 100, 100, 13.7, 188, confidence=0.99)
    low = line("the answer surprised us all.", 130, 100, 11.0, 216, confidence=0.99)
    one, other = blocks(region(RegionClass.TEXT, tall), region(RegionClass.TEXT, low))
    assert one.size_pt and other.size_pt
    assert abs(one.size_pt - other.size_pt) < 0.08 * other.size_pt


def test_edges_of_boxes_have_five_places() -> None:
    third = RawRegion(RegionClass.PICTURE, (0.1 + 0.2, 1 / 3, 2 / 3, 0.7 + 0.2))
    box = blocks(third)[0].bbox
    assert box is not None
    assert (box.left, box.top, box.right, box.bottom) == (0.3, 0.33333, 0.66667, 0.9)
    text = blocks(region(RegionClass.TEXT, line("words", 100, 101)))[0].bbox
    assert text is not None and text.left == round(101 / WIDTH, 5)
    assert text.top == round(100 / HEIGHT, 5)


def test_a_catchword_set_to_the_right_stands_alone_and_the_end_of_hebrew_does_not() -> None:
    full = [line("a line of words that fills its column to the edge", top) for top in (100, 112)]
    found = texts(region(RegionClass.TEXT, *full, line("three", 124, 320)))
    assert found[1:] == ["three"]
    hebrew = [line("\u05e9\u05dc\u05d5\u05dd " * 10, top, right=345) for top in (100, 112)]
    last = line("\u05e9\u05dc\u05d5\u05dd", 124, 320, right=345)
    assert len(texts(region(RegionClass.TEXT, *hebrew, last))) == 1


def test_chinese_set_in_squares_is_no_code_though_its_face_is_called_monospaced() -> None:
    sentence = RawSpan("\u8f66\u7ad9\u5927\u5385\u7684\u949f\u4e00\u5411\u5feb", mono=True)
    latin = region(RegionClass.TEXT, line("words of another kind, and enough of them", 200))
    found = blocks(region(RegionClass.TEXT, line((sentence,), 100)), latin)
    assert [block.kind for block in found] == 2 * [BlockKind.PARAGRAPH]
    assert not found[0].spans[0].code
    called_code = blocks(region(RegionClass.CODE, line((sentence,), 100)), latin)
    assert called_code[0].kind is BlockKind.PARAGRAPH
    item = (RawSpan("\u2027 \u6e21\u8239\u6bcf\u5c0f\u65f6", mono=True),)
    assert kinds(region(RegionClass.TEXT, line(item, 100))) == [BlockKind.LIST_ITEM]
