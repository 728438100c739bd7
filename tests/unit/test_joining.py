import pytest

from ocrx.document import Script, Span
from ocrx.typesetting.joining import Vocabulary, join_spans, merge_spans, stack_spans


def joined(*lines: str, vocabulary: Vocabulary | None = None) -> str:
    spans = join_spans([(Span(line),) for line in lines], vocabulary)
    return "".join(span.text for span in spans)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (("two", "words"), "two words"),
        (("know-", "ledge"), "knowledge"),
        (("know\u00ad", "ledge"), "knowledge"),
        (("know\u2010", "ledge"), "knowledge"),
        (("INTRO-", "DUCTION"), "INTRODUCTION"),
        (("Anglo-", "Saxon"), "Anglo-Saxon"),
        (("state-of-the-", "art"), "state-of-the-art"),
        (("self-", "attention"), "self-attention"),
        (("self-", "ish"), "selfish"),
        (("e-", "mail"), "e-mail"),
        (("DNA-", "based"), "DNA-based"),
        (("twenty-", "five"), "twenty-five"),
        (("Ein-", "und Ausgang"), "Ein- und Ausgang"),
        (("pages 12-", "15"), "pages 12-15"),
        (("COVID-", "19"), "COVID-19"),
        (("3-", "dimensional"), "3-dimensional"),
        (("a dash -", "then more"), "a dash - then more"),
        (("closed\u2014", "dash"), "closed\u2014dash"),
        (("open \u2014", "dash"), "open \u2014 dash"),
        (("1990\u2013", "1995"), "1990\u20131995"),
        (("word--", "next"), "word--next"),
        (("and/", "or"), "and/or"),
        (("(", "inside"), "(inside"),
        (("这是一个", "句子"), "这是一个句子"),
        (("これは、", "文です"), "これは、文です"),
        (("使用工具", "Python 语言的人"), "使用工具Python 语言的人"),
        (("the character 字", "means a letter"), "the character 字 means a letter"),
        (("나는 학교에", "갔다"), "나는 학교에 갔다"),
        (("ภาษา", "ไทย"), "ภาษาไทย"),
        (("see https://example.org/a-", "b/c.html"), "see https://example.org/a-b/c.html"),
        (("https://example.org/path/", "file.html now"), "https://example.org/path/file.html now"),
        (("https://example.org/", "for more"), "https://example.org/ for more"),
        (("https://example.org/a/", "word"), "https://example.org/a/word"),
        (("see https:", "//example.org"), "see https://example.org"),
        (("https://example.org", "/index"), "https://example.org/index"),
        (("https://example.org", "is it"), "https://example.org is it"),
        (("-", "word"), "- word"),
        (("", "word", ""), "word"),
    ],
)
def test_lines_become_running_text(lines: tuple[str, ...], text: str) -> None:
    assert joined(*lines) == text


def test_the_documents_other_words_decide_what_a_hyphen_is() -> None:
    seen = Vocabulary.from_lines(["a well-known fact", "the knowledge of", "and data"])
    assert joined("well-", "known", vocabulary=seen) == "well-known"
    assert joined("know-", "ledge", vocabulary=seen) == "knowledge"


def test_two_english_words_make_a_compound_and_two_german_ones_do_not() -> None:
    english = Vocabulary.from_lines(["the rate of error and dependent ones"])
    german = Vocabulary.from_lines(["das Haus und die schlüssel"])
    assert joined("rate-", "dependent", vocabulary=english) == "rate-dependent"
    assert joined("Haus-", "schlüssel", vocabulary=german) == "Hausschlüssel"


def test_a_word_cut_by_a_line_end_is_no_evidence() -> None:
    assert Vocabulary.from_lines(["some know-", "ledge here"]).words == {"some", "here"}


def test_a_hyphen_in_a_span_of_its_own_still_divides() -> None:
    line = (Span("know", bold=True), Span("-"))
    assert join_spans([line, (Span("ledge", bold=True),)]) == (Span("knowledge", bold=True),)


def test_a_superscript_minus_divides_nothing() -> None:
    ion = (Span("Cl"), Span("-", script=Script.SUPER))
    spans = join_spans([ion, (Span("ions"),)])
    assert "".join(span.text for span in spans) == "Cl- ions"


def test_a_formula_keeps_its_minus() -> None:
    spans = join_spans([(Span("a-", math=True),), (Span("b"),)])
    assert spans == (Span("a-", math=True), Span(" b"))


def test_the_blank_takes_the_style_of_both_sides() -> None:
    bold = join_spans([(Span("one", bold=True),), (Span("two", bold=True),)])
    mixed = join_spans([(Span("one", bold=True),), (Span("two"),)])
    assert bold == (Span("one two", bold=True),)
    assert mixed == (Span("one", bold=True), Span(" two"))


def test_stacked_pieces_keep_their_hyphens_and_breaks() -> None:
    assert stack_spans([(Span("one-"),), (), (Span("two"),)]) == (Span("one-\ntwo"),)


def test_formulas_stay_apart_when_spans_merge() -> None:
    formula = Span("x", math=True)
    assert merge_spans([formula, formula, Span(""), Span("a"), Span("b")]) == (
        formula,
        formula,
        Span("ab"),
    )


def test_a_link_tells_how_its_broken_address_is_spelt() -> None:
    link = "https://example.org/some"
    spans = join_spans([(Span("https://example.", link=link),), (Span("org/some.", link=link),)])
    assert spans == (Span("https://example.org/some.", link=link),)
