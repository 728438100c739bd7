"""Read documents, pages and recognitions back from plain dicts.

Every function here raises ``KeptDataError``, and nothing else, on input that is malformed, of
another version or over a cap.
"""

from __future__ import annotations

import json
from typing import Any

from ocrx.document import (
    Agreement,
    Attempt,
    Block,
    BlockKind,
    BoundingBox,
    Cell,
    Document,
    Page,
    PageReading,
    PageResult,
    Provenance,
    Recognition,
    Route,
    Script,
    Source,
    SourceKind,
    Span,
    StopReason,
    Table,
    Verdict,
    VerdictStatus,
)
from ocrx.errors import KeptDataError
from ocrx.modes import ResolutionMode, ViewPlan
from ocrx.serialization.fields import Fields
from ocrx.serialization.limits import (
    MAX_ATTEMPTS,
    MAX_BLOCKS,
    MAX_EXAMPLES,
    MAX_LEVEL,
    MAX_PAGES,
    MAX_REASONS,
    MAX_SPANS,
    MAX_TABLE_SLOTS,
    KeptReading,
    plain_spans,
)


def load_json(text: str | bytes, where: str = "kept output") -> Any:
    """Decode JSON, with or without a byte order mark."""
    try:
        return json.loads(text.removeprefix("\ufeff") if isinstance(text, str) else text)
    except (ValueError, RecursionError) as error:
        raise KeptDataError(f"{where} is not JSON: {error}") from error


def document_from_dict(data: object) -> Document:
    """Return the document that was written."""
    fields = Fields(data, "document")
    fields.check_version()
    pages = tuple(_page(page) for page in fields.sections("pages", MAX_PAGES))
    return Document(
        source=fields.text("source"),
        sha256=fields.text("sha256"),
        engine=fields.text("engine"),
        model=fields.text("model"),
        ocrx_version=fields.text("ocrx_version"),
        pages=pages,
    )


def page_from_dict(data: object) -> PageResult:
    """Return the page that was written."""
    return _page(Fields(data, "page"))


def recognition_from_dict(data: object) -> Recognition:
    """Return the recognition that was written."""
    return _recognition(Fields(data, "recognition"))


def reading_from_dict(data: object) -> KeptReading:
    """Return the page's raw output and facts that were written."""
    fields = Fields(data, "reading")
    fields.check_version()
    source = Source(
        name=fields.text("source"),
        path="",
        kind=fields.choice("source_kind", SourceKind),
        sha256=fields.text("sha256"),
        size_bytes=0,
        modified_ns=0,
    )
    page = Page(
        source=source,
        index=fields.integer("page", low=1, high=MAX_PAGES) - 1,
        width=fields.number("width"),
        height=fields.number("height"),
    )
    plan = _optional_plan(fields)
    recognition = _recognition(fields.section("recognition"))
    return KeptReading(
        reading=PageReading(page=page, plan=plan, recognition=recognition),
        engine=fields.text("engine"),
        model=fields.text("model"),
        ocrx_version=fields.text("ocrx_version"),
    )


def _recognition(fields: Fields) -> Recognition:
    fields.check_version()
    return Recognition(
        page_id=fields.text("page_id"),
        raw=fields.text("raw"),
        dialect=fields.text("dialect"),
        stop_reason=fields.choice("stop_reason", StopReason),
        vision_tokens=fields.integer("vision_tokens"),
        output_tokens=fields.integer("output_tokens"),
        seconds=fields.number("seconds"),
        confidence=fields.optional_number("confidence"),
        route=fields.choice("route", Route),
        read_px=fields.optional_size("read_px"),
        reasons=fields.texts("reasons", MAX_REASONS),
        failure=fields.optional_text("failure"),
        turned_degrees=_quarters(fields),
        attempts=_attempts(fields),
        agreement=_agreement(fields),
        engine=fields.optional_text("engine"),
        model=fields.optional_text("model"),
        plan=_optional_plan(fields),
    )


def _quarters(fields: Fields) -> int:
    degrees = fields.integer("turned_degrees", high=270, default=0)
    if degrees % 90:
        raise KeptDataError(f"{fields.where}.turned_degrees is no whole quarter")
    return degrees


def _attempts(fields: Fields) -> tuple[Attempt, ...]:
    if not fields.has("attempts"):
        return ()
    return tuple(
        Attempt(
            how=attempt.text("how"),
            reason=attempt.text("reason"),
            stop_reason=attempt.choice("stop_reason", StopReason),
            output_tokens=attempt.integer("output_tokens"),
            seconds=attempt.number("seconds"),
        )
        for attempt in fields.sections("attempts", MAX_ATTEMPTS)
    )


