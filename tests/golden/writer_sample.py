"""A document with one of everything, and the awkward neighbours that writers must get right."""

from __future__ import annotations

from dataclasses import replace

from ocrx.document import (
    Agreement,
    Attempt,
    Block,
    BlockKind,
    BoundingBox,
    Cell,
    Document,
    PageResult,
    Provenance,
    Route,
    Script,
    Span,
    StopReason,
    Table,
    Verdict,
    VerdictStatus,
)

PROVENANCE = Provenance(
    engine="embedded",
    model="pymupdf-layout",
    mode="auto",
    route=Route.TEXT_LAYER,
    vision_tokens=0,
    prompt_positions=0,
    output_tokens=123,
    read_px=None,
    seconds=0.5,
    stop_reason=StopReason.END,
    confidence=0.98,
)
RETRIED_PROVENANCE = replace(
    PROVENANCE,
    engine="local",
    model="deepseek-ocr",
    mode="large",
    route=Route.MODEL,
    vision_tokens=400,
    prompt_positions=421,
    repairs=("table 1: ragged rows (1)",),
    attempts=(Attempt("base", "the text repeats itself", StopReason.REPETITION, 512, 1.5),),
    agreement=Agreement("text layer", 40, 0.975, 1, ("harbuor",)),
)


def block(kind: BlockKind, *spans: str | Span, **fields: object) -> Block:
    texts = tuple(Span(span) if isinstance(span, str) else span for span in spans)
    return Block(kind, texts, **fields)  # type: ignore[arg-type]


def page(
    number: int,
    *blocks: Block,
    status: VerdictStatus = VerdictStatus.OK,
    reasons: tuple[str, ...] = (),
    provenance: Provenance = PROVENANCE,
) -> PageResult:
    return PageResult(number, 595.0, 842.0, blocks, Verdict(status, reasons), provenance)


def document(*pages: PageResult, source: str = "reports/harbour & tides.pdf") -> Document:
    return Document(source, "ab" * 32, "embedded", "pymupdf-layout", "0.1.0", pages)


def table(*rows: tuple[str, ...], header_rows: int = 1) -> Table:
    cells = tuple(
        Cell(r, c, (Span(text),), header=r < header_rows)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return Table(len(rows), len(rows[0]), cells)


MERGED = Table(
    4,
    3,
    (
        Cell(0, 0, (Span("Station"),), row_span=2, header=True),
        Cell(0, 1, (Span("Height in m"),), column_span=2, header=True),
        Cell(1, 1, (Span("high"),), header=True),
        Cell(1, 2, (Span("low"),), header=True),
        Cell(2, 0, (Span("North"),), row_span=2, header=True),
        Cell(2, 1, (Span("4.1"),)),
        Cell(2, 2, (Span("0.3 & less"),)),
        Cell(3, 1, (Span("mean of "), Span("two", italic=True)), column_span=2),
    ),
)

K = BlockKind

FIRST_PAGE = page(
    1,
    block(K.PAGE_HEADER, "Tides and Harbours"),
    block(K.TITLE, "The Tides of the North Harbour"),
    block(K.HEADING, "1. Introduction", level=1),
    block(
        K.PARAGRAPH,
        "The tide is the rise of the ",
        Span("sea", bold=True),
        ", as ",
        Span("Newton ", italic=True),
        "knew.",
        Span("1", script=Script.SUPER),
        " It costs $5 or #3_a, see ",
        Span("the almanac", link="https://example.org/a_(b)?x=1&y=2"),
        " and run ",
        Span("tide --all `now`", code=True),
        "; H",
        Span("2", script=Script.SUB),
        "O rises by ",
        Span("h = a \\cos(\\omega t) < 3", math=True),
        ".",
    ),
    block(K.LIST_ITEM, "moon", marker="\u2022"),
    block(K.LIST_ITEM, "near", marker="\u2013", level=1),
    block(K.LIST_ITEM, "far", marker="\u2013", level=1),
    block(K.LIST_ITEM, "sun", marker="\u2022"),
    block(K.LIST_ITEM, "first step", marker="3."),
    block(K.LIST_ITEM, "second step", marker="4."),
    block(K.LIST_ITEM, "a lettered remark", marker="(a)"),
    block(K.CAPTION, "Table 1: Heights at two stations"),
    block(K.TABLE, table=MERGED),
    block(
        K.FIGURE,
        "N  S",
        asset="page-0001-figure-1.png",
        bbox=BoundingBox(0.2, 0.5, 0.8, 0.7),
    ),
    block(K.CAPTION, "Figure 1. The harbour <from above>"),
    block(K.FORMULA, "E = mc2", latex="E = mc^{2}"),
    block(K.FORMULA, "a + b = c (2)", asset="page-0001-formula-1.png"),
    block(K.FOOTNOTE, "In the Principia, of course.", marker="1"),
    block(K.FOOTNOTE, "A note that nothing leads to.", marker="*"),
    block(K.PARAGRAPH, "This sentence runs over the pa-"),
    block(K.PAGE_NUMBER, "1"),
)
SECOND_PAGE = page(
    2,
    block(K.PAGE_HEADER, "Tides and Harbours"),
    block(K.PARAGRAPH, "per's edge and ends here.", continues=True),
    block(K.HEADING, "1.1 Places", level=2),
    block(K.TABLE, table=table(("Port", "Depth | m"), ("Aa*b", "3"), ("C_d", "-"))),
    block(K.CODE, "for port in ports:\n    print(port)  # ```"),
    block(K.PARAGRAPH, "1 Quay Road\nNorth Harbour\n- dash at a line's start"),
    block(K.PAGE_NUMBER, "2"),
    status=VerdictStatus.SUSPECT,
    reasons=("the recogniser is unsure -- read again",),
)
THIRD_PAGE = page(3, status=VerdictStatus.FAILED, reasons=("the page took longer than 60 s",))
FOURTH_PAGE = page(
    4,
    block(K.TABLE, table=table(("Port", "Depth | m"), ("E", "12")), continues=True),
    block(K.PARAGRAPH, "\u6f6e\u6c50\u662f\u6d77\u6c34\u7684\u5347\u964d\u3002"),
    status=VerdictStatus.RETRIED,
    reasons=("read in large after base: the text repeats itself",),
    provenance=RETRIED_PROVENANCE,
)
SAMPLE = document(FIRST_PAGE, SECOND_PAGE, THIRD_PAGE, FOURTH_PAGE)
