"""JSON out and in again: exact, described by the schema, and never another error than ours."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from ocrx.document import (
    Document,
    Page,
    PageReading,
    Recognition,
    Source,
    SourceKind,
    StopReason,
)
from ocrx.errors import ExitCode, KeptDataError, SourceError
from ocrx.modes import ResolutionMode, plan_for
from ocrx.serialization import (
    KeptReading,
    document_from_dict,
    document_to_dict,
    load_json,
    page_from_dict,
    page_to_dict,
    reading_from_dict,
    reading_to_dict,
    recognition_from_dict,
    recognition_to_dict,
)
from ocrx.writers import OutputFormat, write_document
from ocrx.writers.json_lines import failure_line
from tests.golden.writer_sample import SAMPLE
from tests.property.writer_documents import documents, recognitions

SCHEMA = json.loads(files("ocrx.writers").joinpath("ocrx-document-1.schema.json").read_text())
for _object in (SCHEMA, *SCHEMA["$defs"].values()):
    if _object.get("type") == "object":  # stricter than published: we write no unknown field
        _object["additionalProperties"] = False
VALIDATOR = Draft202012Validator(SCHEMA)
LINE_VALIDATOR = Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": "#/$defs/line"})


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@settings(max_examples=60, deadline=None)
@given(documents())
def test_a_document_comes_back_exactly_and_fits_the_schema(document: Document) -> None:
    data = through_json(document_to_dict(document))
    VALIDATOR.validate(data)
    assert document_from_dict(data) == document


def test_the_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("field", ["source", "pages"])
def test_the_schema_refuses_a_document_without_a_field(field: str) -> None:
    data = document_to_dict(SAMPLE)
    del data[field]
    assert not VALIDATOR.is_valid(data)


def test_written_json_fits_the_schema() -> None:
    VALIDATOR.validate(json.loads(write_document(SAMPLE, OutputFormat.JSON)))
    for line in write_document(SAMPLE, OutputFormat.JSONL).splitlines():
        LINE_VALIDATOR.validate(json.loads(line))


def test_a_page_comes_back_exactly() -> None:
    for page in SAMPLE.pages:
        assert page_from_dict(through_json(page_to_dict(page))) == page


@settings(max_examples=60, deadline=None)
@given(recognitions)
def test_a_recognition_comes_back_exactly(recognition: Recognition) -> None:
    assert recognition_from_dict(through_json(recognition_to_dict(recognition))) == recognition


def test_what_was_kept_before_tries_were_recorded_is_still_read() -> None:
    old = recognition_to_dict(Recognition("p", "text", "regions/1", StopReason.END))
    assert not {"attempts", "agreement", "plan", "engine", "turned_degrees"} & set(old)
    assert recognition_from_dict(old).attempts == ()


@pytest.mark.parametrize(
    "change",
    [
        {"turned_degrees": 45},
        {"turned_degrees": 360},
        {"attempts": [{"how": "base", "reason": "it looped"}]},
        {"attempts": [{}] * 101},
        {"agreement": {"reference": "text layer"}},
        {"plan": {"mode": "huge"}},
        {"engine": 3},
    ],
)
def test_a_recognition_beyond_its_bounds_is_refused(change: dict[str, Any]) -> None:
    data = recognition_to_dict(Recognition("p", "text", "grounding/1", StopReason.END))
    with pytest.raises(KeptDataError):
        recognition_from_dict({**data, **change})


def kept(recognition: Recognition, password: str | None = None) -> KeptReading:
    source = Source("a b.pdf", "", SourceKind.PDF, "ab" * 32, 0, 0, password)
    page = Page(source, index=2, width=595.0, height=842.5)
    plan = plan_for(ResolutionMode.GUNDAM, 1000, 1400)
    return KeptReading(PageReading(page, plan, recognition), "embedded", "m", "0.1.0")


@settings(max_examples=30, deadline=None)
@given(recognitions)
def test_raw_output_comes_back_with_its_page(recognition: Recognition) -> None:
    line = json.dumps(reading_to_dict(kept(recognition)))
    assert reading_from_dict(json.loads(line)) == kept(recognition)


@settings(max_examples=5, deadline=None)
@given(recognitions)
def test_raw_output_holds_no_password(recognition: Recognition) -> None:
    assert "s3cret-word" not in json.dumps(reading_to_dict(kept(recognition, "s3cret-word")))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pages", "kind", "text", "table", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_document_is_read_or_refused_but_never_crashes(data: st.DataObject) -> None:
    document = through_json(document_to_dict(SAMPLE))
    where: Any = document
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        key = data.draw(st.sampled_from(keys))
        inside = isinstance(where[key], dict | list) and where[key]
        if not inside or data.draw(st.booleans()):
            break
        where = where[key]
    where[key] = data.draw(json_values)
    try:
        read = document_from_dict(document)
    except KeptDataError as error:
        assert error.exit_code is ExitCode.UNREADABLE_SOURCE
        assert "\n" not in str(error)
    else:
        for output_format in OutputFormat:
            write_document(read, output_format)


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"schema_version": True},
        {"pages": [{}]},
        {"pages": {}},
        {"source": None},
    ],
)
def test_what_is_not_a_document_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(KeptDataError):
        document_from_dict({**document_to_dict(SAMPLE), **change})


@pytest.mark.parametrize(
    "block",
    [
        {"asset": "../secret.png"},
        {"asset": "/etc/passwd"},
        {"level": -1},
        {"level": 10**9},
        {"bbox": [0, 0, 1]},
        {"bbox": [0, 0, 1, 10**400]},
        {"table": {"rows": 10**6, "columns": 10**6, "cells": []}},
        {"table": {"rows": 1, "columns": 1, "cells": [{"row": 0, "column": 0, "text": ""}] * 2}},
        {"table": {"rows": 1, "columns": 1, "cells": [{"row": 0, "column": 1, "text": ""}]}},
        {"spans": [{"text": "a", "bold": 1}]},
    ],
)
def test_a_block_beyond_its_bounds_is_refused(block: dict[str, Any]) -> None:
    data = through_json(document_to_dict(SAMPLE))
    data["pages"][0]["blocks"][0].update(block)
    with pytest.raises(KeptDataError):
        document_from_dict(data)


@pytest.mark.parametrize("text", ["", "no", "[" * 100_000, '{"pages"', "9" * 5000, b"\xff\xfe"])
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(KeptDataError):
        load_json(text)


def test_a_byte_order_mark_does_not_disturb() -> None:
    text = "\ufeff" + write_document(SAMPLE, OutputFormat.JSON)
    assert document_from_dict(load_json(text)) == SAMPLE
    assert document_from_dict(load_json(text.encode("utf-8"))) == SAMPLE


def test_a_document_that_failed_is_a_line_of_the_schema() -> None:
    line = failure_line("bad \udcff\nname.pdf", "1.0", SourceError("it is torn"))
    assert line.count("\n") == 1
    LINE_VALIDATOR.validate(json.loads(line))
    error = json.loads(line)["error"]
    assert error == {"kind": "unreadable_source", "exit_code": 3, "message": "it is torn"}
    with pytest.raises(ValidationError):
        LINE_VALIDATOR.validate({**json.loads(line), "error": "torn"})


def test_a_line_of_json_lines_holds_its_page_and_its_document() -> None:
    lines = write_document(SAMPLE, OutputFormat.JSONL).splitlines()
    values = [load_json(line) for line in lines]
    assert tuple(page_from_dict(value["page"]) for value in values) == SAMPLE.pages
    assert {value["source"] for value in values} == {SAMPLE.source}
