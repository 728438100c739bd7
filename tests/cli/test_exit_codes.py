"""Every exit code, and what is said with it: one line, on stderr, that names the file."""

import json
import subprocess
from pathlib import Path

import pytest
from command import Command, draw


def engine(name: str) -> tuple[str, str]:
    return "--engine", f"misbehaving_engines:{name}"


def test_0_all_well(ocrx: Command, page: Path) -> None:
    done = ocrx(page, *engine("Quiet"))
    assert done.code == 0
    assert done.err.startswith("ocrx: 1 file: 1 done; 1 page: 1 ok; ")


def test_quiet_says_nothing(ocrx: Command, page: Path) -> None:
    assert ocrx(page, "-q", *engine("Quiet")).err == ""


@pytest.mark.parametrize("words", [(), ("-v",)])
def test_1_a_bug_is_one_line_and_a_traceback_only_when_asked_for(
    ocrx: Command, page: Path, words: tuple[str, ...]
) -> None:
    """An engine whose very construction fails is a bug of its own, met in this process."""
    done = ocrx(page, *words, "--engine", "misbehaving_engines:Broken")
    assert done.code == 1
    assert "unexpected ZeroDivisionError" in done.err
    assert "please report it" in done.err
    assert ("Traceback" in done.err) is bool(words)
    assert words or done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"", "empty"),
        (b"hello, this is text\n", "text"),
        (b"%PDF-1.7\nnothing of a pdf", "report.pdf"),
    ],
)
def test_3_a_source_that_cannot_be_read(
    ocrx: Command, tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "report.pdf").write_bytes(content)
    done = ocrx("report.pdf", *engine("Quiet"))
    assert done.code == 3
    assert done.out == b""
    assert done.err.startswith("ocrx: report.pdf")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_3_a_folder_without_documents(ocrx: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = ocrx("empty", "-o", "out")
    assert done.code == 3
    assert "empty: no documents found" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["no-such-engine", "no_such_module:Engine"])
def test_4_an_engine_that_is_not_there(ocrx: Command, page: Path, name: str) -> None:
    done = ocrx(page, "--engine", name)
    assert done.code == 4
    assert name.split(":")[0] in done.err


def test_4_an_engine_that_lacks_its_weights(ocrx: Command, page: Path) -> None:
    done = ocrx(page, *engine("Unavailable"))
    assert (done.code, done.out) == (4, b"")
    assert "weights of the model are missing" in done.err


def test_5_an_engine_that_fails_on_everything(ocrx: Command, page: Path) -> None:
    done = ocrx(page, *engine("FailsAlways"))
    assert done.code == 5
    assert b"could not be read" in done.out
    assert "ocrx: page.png: page 1 failed: " in done.err.replace(str(page), "page.png")