def _agreement(fields: Fields) -> Agreement | None:
    if not fields.has("agreement"):
        return None
    found = fields.section("agreement")
    return Agreement(
        reference=found.text("reference"),
        reference_words=found.integer("reference_words"),
        coverage=found.number("coverage"),
        invented_words=found.integer("invented_words"),
        examples=found.texts("examples", MAX_EXAMPLES),
    )


def _optional_plan(whole: Fields) -> ViewPlan | None:
    if not whole.has("plan"):
        return None
    fields = whole.section("plan")
    return ViewPlan(
        mode=fields.choice("mode", ResolutionMode),
        base_px=fields.integer("base_px"),
        tile_px=fields.integer("tile_px"),
        columns=fields.integer("columns"),
        rows=fields.integer("rows"),
        row_ends=fields.flag("row_ends") if fields.has("row_ends") else True,
    )


def _page(fields: Fields) -> PageResult:
    verdict = fields.section("verdict")
    return PageResult(
        number=fields.integer("number", low=1),
        width=fields.number("width"),
        height=fields.number("height"),
        blocks=tuple(_block(block) for block in fields.sections("blocks", MAX_BLOCKS)),
        verdict=Verdict(
            status=verdict.choice("status", VerdictStatus),
            reasons=verdict.texts("reasons", MAX_REASONS),
        ),
        provenance=_provenance(fields.section("provenance")),
    )


def _provenance(fields: Fields) -> Provenance:
    return Provenance(
        engine=fields.text("engine"),
        model=fields.text("model"),
        mode=fields.text("mode"),
        route=fields.choice("route", Route),
        vision_tokens=fields.integer("vision_tokens"),
        prompt_positions=fields.integer("prompt_positions"),
        output_tokens=fields.integer("output_tokens"),
        read_px=fields.optional_size("read_px"),
        seconds=fields.number("seconds"),
        stop_reason=fields.choice("stop_reason", StopReason),
        confidence=fields.optional_number("confidence"),
        attempts=_attempts(fields),
        agreement=_agreement(fields),
        repairs=fields.texts("repairs", MAX_REASONS) if fields.has("repairs") else (),
    )


def _block(fields: Fields) -> Block:
    return Block(
        kind=fields.choice("kind", BlockKind),
        spans=_spans(fields),
        bbox=BoundingBox(*fields.numbers("bbox", 4)) if fields.has("bbox") else None,
        level=fields.integer("level", high=MAX_LEVEL, default=0),
        marker=fields.optional_text("marker"),
        table=_table(fields.section("table")) if fields.has("table") else None,
        latex=fields.optional_text("latex"),
        asset=fields.optional_file_name("asset"),
        continues=fields.flag("continues"),
        size_pt=fields.optional_number("size_pt"),
        confidence=fields.optional_number("confidence"),
        suspect=fields.flag("suspect"),
    )


def _spans(fields: Fields) -> tuple[Span, ...]:
    if not fields.has("spans"):
        return plain_spans(fields.text("text"))
    return tuple(_span(span) for span in fields.sections("spans", MAX_SPANS))


def _span(fields: Fields) -> Span:
    return Span(
        text=fields.text("text"),
        bold=fields.flag("bold"),
        italic=fields.flag("italic"),
        code=fields.flag("code"),
        math=fields.flag("math"),
        script=fields.choice("script", Script, Script.NORMAL),
        link=fields.optional_text("link"),
    )


def _table(fields: Fields) -> Table:
    rows = fields.integer("rows", high=MAX_TABLE_SLOTS)
    columns = fields.integer("columns", high=MAX_TABLE_SLOTS)
    if rows * columns > MAX_TABLE_SLOTS:
        raise KeptDataError(f"{fields.where} has more than {MAX_TABLE_SLOTS} slots")
    cells = tuple(_cell(cell, rows, columns) for cell in fields.sections("cells", MAX_TABLE_SLOTS))
    taken: set[tuple[int, int]] = set()
    for cell in cells:
        slots = {
            (row, column)
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        }
        if taken & slots:
            raise KeptDataError(f"{fields.where} has cells that overlap")
        taken |= slots
    return Table(rows=rows, columns=columns, cells=cells)


def _cell(fields: Fields, rows: int, columns: int) -> Cell:
    row = fields.integer("row", high=rows - 1)
    column = fields.integer("column", high=columns - 1)
    return Cell(
        row=row,
        column=column,
        spans=_spans(fields),
        row_span=fields.integer("row_span", low=1, high=rows - row, default=1),
        column_span=fields.integer("column_span", low=1, high=columns - column, default=1),
        header=fields.flag("header"),
    )
