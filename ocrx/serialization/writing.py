"""Write documents, pages and recognitions as plain dicts, ready for JSON.

Values that a field has by default are left out; what JSON cannot hold (infinity) becomes 0 or null.
"""

from __future__ import annotations

import math
from typing import Any

from ocrx.document import (
    Agreement,
    Attempt,
    Block,
    BoundingBox,
    Cell,
    Document,
    PageResult,
    Provenance,
    Recognition,
    Script,
    Span,
    Table,
)
from ocrx.modes import ViewPlan
from ocrx.serialization.limits import SCHEMA_VERSION, KeptReading, plain_spans


def document_to_dict(document: Document) -> dict[str, Any]:
    """Return the document as plain values."""
    facts = document_facts(document)
    return {**facts, "pages": [page_to_dict(page) for page in document.pages]}


def document_facts(document: Document) -> dict[str, Any]:
    """Return what is known of the document as a whole, without its pages."""
    return {
        "schema_version": SCHEMA_VERSION,
        "source": document.source,
        "sha256": document.sha256,
        "engine": document.engine,
        "model": document.model,
        "ocrx_version": document.ocrx_version,
    }


def page_to_dict(page: PageResult) -> dict[str, Any]:
    """Return one page as plain values."""
    return {
        "number": page.number,
        "width": _finite(page.width),
        "height": _finite(page.height),
        "verdict": {"status": page.verdict.status.value, "reasons": list(page.verdict.reasons)},
        "provenance": _provenance_dict(page.provenance),
        "blocks": [_block_dict(block) for block in page.blocks],
    }


def recognition_to_dict(recognition: Recognition) -> dict[str, Any]:
    """Return a recognition as plain values, its raw text unchanged."""
    return {
        "schema_version": SCHEMA_VERSION,
        "page_id": recognition.page_id,
        "dialect": recognition.dialect,
        "raw": recognition.raw,
        "stop_reason": recognition.stop_reason.value,
        "vision_tokens": recognition.vision_tokens,
        "output_tokens": recognition.output_tokens,
        "seconds": _finite(recognition.seconds),
        "confidence": _finite_or_none(recognition.confidence),
        "route": recognition.route.value,
        "read_px": None if recognition.read_px is None else list(recognition.read_px),
        "reasons": list(recognition.reasons),
        "failure": recognition.failure,
        **_given(
            turned_degrees=recognition.turned_degrees or None,
            engine=recognition.engine,
            model=recognition.model,
            plan=None if recognition.plan is None else _plan_dict(recognition.plan),
        ),
        **_tries_dict(recognition.attempts, recognition.agreement),
    }


def reading_to_dict(kept: KeptReading) -> dict[str, Any]:
    """Return a page's raw output and facts as plain values: one line of kept raw output.

    Passwords, paths and pictures are left out.
    """
    page, plan = kept.reading.page, kept.reading.plan
    return {
        "schema_version": SCHEMA_VERSION,
        "source": page.source.name,
        "source_kind": page.source.kind.value,
        "sha256": page.source.sha256,
        "page": page.number,
        "width": _finite(page.width),
        "height": _finite(page.height),
        "plan": None if plan is None else _plan_dict(plan),
        "engine": kept.engine,
        "model": kept.model,
        "ocrx_version": kept.ocrx_version,
        "recognition": recognition_to_dict(kept.reading.recognition),
    }


def _plan_dict(plan: ViewPlan) -> dict[str, Any]:
    return {
        "mode": plan.mode.value,
        "base_px": plan.base_px,
        "tile_px": plan.tile_px,
        "columns": plan.columns,
        "rows": plan.rows,
        "row_ends": plan.row_ends,
    }


def _provenance_dict(provenance: Provenance) -> dict[str, Any]:
    return {
        "engine": provenance.engine,
        "model": provenance.model,
        "mode": provenance.mode,
        "route": provenance.route.value,
        "vision_tokens": provenance.vision_tokens,
        "prompt_positions": provenance.prompt_positions,
        "output_tokens": provenance.output_tokens,
        "read_px": None if provenance.read_px is None else list(provenance.read_px),
        "seconds": _finite(provenance.seconds),
        "stop_reason": provenance.stop_reason.value,
        "confidence": _finite_or_none(provenance.confidence),
        **_tries_dict(provenance.attempts, provenance.agreement),
        **_given(repairs=list(provenance.repairs) or None),
    }


def _tries_dict(attempts: tuple[Attempt, ...], agreement: Agreement | None) -> dict[str, Any]:
    return _given(
        attempts=[_attempt_dict(attempt) for attempt in attempts] or None,
        agreement=None if agreement is None else _agreement_dict(agreement),
    )


def _attempt_dict(attempt: Attempt) -> dict[str, Any]:
    return {
        "how": attempt.how,
        "reason": attempt.reason,
        "stop_reason": attempt.stop_reason.value,
        "output_tokens": attempt.output_tokens,
        "seconds": _finite(attempt.seconds),
    }


def _agreement_dict(agreement: Agreement) -> dict[str, Any]:
    return {
        "reference": agreement.reference,
        "reference_words": agreement.reference_words,
        "coverage": _finite(agreement.coverage),
        "invented_words": agreement.invented_words,
        "examples": list(agreement.examples),
    }


def _block_dict(block: Block) -> dict[str, Any]:
    given = _given(
        bbox=None if block.bbox is None else _box_list(block.bbox),
        level=block.level or None,
        marker=block.marker,
        table=None if block.table is None else _table_dict(block.table),
        latex=block.latex,
        asset=block.asset,
        continues=block.continues or None,
        size_pt=_finite_or_none(block.size_pt),
        confidence=_finite_or_none(block.confidence),
        suspect=block.suspect or None,
    )
    return {"kind": block.kind.value, **_text_dict(block.spans), **given}


def _text_dict(spans: tuple[Span, ...]) -> dict[str, Any]:
    """Text always; spans only where the text alone does not say all."""
    text = "".join(span.text for span in spans)
    if spans == plain_spans(text):
        return {"text": text}
    return {"text": text, "spans": [_span_dict(span) for span in spans]}


def _span_dict(span: Span) -> dict[str, Any]:
    styles = {"bold": span.bold, "italic": span.italic, "code": span.code, "math": span.math}
    out: dict[str, Any] = {"text": span.text, **{name: True for name, on in styles.items() if on}}
    if span.script is not Script.NORMAL:
        out["script"] = span.script.value
    if span.link is not None:
        out["link"] = span.link
    return out


def _table_dict(table: Table) -> dict[str, Any]:
    cells = [_cell_dict(cell) for cell in table.cells]
    return {"rows": table.rows, "columns": table.columns, "cells": cells}


def _cell_dict(cell: Cell) -> dict[str, Any]:
    out = {"row": cell.row, "column": cell.column, **_text_dict(cell.spans)}
    if cell.row_span != 1:
        out["row_span"] = cell.row_span
    if cell.column_span != 1:
        out["column_span"] = cell.column_span
    if cell.header:
        out["header"] = True
    return out


def _box_list(box: BoundingBox) -> list[float]:
    return [_finite(value) for value in (box.left, box.top, box.right, box.bottom)]


def _given(**optional: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {key: value for key, value in optional.items() if value is not None}


def _finite(value: float) -> float:
    """JSON has no infinity and no NaN."""
    return value if math.isfinite(value) else 0.0


def _finite_or_none(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
