"""What the Python interface refuses before it opens a document."""

import pytest

import ocrx


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"task": "sing"}, ocrx.UsageError, "no task 'sing' .*markdown, text"),
        ({"engine": "embedded", "model": "x"}, ocrx.UsageError, "one model only"),
        ({"engine": "embedded", "task": "figure"}, ocrx.UsageError, "has only: markdown"),
        ({"model": "deepsek-ocr"}, ocrx.MissingRequirementError, "did you mean deepseek-ocr"),
        ({"engine": "local"}, ocrx.MissingRequirementError, "ocrx models pull deepseek-ocr"),
        ({"task": "locate"}, ocrx.UsageError, "query"),
        ({"query": "a word"}, ocrx.UsageError, "query"),
    ],
)
def test_options_that_make_no_sense_are_refused(monkeypatch, tmp_path, options, error, said):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv("HUGGINGFACE_HUB_CACHE", raising=False)
    with pytest.raises(error, match=said):
        ocrx.convert("no-such-file.pdf", **options)
