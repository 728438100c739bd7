from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from making import (
    Calls,
    convert_candidates,
    convert_folder,
    make_document,
    pool,
    settings,
    tree,
)
from misbehaving import SPEC, Misbehaving

from ocrx.batch.history import read_status, retry_plan, summarise
from ocrx.batch.outputs import locked
from ocrx.batch.run import retry_batch, run_batch
from ocrx.batch.summary import exit_code_for
from ocrx.conversion.events import DocumentDone, DocumentSkipped, DocumentStarted, Event, PageDone
from ocrx.document import DocumentStatus, VerdictStatus
from ocrx.errors import ExitCode, MissingRequirementError, OcrxError, OutputError, UsageError
from ocrx.runners.inprocess import InProcessRunner
from ocrx.source import Candidate


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_a_tree_is_mirrored_with_pictures_beside_each_document(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif", pages=2)
    make_document(inputs / "deep" / "er" / "b.tif")
    events: list[Event] = []
    summary = convert_folder(inputs, out, events=events)
    assert sorted(tree(out)) == [
        "a.md",
        "a_files/page-0001-figure-1.png",
        "a_files/page-0002-figure-1.png",
        "deep/er/b.md",
        "deep/er/b_files/page-0001-figure-1.png",
    ]
    assert b"This is page 2." in tree(out)["a.md"]
    assert b"a_files/page-0001-figure-1.png" in tree(out)["a.md"]
    assert (summary.documents, summary.done, summary.pages) == (2, 2, 3)
    assert summary.verdicts == {VerdictStatus.OK: 3}
    assert exit_code_for(summary) is ExitCode.OK
    kinds = [type(event) for event in events]
    assert kinds.count(DocumentStarted) == kinds.count(DocumentDone) == 2
    assert kinds.count(PageDone) == 3


def test_what_is_done_is_not_done_again(inputs: Path, out: Path, calls: Calls) -> None:
    make_document(inputs / "a.tif")
    convert_folder(inputs, out)
    before = (out / "a.md").stat().st_mtime_ns
    events: list[Event] = []
    summary = convert_folder(inputs, out, events=events)
    assert (summary.skipped, summary.done, summary.pages) == (1, 1, 1)
    assert [type(event) for event in events] == [DocumentSkipped]
    assert (out / "a.md").stat().st_mtime_ns == before
    assert len(calls.pages) == 1


@pytest.mark.parametrize("change", ["edited", "removed", "picture removed", "content"])
def test_what_no_longer_stands_is_done_again(
    inputs: Path, out: Path, calls: Calls, change: str
) -> None:
    make_document(inputs / "a.tif")
    convert_folder(inputs, out)
    expected = tree(out)
    if change == "edited":
        (out / "a.md").write_text("edited")
    elif change == "removed":
        (out / "a.md").unlink()
    elif change == "picture removed":
        shutil.rmtree(out / "a_files")
    else:
        make_document(inputs / "a.tif")
    summary = convert_folder(inputs, out)
    assert summary.skipped == 0
    assert sorted(tree(out)) == sorted(expected)
    if change != "content":
        assert tree(out) == expected
    assert len(calls.pages) == (2 if change == "content" else 1)


def test_another_format_recognises_nothing_again(inputs: Path, out: Path, calls: Calls) -> None:
    make_document(inputs / "a.tif", pages=3)
    convert_folder(inputs, out)
    for each in ("json", "html", "txt"):
        summary = convert_folder(inputs, out, format=each)
        assert summary.cached_pages == 3
    assert len(calls.pages) == 3
    assert json.loads((out / "a.json").read_text())["pages"][2]["number"] == 3


def test_cached_pages_need_no_worker_at_all(inputs: Path, out: Path, calls: Calls) -> None:
    make_document(inputs / "a.tif", pages=2)
    convert_folder(inputs, out)
    with pool(2) as runner:
        convert_folder(inputs, out, format="html", runner=runner)
        assert runner.worker_pids == []


def test_force_reads_kept_pages_only_if_asked(inputs: Path, out: Path, calls: Calls) -> None:
    make_document(inputs / "a.tif")
    convert_folder(inputs, out)
    assert convert_folder(inputs, out, force=True).skipped == 0
    assert len(calls.pages) == 1
    convert_folder(inputs, out, force=True, reread=frozenset(VerdictStatus))
    assert len(calls.pages) == 2


def test_another_engine_revision_reads_again(
    inputs: Path, out: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_document(inputs / "a.tif")
    convert_folder(inputs, out)
    monkeypatch.setenv("MISBEHAVING_REVISION", "2")
    assert convert_folder(inputs, out).skipped == 0
    assert len(calls.pages) == 2


def test_a_renamed_document_is_written_but_not_read_again(
    inputs: Path, out: Path, calls: Calls
) -> None:
    make_document(inputs / "a.tif")
    convert_folder(inputs, out)
    (inputs / "a.tif").rename(inputs / "b.tif")
    convert_folder(inputs, out)
    assert (out / "b.md").exists()
    assert len(calls.pages) == 1


def test_colliding_outputs_are_refused_before_anything_runs(
    inputs: Path, out: Path, calls: Calls
) -> None:
    make_document(inputs / "a.tif")
    make_document(inputs / "a.png")
    with pytest.raises(OutputError, match=r"a\.png and .*a\.tif would both be written to .*a\.md"):
        convert_folder(inputs, out)
    assert not out.exists()
    assert calls.pages == []


def test_an_output_never_replaces_an_input(inputs: Path) -> None:
    path = make_document(inputs / "a.md")
    before = path.read_bytes()
    with pytest.raises(OutputError, match="would replace the input"):
        convert_folder(inputs, inputs)
    assert path.read_bytes() == before


def test_an_output_link_to_an_input_is_refused(inputs: Path, out: Path) -> None:
    path = make_document(inputs / "a.tif")
    out.mkdir()
    (out / "a.md").symlink_to(path)
    before = path.read_bytes()
    with pytest.raises(OutputError, match="would replace the input"):
        convert_folder(inputs, out)
    assert path.read_bytes() == before


def test_an_output_link_is_followed(inputs: Path, out: Path, tmp_path: Path) -> None:
    make_document(inputs / "a.tif")
    out.mkdir()
    target = tmp_path / "elsewhere.md"
    target.write_text("old")
    (out / "a.md").symlink_to(target)
    convert_folder(inputs, out)
    assert (out / "a.md").is_symlink()
    assert "This is page 1." in target.read_text()
    assert convert_folder(inputs, out).skipped == 1


def test_pictures_written_beside_the_inputs_are_not_inputs(inputs: Path) -> None:
    make_document(inputs / "a.tif")
    convert_folder(inputs, inputs)
    summary = convert_folder(inputs, inputs)
    assert (summary.documents, summary.skipped) == (1, 1)
    shutil.rmtree(inputs / ".ocrx")  # as if the run had been killed before it wrote that down
    assert convert_folder(inputs, inputs).documents == 1


def test_pictures_of_an_earlier_run_go_and_other_files_stay(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif", pages=2)
    convert_folder(inputs, out)
    (out / "a_files" / "mine.png").write_text("mine")
    make_document(inputs / "a.tif", pages=1)
    convert_folder(inputs, out)
    names = sorted(path.name for path in (out / "a_files").iterdir())
    assert names == ["mine.png", "page-0001-figure-1.png"]


def test_failures_are_recorded_and_the_rest_is_unharmed(inputs: Path, out: Path) -> None:
    make_document(inputs / "good.tif")
    make_document(inputs / "part-raise@1.tif", pages=3)
    make_document(inputs / "all-fail@0.tif")
    make_document(inputs / "garble@0.tif", pages=2)
    (inputs / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    events: list[Event] = []
    summary = convert_folder(inputs, out, events=events)
    assert (summary.done, summary.partial, summary.failed) == (1, 2, 2)
    assert exit_code_for(summary) is ExitCode.PARTLY_DONE
    text = (out / "part-raise@1.md").read_text()
    assert "This is page 1." in text
    assert "This is page 3." in text
    assert "out of ink" in text
    records = {record.output: record for record in read_status(out)}
    assert records["broken.md"].error_code == ExitCode.UNREADABLE_SOURCE
    assert records["all-fail@0.md"].error_code == ExitCode.ENGINE_FAILED
    pages = records["part-raise@1.md"].page_records
    assert [page.verdict for page in pages] == ["ok", "failed", "ok"]
    assert "out of ink" in pages[1].reasons[0]
    again = summarise(records.values())
    assert (again.documents, again.verdicts) == (summary.documents, summary.verdicts)


@pytest.mark.parametrize("wish", ["place", "named"])
def test_the_reason_of_a_failed_page_does_not_repeat_where(
    inputs: Path, out: Path, wish: str
) -> None:
    """The document would else hold the path of its source, and a copy that of the other."""
    make_document(inputs / f"{wish}@1.tif", pages=2)
    convert_folder(inputs, out)
    (record,) = read_status(out)
    assert record.page_records[1].reasons == ("is torn",)
    assert str(inputs) not in (out / f"{wish}@1.md").read_text()


def test_a_page_read_while_its_file_changed_is_neither_kept_nor_believed(
    inputs: Path, out: Path, calls: Calls
) -> None:
    document = make_document(inputs / "change@1.tif", pages=3)
    before = document.stat()
    summary = convert_folder(inputs, out)
    assert summary.verdicts == {VerdictStatus.OK: 1, VerdictStatus.FAILED: 2}
    assert "changed since it was opened" in read_status(out)[0].page_records[1].reasons[0]
    os.utime(document, ns=(before.st_atime_ns, before.st_mtime_ns))
    convert_folder(inputs, out, force=True)
    assert len(calls.pages) == 5


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("fail@0.tif", ExitCode.ENGINE_FAILED),
        ("doubt@0.tif", ExitCode.OK),
        ("good.tif", ExitCode.OK),
    ],
)
def test_one_document_alone_gives_its_own_exit_code(
    inputs: Path, out: Path, name: str, code: ExitCode
) -> None:
    make_document(inputs / name)
    assert exit_code_for(convert_folder(inputs, out)) is code


def test_missing_documents_alone_are_unreadable_sources(tmp_path: Path, out: Path) -> None:
    nowhere = tuple(Candidate(str(tmp_path / name), name) for name in ("x.pdf", "y.pdf"))
    summary = convert_candidates(nowhere, out)
    assert exit_code_for(summary) is ExitCode.UNREADABLE_SOURCE


@pytest.mark.parametrize("wish", ["doubt", "cut"])
def test_strict_counts_suspect_and_cut_pages(inputs: Path, out: Path, wish: str) -> None:
    make_document(inputs / f"{wish}@0.tif")
    summary = convert_folder(inputs, out)
    assert exit_code_for(summary) is ExitCode.OK
    assert exit_code_for(summary, strict=True) is ExitCode.PARTLY_DONE
    again = convert_folder(inputs, out)
    assert again.skipped == 1
    assert exit_code_for(again, strict=True) is ExitCode.PARTLY_DONE


def test_a_missing_requirement_ends_the_batch(inputs: Path, out: Path) -> None:
    make_document(inputs / "missing@0.tif")
    with pytest.raises(MissingRequirementError, match="no weights"):
        convert_folder(inputs, out)


def test_retry_does_again_what_failed_and_nothing_else(
    inputs: Path, out: Path, calls: Calls
) -> None:
    make_document(inputs / "good.tif")
    make_document(inputs / "once@1.tif", pages=3)
    make_document(inputs / "doubt@0.tif")
    make_document(inputs / "cut@0.tif")
    with pool(1) as runner:
        make_document(inputs / "raise@0.tif", pages=2)
        convert_folder(inputs, out, runner=runner)
        assert (out / "once@1.md").exists()
        before = len(calls.pages)
        summary = retry_batch(out, Misbehaving().info, runner)
        assert (summary.documents, summary.partial) == (1, 1)
        assert len(calls.pages) == before + 1
        before = len(calls.pages)
        summary = retry_batch(out, Misbehaving().info, runner, suspect=True)
        assert summary.documents == 3
        assert len(calls.pages) == before + 3


def test_retry_leaves_outputs_of_other_formats_alone(inputs: Path, out: Path) -> None:
    make_document(inputs / "fail@0.tif")
    convert_folder(inputs, out)
    before = tree(out)["fail@0.md"]
    convert_folder(inputs, out, format="html")
    with closing(InProcessRunner(SPEC)) as runner:
        assert retry_batch(out, Misbehaving().info, runner).documents == 1
    assert tree(out)["fail@0.md"] == before


def test_status_of_a_folder_without_a_batch_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no batch"):
        read_status(tmp_path)


def test_a_crash_survived_by_the_second_attempt_is_retried(
    inputs: Path, out: Path, calls: Calls
) -> None:
    make_document(inputs / "once@0.tif")
    with pool(1) as runner:
        summary = convert_folder(inputs, out, runner=runner)
    assert summary.verdicts == {VerdictStatus.RETRIED: 1}
    assert exit_code_for(summary) is ExitCode.OK


def test_selected_pages_only_and_a_page_that_is_not_there(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif", pages=4)
    make_document(inputs / "b.tif", pages=1)
    summary = convert_folder(inputs, out, pages="2,-1")
    assert (summary.done, summary.failed) == (1, 1)
    text = (out / "a.md").read_text()
    assert "This is page 2." in text
    assert "This is page 4." in text
    assert "This is page 3." not in text


def test_raw_text_is_kept_when_asked(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif", pages=2)
    convert_folder(inputs, out, keep_raw=True)
    lines = (out / "a.raw.jsonl").read_text().splitlines()
    assert [json.loads(line)["page"] for line in lines] == [1, 2]


def test_the_first_interrupt_finishes_and_keeps_the_page_in_hand(
    inputs: Path, out: Path, calls: Calls
) -> None:
    make_document(inputs / "a.tif", pages=6)
    summary = convert_folder(inputs, out, stop=lambda: len(calls.pages) >= 3)
    assert summary.interrupted
    assert exit_code_for(summary) is ExitCode.INTERRUPTED
    assert tree(out) == {}
    summary = convert_folder(inputs, out)
    assert len(calls.pages) == 6
    assert summary.cached_pages == 3


def test_two_batches_do_not_share_a_folder(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif")
    with locked(out), pytest.raises(OutputError, match="another run"):
        convert_folder(inputs, out)
    assert convert_folder(inputs, out).done == 1


def test_an_output_folder_that_is_a_file_is_an_output_error(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif")
    out.write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        convert_folder(inputs, out)


def test_one_place_that_cannot_be_written_fails_that_document_alone(
    inputs: Path, out: Path
) -> None:
    make_document(inputs / "a.tif")
    make_document(inputs / "b.tif")
    (out / "a.md").mkdir(parents=True)
    summary = convert_folder(inputs, out)
    assert (summary.done, summary.failed) == (1, 1)
    assert summary.failure_codes == {ExitCode.CANNOT_WRITE: 1}
    assert not list(out.glob(".ocrx-*"))


def test_a_full_disk_ends_the_batch_and_leaves_nothing_half_written(
    inputs: Path, out: Path
) -> None:
    make_document(inputs / "a.tif")
    out.mkdir()
    (out / "a.md").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left"):
        convert_folder(inputs, out)
    (out / "a.md").unlink()
    assert convert_folder(inputs, out).done == 1


@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_an_output_that_became_a_device_or_pipe_is_not_read(
    inputs: Path, out: Path, kind: str, calls: Calls
) -> None:
    """Hashing it to see whether it still stands would never end."""
    make_document(inputs / "a.tif")
    convert_folder(inputs, out)
    (out / "a.md").unlink()
    if kind == "device":
        (out / "a.md").symlink_to("/dev/zero")
        assert convert_folder(inputs, out).skipped == 0
    else:
        os.mkfifo(out / "a.md")
        drain = subprocess.Popen(["cat", out / "a.md"], stdout=subprocess.PIPE)
        assert convert_folder(inputs, out).skipped == 0
        assert b"This is page 1." in drain.communicate(timeout=10)[0]


@pytest.mark.parametrize(
    "name",
    [
        "line\nbreak.tif",
        os.fsdecode(b"stray-\xff.tif"),
        "x" * 240,
        "x" * 255,
        "x" * 251 + ".tif",
        "漢" * 83 + ".tif",
        os.fsdecode(b"\xff" * 255),
        "-o.tif",
    ],
)
def test_any_file_name_will_do(inputs: Path, out: Path, name: str) -> None:
    make_document(inputs / name)
    assert convert_folder(inputs, out, keep_raw=True).done == 1
    assert convert_folder(inputs, out, keep_raw=True).skipped == 1
    assert read_status(out)[0].status is DocumentStatus.DONE


def test_long_names_that_differ_at_the_end_stay_apart(inputs: Path, out: Path) -> None:
    for ending in ("a", "b"):
        make_document(inputs / ("x" * 250 + ending + ".tif"))
    assert convert_folder(inputs, out).done == 2


@pytest.mark.parametrize("damage", ["garbage", "truncated", "folder", "newer"])
def test_a_damaged_page_store_never_breaks_a_conversion(
    inputs: Path, out: Path, damage: str
) -> None:
    make_document(inputs / "a.tif", pages=2)
    convert_folder(inputs, out)
    store = out / ".ocrx" / "pages.sqlite"
    data = store.read_bytes()
    store.unlink()
    if damage == "garbage":
        store.write_bytes(os.urandom(len(data)))
    elif damage == "truncated":
        store.write_bytes(data[: len(data) // 2])
    elif damage == "folder":
        store.mkdir()
    else:
        with sqlite3.connect(store) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
    expected = tree(out)
    assert convert_folder(inputs, out, force=True).done == 1
    assert tree(out) == expected


def test_a_damaged_journal_is_one_clear_error(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif")
    convert_folder(inputs, out)
    (out / ".ocrx" / "journal.sqlite").write_bytes(b"not a database, " * 600)
    with pytest.raises(OutputError, match="journal"):
        convert_folder(inputs, out)


def test_a_journal_changed_at_random_is_read_or_one_clear_error(inputs: Path, out: Path) -> None:
    make_document(inputs / "a.tif")
    make_document(inputs / "raise@0.tif", pages=2)
    convert_folder(inputs, out)
    journal = out / ".ocrx" / "journal.sqlite"
    chance = random.Random(7)
    whole = journal.read_bytes()
    refused = 0
    for _ in range(150):
        changed = bytearray(whole)
        word = chance.choice(
            [b"partial", b"done", b".md", b'"engine"', b"markdown", b"CREATE", b""]
        )
        for _ in range(chance.choice([1, 3, 30])):
            near = whole.find(word) if word else chance.randrange(len(whole))
            changed[min(near + chance.randrange(8), len(whole) - 1)] = chance.randrange(256)
        for ending in ("-wal", "-shm"):
            journal.with_name(journal.name + ending).unlink(missing_ok=True)
        journal.write_bytes(changed)
        for ask in (lambda: summarise(read_status(out)), lambda: retry_plan(out, suspect=True)):
            try:
                ask()
            except OcrxError as error:
                refused += 1
                assert "\n" not in str(error)
    assert refused > 30


@pytest.mark.parametrize("place", ["../elsewhere.md", "/tmp/elsewhere.md", "a/../../b.md"])
def test_retry_writes_nothing_outside_of_its_folder(inputs: Path, out: Path, place: str) -> None:
    make_document(inputs / "fail@0.tif")
    convert_folder(inputs, out)
    with closing(sqlite3.connect(out / ".ocrx" / "journal.sqlite")) as database, database:
        database.execute("UPDATE documents SET output = ?", (place,))
    with pytest.raises(OutputError, match="outside of it"):
        retry_plan(out)


def test_two_copies_of_a_document_are_read_once(
    inputs: Path, out: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISBEHAVING_SECONDS", "0.2")
    make_document(inputs / "a.tif", pages=3)
    shutil.copy(inputs / "a.tif", inputs / "b.tif")
    with pool(2) as runner:
        summary = convert_folder(inputs, out, runner=runner)
    assert (summary.pages, summary.cached_pages) == (6, 3)
    assert (
        tree(out)["a_files/page-0002-figure-1.png"] == tree(out)["b_files/page-0002-figure-1.png"]
    )
    assert sorted(calls.pages) == sorted(set(calls.pages))


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: syncing thousands of files takes a disk a minute."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


def test_memory_stays_flat_over_two_thousand_documents(fast_folder: Path) -> None:
    inputs, out = fast_folder / "in", fast_folder / "out"
    for number in range(2000):
        make_document(inputs / f"{number // 100:02d}" / f"{number:04d}.tif")
    seen: list[int] = []
    process = psutil.Process()

    def watch(event: Event) -> None:
        if isinstance(event, DocumentDone):
            seen.append(process.memory_info().rss)

    candidates = tuple(
        Candidate(str(path), str(path.relative_to(inputs)))
        for path in sorted(inputs.rglob("*.tif"))
    )
    runner = InProcessRunner(SPEC)
    chosen = settings(out, "txt")
    write = replace(chosen.output.write, figures="none")
    chosen = replace(chosen, output=replace(chosen.output, write=write))
    summary = run_batch(candidates, chosen, Misbehaving().info, runner, on_event=watch)
    runner.close()
    assert summary.done == 2000
    assert max(seen) - seen[400] < 8 * resource.getpagesize() * 256  # 8 MiB
