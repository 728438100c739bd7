"""Everything that can be named as input, and where the output of it goes."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from command import Command, draw
from PIL import Image

LONG = "x" * 300  # file systems take 255 bytes
QUIET = ("--engine", "misbehaving_engines:Quiet", "-j", "1")


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PDF"])
def test_standard_input_is_known_by_its_bytes(ocrx: Command, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture"
    Image.new("RGB", (200, 100), "white").save(path, kind)
    done = ocrx("-", *QUIET, stdin=path.read_bytes())
    assert done.code == 0, done.err
    assert "page 1" in done.text


def test_standard_input_of_no_known_kind(ocrx: Command) -> None:
    done = ocrx("-", *QUIET, stdin=b"just words\n")
    assert done.code == 3
    assert "standard input" in done.err


def test_substituted_processes_and_open_descriptors_are_read_like_files(
    ocrx: Command, tmp_path: Path
) -> None:
    for number in range(4):
        draw(tmp_path / f"{number}.png", shade=255 - number)
    script = f"{' '.join(map(str, ocrx.argv()))} <(cat 0.png) <(echo words) /dev/stdin 3.png"
    script += f" /dev/fd/9 -f jsonl {' '.join(QUIET)} < 1.png 9< 2.png"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=ocrx.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    sources = [line["source"] for line in lines(done.stdout) if "page" in line]
    assert sources[0].startswith("/dev/fd/")
    assert sources[1:] == ["/dev/stdin", "3.png", "/dev/fd/9"]
    assert "looks like text" in done.stderr
    assert "ocrx-" not in done.stderr


def test_a_named_pipe_is_waited_for_and_read_once(ocrx: Command, tmp_path: Path) -> None:
    draw(tmp_path / "page.png")
    os.mkfifo(tmp_path / "pipe")
    process = ocrx.start("pipe", "-o", "out/", "-v", *QUIET, stderr=subprocess.PIPE)
    (tmp_path / "pipe").write_bytes((tmp_path / "page.png").read_bytes())
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "page 1" in (tmp_path / "out" / "pipe.md").read_text()
    assert b"pipe: page 1: ok" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((LONG, *QUIET), 3),
        (("page.png", "-o", LONG, *QUIET), 6),
        (("page.png", "-o", f"{LONG}/", *QUIET), 6),
        (("page.png", "--config", LONG, *QUIET), 2),
        (("page.png", "--password-file", LONG, *QUIET), 3),
        (("status", LONG), 2),
        (("retry", LONG), 2),
        (("render", LONG), 3),
    ],
)
def test_a_name_that_is_too_long_is_no_bug(
    ocrx: Command, page: Path, words: tuple[str, ...], code: int
) -> None:
    done = ocrx(*words)
    assert done.code == code, done.err
    assert done.err.count("\n") == 1


def test_what_cannot_be_read_in_a_folder_counts(ocrx: Command, page: Path) -> None:
    (ocrx.folder / "in").mkdir()
    page.rename(ocrx.folder / "in" / "page.png")
    (ocrx.folder / "in" / "lost.pdf").symlink_to("nowhere.pdf")
    done = ocrx("in", "-o", "out", *QUIET)
    assert done.code == 7
    assert "lost.pdf: does not exist" in done.err


def test_a_broken_copy_of_standard_input_is_not_named(ocrx: Command) -> None:
    done = ocrx("-", *QUIET, stdin=b"%PDF-1.7\nnothing")
    assert done.code == 3
    assert done.err == "ocrx: standard input: is too broken to be opened as a PDF\n"


def test_a_dash_in_a_list_of_files_is_a_file(ocrx: Command, tmp_path: Path) -> None:
    draw(tmp_path / "-")
    (tmp_path / "list").write_text("-\n")
    assert "page 1" in ocrx("--files-from", "list", "-f", "jsonl", *QUIET).text


def test_a_terminal_as_standard_input_is_refused(ocrx: Command) -> None:
    ours, theirs = os.openpty()
    try:
        process = ocrx.start("-", stdin=theirs, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        _, err = process.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 2
    assert b"standard input is a terminal" in err


def test_several_inputs_as_json_lines_in_the_order_given(ocrx: Command, tmp_path: Path) -> None:
    for number, name in enumerate(["c.png", "a.png", "b.png"]):
        draw(tmp_path / name, shade=255 - number)
    draw(tmp_path / "long.tif", 3)
    done = ocrx("long.tif", "c.png", "a.png", "-", "b.png", "-f", "jsonl", *QUIET,
                stdin=(tmp_path / "a.png").read_bytes())  # fmt: skip
    assert done.code == 0, done.err
    found = [(line["source"], line["page"]["number"]) for line in lines(done.text)]
    assert found == [
        *[("long.tif", number) for number in (1, 2, 3)],
        *[("c.png", 1), ("a.png", 1), ("-", 1), ("b.png", 1)],
    ]


def test_names_with_newlines_and_stray_bytes(ocrx: Command, tmp_path: Path) -> None:
    names = [
        b"two\nlines.png",
        b"caf\xe9.png",
        b"--mode.png",
        "漢字 x.png".encode(),
        b"\x1b[2J.png",
    ]
    for number, name in enumerate(names):
        draw(os.path.join(os.fsencode(tmp_path), name), shade=255 - number)
    listed = b"\0".join(names)
    done = ocrx("--files-from", "-", "-o", "out", "-v", *QUIET, stdin=listed)
    assert done.code == 0, done.err
    written = sorted(name for name in os.listdir(os.fsencode(tmp_path / "out")) if b".md" in name)
    assert written == sorted(name.replace(b".png", b".md") for name in names)
    assert "\x1b" not in done.err
    assert "two\\nlines.png" in done.err
    assert "caf\\xe9.png" in done.err

    plain = ocrx("--", b"--mode.png", *QUIET)
    assert plain.code == 2  # after -- everything is a name
    direct = ocrx(b"caf\xe9.png", "-f", "json", *QUIET)
    assert direct.code == 0, direct.err
    assert json.loads(direct.text)["source"]
    failing = ocrx(b"missing\n\xff.png", *QUIET)
    assert failing.code == 3
    assert failing.err.startswith("ocrx: missing\\n\\xff.png: ")
    assert failing.err.count("\n") == 1


def test_a_list_of_files_one_a_line(ocrx: Command, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    draw(tmp_path / "b.png", shade=250)
    (tmp_path / "list").write_text("b.png\r\na.png\n")
    done = ocrx("--files-from", "list", "-f", "jsonl", *QUIET)
    assert [line["source"] for line in lines(done.text)] == ["b.png", "a.png"]
    empty = ocrx("--files-from", "-", "-f", "jsonl", *QUIET, stdin=b"")
    assert (empty.code, empty.out) == (0, b"")


def test_a_file_named_like_a_command(ocrx: Command, tmp_path: Path) -> None:
    draw(tmp_path / "status")
    assert ocrx("./status", *QUIET).code == 0
    assert ocrx("status").code == 2
    assert ocrx("convert", "status", *QUIET).code == 0


def test_options_may_stand_before_the_input(ocrx: Command, page: Path) -> None:
    done = ocrx("-f", "txt", "--mode", "tiny", *QUIET, page)
    assert done.code == 0, done.err
    assert "page 1" in done.text


@pytest.mark.parametrize(
    ("output", "starts"),
    [
        ("x.html", "<!"),
        ("x.tex", "% "),
        ("x.unknown", "The quick"),
    ],
)
def test_the_output_names_the_format(
    ocrx: Command, page: Path, tmp_path: Path, output: str, starts: str
) -> None:
    done = ocrx(page, "-o", output, *QUIET)
    assert (done.code, done.out) == (0, b""), done.err
    assert (tmp_path / output).read_text().lstrip().startswith(starts)


def test_a_trailing_slash_or_a_folder_is_a_folder(
    ocrx: Command, page: Path, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    assert ocrx(page, "-o", "new/", *QUIET).code == 0
    assert ocrx(page, "-o", "there", "-f", "txt", *QUIET).code == 0
    assert (tmp_path / "new" / "page.md").is_file()
    assert (tmp_path / "there" / "page.txt").is_file()


def test_chosen_pages(ocrx: Command, document) -> None:
    path = document("a.tif", 5)
    done = ocrx(path, "--pages", "2-3,-1", "-f", "jsonl", *QUIET)
    assert [line["page"]["number"] for line in lines(done.text)] == [2, 3, 5]
    beyond = ocrx(path, "--pages", "9", *QUIET)
    assert beyond.code == 2
    assert "no page 9" in beyond.err
