"""A batch's settings, written down in its journal and asked again."""

import json
from dataclasses import fields
from pathlib import Path

from ocrx.batch.settings import BatchSettings, settings_from
from ocrx.conversion.results import RecognitionOptions
from ocrx.document import Task
from ocrx.engine import EngineSettings
from ocrx.modes import ResolutionMode

ASKED = RecognitionOptions(
    engine="local",
    mode=ResolutionMode.BASE,
    max_vision_tokens=300,
    max_tiles=4,
    task=Task.LOCATE,
    pages="1-3",
    query="the total",
    verify=True,
    climb=False,
    model="unlimited-ocr",
    device="cuda:1",
    dtype="float16",
    batch=7,
    offline=True,
)


def test_every_option_survives_the_journal(tmp_path: Path) -> None:
    unset = [f.name for f in fields(ASKED) if getattr(ASKED, f.name) == f.default]
    assert unset == []  # else the test would not see it lost
    written = json.loads(json.dumps(BatchSettings(tmp_path, ASKED).to_dict()))
    assert settings_from(written, tmp_path).recognition == ASKED


def test_a_journal_of_before_these_options_is_still_read(tmp_path: Path) -> None:
    written = BatchSettings(tmp_path).to_dict()
    for name in ("query", "verify", "climb", "model", "device", "batch"):
        del written["recognition"][name]
    assert settings_from(written, tmp_path).recognition == RecognitionOptions()


def test_the_engine_is_told_what_concerns_it() -> None:
    assert ASKED.engine_settings() == EngineSettings(
        model="unlimited-ocr",
        device="cuda:1",
        dtype="float16",
        batch=7,
        offline=True,
    )