def test_6_a_place_that_is_no_folder(ocrx: Command, page: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = ocrx(page, "-o", "file/page.md", *engine("Quiet"))
    assert done.code == 6
    assert "file" in done.err
    assert done.err.count("\n") == 1


def test_6_an_output_that_would_replace_its_input(ocrx: Command, page: Path) -> None:
    before = page.read_bytes()
    done = ocrx(page, "-o", page, *engine("Quiet"))
    assert done.code == 6
    assert "replace the input" in done.err
    assert page.read_bytes() == before


@pytest.mark.parametrize("output", ["/proc/ocrx/page.md", "/proc/page.md", "/proc/"])
def test_6_a_folder_in_which_nobody_can_write(ocrx: Command, page: Path, output: str) -> None:
    """Not even root, whom permissions do not hold."""
    done = ocrx(page, "-o", output, *engine("Quiet"))
    assert done.code == 6
    assert done.err.startswith("ocrx: /proc")
    assert done.err.count("\n") == 1


def test_6_a_full_disk(ocrx: Command, tmp_path: Path) -> None:
    """The limit on a file's size stands in for the disk: the cache and the output both hit it."""
    draw(tmp_path / "long.tif", 300)
    limited = ["bash", "-c", 'ulimit -f 32; exec "$@"', "bash"]
    argv = ocrx.argv("long.tif", "-o", "long.md", "-f", "json", *engine("Quiet"))
    done = subprocess.run(
        [*limited, *argv],
        cwd=tmp_path,
        env=ocrx.environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 6, done.stderr
    assert done.stderr == "ocrx: long.md: cannot be written: File too large\n"
    assert not list(tmp_path.glob("*.md"))
    assert not list(tmp_path.glob(".ocrx-*"))


def test_7_some_pages_failed(ocrx: Command, document) -> None:
    done = ocrx(document("a.tif", 3), *engine("FailsOnPageTwo"))
    assert done.code == 7
    assert "page 1" in done.text
    assert "page 2 failed: the ink is invisible" in done.text
    assert "page 3" in done.text
    assert "page 2 failed: the ink is invisible" in done.err


def test_7_some_documents_failed(ocrx: Command, page: Path, tmp_path: Path) -> None:
    (tmp_path / "words.pdf").write_text("words")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a pdf")
    names = ["missing.pdf", page, "broken.pdf", "words.pdf"]
    done = ocrx(*names, "-f", "jsonl", *engine("Quiet"))
    assert done.code == 7
    assert "ocrx: missing.pdf: " in done.err
    values = [json.loads(line) for line in done.text.splitlines()]
    assert [value["source"] for value in values] == [str(name) for name in names]
    assert ["page" in value for value in values] == [False, True, False, False]
    assert values[0]["error"]["message"] == "missing.pdf: does not exist"
    assert {value["error"]["exit_code"] for value in values if "error" in value} == {3}
    (tmp_path / "kept.jsonl").write_bytes(done.out)
    again = ocrx("render", "kept.jsonl", "-f", "txt")
    assert (again.code, again.text) == (0, ocrx(page, "-f", "txt", *engine("Quiet")).text)
    assert "ocrx: missing.pdf: does not exist" in again.err


def test_3_a_single_document_that_fails_is_a_line_of_json_lines_too(ocrx: Command) -> None:
    done = ocrx("missing.pdf", "-f", "jsonl", *engine("Quiet"))
    assert done.code == 3
    assert json.loads(done.text)["error"]["kind"] == "unreadable_source"
    (ocrx.folder / "kept.jsonl").write_bytes(done.out)
    assert ocrx("render", "kept.jsonl").code == 3


def test_7_suspect_pages_only_with_strict(ocrx: Command, page: Path) -> None:
    lenient = ocrx(page, *engine("Doubtful"))
    strict = ocrx(page, "--strict", *engine("Doubtful"))
    assert (lenient.code, strict.code) == (0, 7)
    assert "page 1 suspect: the page is written in Martian" in lenient.err


def test_passwords_are_shown_nowhere(ocrx: Command, page: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("open sesame\nsecond line\n")
    done = ocrx(page, "-o", "out/", "-vv", "--password-file", "secret", *engine("Quiet"))
    assert done.code == 0, done.err
    assert "sesame" not in done.err
    kept = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"sesame" in content for content in kept)


def test_an_encrypted_pdf_needs_its_password(ocrx: Command, tmp_path: Path) -> None:
    make = (
        "import pymupdf; d = pymupdf.open(); d.new_page();"
        "d.save('locked.pdf', encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw='sesame')"
    )
    subprocess.run([ocrx.argv()[0], "-c", make], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "secret").write_text("sesame\n")
    without = ocrx("locked.pdf", *engine("Quiet"))
    wrong = ocrx("locked.pdf", "--password", "guess", *engine("Quiet"))
    right = ocrx("locked.pdf", "--password-file", "secret", *engine("Quiet"))
    assert (without.code, wrong.code, right.code) == (3, 3, 0), right.err
    assert "password" in without.err
    assert "guess" not in wrong.err
    assert "page 1" in right.text


def test_collisions_are_refused_before_anything_runs(ocrx: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    draw(tmp_path / "in" / "a.png")
    draw(tmp_path / "in" / "a.tif", 2)
    done = ocrx("in", "-o", "out", *engine("Quiet"))
    assert done.code == 6
    assert "a.png" in done.err
    assert "a.tif" in done.err
    assert not list(tmp_path.glob("out/*.md"))
