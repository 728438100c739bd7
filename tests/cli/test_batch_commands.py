"""A folder in, a folder out: resume, status, retry and render, as a user runs them."""

import json
import subprocess
from pathlib import Path

import pytest
from command import Command, draw

QUIET = ("--engine", "misbehaving_engines:Quiet", "-j", "2")


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    (folder / "old").mkdir(parents=True)
    draw(folder / "a.png")
    draw(folder / "old" / "b.tif", 2)
    (folder / "notes.txt").write_text("not a document")
    return folder


def test_a_folder_is_mirrored_and_not_done_twice(
    ocrx: Command, letters: Path, tmp_path: Path
) -> None:
    first = ocrx(letters, "-r", "-o", "out", *QUIET)
    assert first.code == 0, first.err
    assert "2 files: 2 done; 3 pages: 3 ok" in first.err
    assert (tmp_path / "out" / "a.md").is_file()
    assert (tmp_path / "out" / "old" / "b.md").is_file()

    again = ocrx(letters, "-r", "-o", "out", *QUIET)
    assert again.code == 0
    assert "2 files: 2 done before" in again.err

    forced = ocrx(letters, "-r", "-o", "out", "--force", *QUIET)
    assert "2 files: 2 done; 3 pages: 3 ok; " in forced.err

    other_format = ocrx(letters, "-r", "-o", "out", "-f", "txt", *QUIET)
    assert "3 of them read before" in other_format.err
    assert (tmp_path / "out" / "a.txt").is_file()


def test_status_and_retry(ocrx: Command, letters: Path) -> None:
    failing = ocrx(letters, "-r", "-o", "out", "--engine", "misbehaving_engines:FailsOnPageTwo")
    assert failing.code == 7

    status = ocrx("status", "out")
    assert status.code == 0
    told = json.loads(status.text)
    assert told["summary"]["verdicts"]["failed"] == 1
    by_output = {document["output"]: document for document in told["documents"]}
    assert by_output["old/b.md"]["pages"][1]["reasons"]
    table = ocrx("status", "out", "-f", "table")
    assert "old/b.md" in table.text
    assert "the ink is invisible" in table.text

    retried = ocrx("retry", "out", "-v")
    assert retried.code == 7
    assert "1 file: 1 in part" in retried.err


@pytest.mark.parametrize("command", ["status", "retry"])
def test_a_folder_without_a_batch(ocrx: Command, tmp_path: Path, command: str) -> None:
    (tmp_path / "nothing").mkdir()
    done = ocrx(command, "nothing")
    assert done.code == 2
    assert "no batch" in done.err
    assert not (tmp_path / "nothing" / ".ocrx").exists()


def test_render_gives_every_format_from_what_was_kept(
    ocrx: Command, document, tmp_path: Path
) -> None:
    path = document("paper.tif", 2)
    direct = ocrx(path, *QUIET)
    for name in ("paper.json", "paper.jsonl"):
        assert ocrx(path, "-o", name, "--keep-raw", *QUIET).code == 0
    for kept in ("paper.json", "paper.jsonl", "paper.raw.jsonl"):
        rendered = ocrx("render", kept)
        assert rendered.code == 0, rendered.err
        assert rendered.text == direct.text, kept
    html = ocrx("render", "paper.raw.jsonl", "-o", "again.html")
    assert html.code == 0, html.err
    assert (tmp_path / "again.html").read_text().startswith("<!")
    piped = ocrx("render", "-", "-f", "txt", stdin=(tmp_path / "paper.json").read_bytes())
    assert "page 2" in piped.text


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"pages": 3}', b"\xff", b'{"a":1}\n2'])
def test_render_refuses_what_ocrx_did_not_write(
    ocrx: Command, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "x.json").write_bytes(content)
    done = ocrx("render", "x.json")
    assert done.code == 3
    assert done.err.startswith("ocrx: x.json: ")
    assert done.err.count("\n") == 1


def test_doctor_says_what_is_there(ocrx: Command) -> None:
    done = ocrx("doctor")
    assert done.code == 0
    for word in ("python", "pymupdf", "rapidocr", "engines", "tesseract", "cache"):
        assert word in done.text


def test_the_reference_page_is_current(ocrx: Command) -> None:
    made = subprocess.run(
        [ocrx.argv()[0], "-m", "ocrx.cli.reference"], capture_output=True, text=True, check=True
    )
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    assert page.read_text("utf-8") == made.stdout, "run: python -m ocrx.cli.reference > docs/cli.md"
