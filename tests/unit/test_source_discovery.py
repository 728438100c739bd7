import io
import os

import pytest

from ocrx.errors import SourceError, UsageError
from ocrx.source import discover, read_file_list

PDF = b"%PDF-1.7\n"


@pytest.fixture
def tree(tmp_path):
    top = tmp_path / "docs"
    (top / "sub" / "deep").mkdir(parents=True)
    (top / ".hidden").mkdir()
    for name in ("b.pdf", "a.bin", "sub/c.pdf", "sub/deep/d.pdf", ".x.pdf", ".hidden/e.pdf"):
        (top / name).write_bytes(PDF)
    (top / "notes.txt").write_text("text\n")
    (top / "fake.pdf").write_text("text\n")
    (top / "empty.png").touch()
    return top


def relatives(found):
    return [candidate.relative for candidate in found.candidates]


def test_a_folder_gives_its_own_documents_sorted_and_reports_the_rest(tree):
    found = discover([str(tree)])
    assert relatives(found) == ["a.bin", "b.pdf"]
    skipped = {os.path.basename(s.path): s for s in found.skipped}
    assert set(skipped) == {"notes.txt", "fake.pdf", "empty.png", "sub"}
    assert skipped["fake.pdf"].reason == "looks like text"
    assert skipped["fake.pdf"].named_like_document
    assert not skipped["notes.txt"].named_like_document
    assert "-r" in skipped["sub"].reason


def test_subfolders_are_walked_when_asked(tree):
    found = discover([str(tree)], recursive=True)
    assert relatives(found) == ["a.bin", "b.pdf", "sub/c.pdf", "sub/deep/d.pdf"]


def test_a_loop_of_links_ends(tree):
    (tree / "sub" / "again").symlink_to(tree)
    (tree / "self").symlink_to("self")
    found = discover([str(tree)], recursive=True)
    assert len(found.candidates) == 4
    assert any("already read" in entry.reason for entry in found.skipped)


def test_a_linked_file_counts(tree):
    (tree / "z.pdf").symlink_to(tree / "sub" / "c.pdf")
    assert "z.pdf" in relatives(discover([str(tree)]))


def test_pipes_in_a_folder_are_not_waited_for(tree):
    os.mkfifo(tree / "pipe.pdf")
    reasons = {os.path.basename(s.path): s.reason for s in discover([str(tree)]).skipped}
    assert reasons["pipe.pdf"] == "not a regular file"


def test_named_files_are_always_candidates(tree):
    names = [str(tree / "missing.pdf"), str(tree / "notes.txt"), "-"]
    found = discover(names)
    assert [candidate.path for candidate in found.candidates] == names
    assert relatives(found) == ["missing.pdf", "notes.txt", "-"]


def test_a_document_named_twice_is_read_once(tree):
    name = str(tree / "b.pdf")
    assert len(discover([name, name]).candidates) == 1


def test_names_of_any_bytes_are_found(tree):
    raw = os.fsencode(tree) + b"/new\nline\xff.pdf"
    with open(raw, "wb") as file:
        file.write(PDF)
    found = discover([str(tree)])
    assert raw in [os.fsencode(candidate.path) for candidate in found.candidates]


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"a.pdf\nb c.pdf\n", ["a.pdf", "b c.pdf"]),
        (b"a.pdf\r\n\r\nb.pdf", ["a.pdf", "b.pdf"]),
        (b"a\nb.pdf\0c.pdf\0", ["a\nb.pdf", "c.pdf"]),
        (b"\xff.pdf\n", ["\udcff.pdf"]),
        (b"", []),
    ],
)
def test_lists_are_separated_by_newlines_or_nuls(tmp_path, data, names):
    path = tmp_path / "list"
    path.write_bytes(data)
    assert read_file_list(str(path)) == names
    assert read_file_list("-", io.BytesIO(data)) == names


def test_a_list_adds_to_the_inputs(tree):
    names = str(tree / "b.pdf").encode() + b"\n"
    found = discover(["x.pdf"], files_from="-", stdin=io.BytesIO(names))
    assert relatives(found) == ["x.pdf", "b.pdf"]


def test_a_missing_list_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="--files-from"):
        discover([], files_from=str(tmp_path / "none"))


@pytest.mark.parametrize(("inputs", "files_from"), [(["-", "-"], None), (["-"], "-")])
def test_standard_input_is_read_only_once(inputs, files_from):
    with pytest.raises(UsageError, match="only once"):
        discover(inputs, files_from=files_from, stdin=io.BytesIO())
