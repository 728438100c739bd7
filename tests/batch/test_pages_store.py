from __future__ import annotations

import os
import resource
import sqlite3
import time
from pathlib import Path

import pytest
from making import make_document
from misbehaving import recognition

from ocrx.conversion.pages_store import PageStore, default_store_path, page_key
from ocrx.document import Asset, Page, PageReading, Request, Source
from ocrx.modes import ResolutionMode, plan_for
from ocrx.source import open_source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return open_source(str(make_document(tmp_path / "a.tif", pages=2)))


def reading(source: Source, index: int = 0, size: int = 10) -> PageReading:
    page = Page(source, index, 16, 20)
    picture = Asset("page-0001-figure-1.png", "image/png", os.urandom(size))
    return PageReading(page, None, recognition(Request(page, None)), (picture,))


def test_a_page_comes_back_as_it_was_kept(tmp_path: Path, source: Source) -> None:
    kept = reading(source)
    with PageStore(tmp_path / "store" / "pages.sqlite") as store:
        assert store.get("key") is None
        assert store.keep("key", kept)
    with PageStore(tmp_path / "store" / "pages.sqlite") as store:
        found = store.get("key")
        assert found is not None
        assert found.recognition == kept.recognition
        assert found.assets == ("page-0001-figure-1.png",)
        assert store.asset("key", found.assets[0]) == kept.assets[0]
        assert store.asset("key", "other.png") is None


def test_a_store_on_a_full_disk_still_gives_what_it_holds(tmp_path: Path, source: Source) -> None:
    """The limit on a file's size stands in for the disk."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept: dict[str, PageReading] = {}
    refused = 0
    with PageStore(tmp_path / "pages.sqlite") as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, limit[1]))
        try:
            for number in range(30):
                page = reading(source, size=1 << 15)
                if store.keep(f"key-{number}", page):
                    kept[f"key-{number}"] = page
                else:
                    refused += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        assert kept
        assert refused > 3
        for key, page in kept.items():
            found = store.get(key)
            assert found is not None
            assert found.recognition == page.recognition
            assert store.asset(key, found.assets[0]) == page.assets[0]


def test_a_new_store_is_closed_to_others(tmp_path: Path, source: Source) -> None:
    with PageStore(tmp_path / "cache" / "pages.sqlite") as store:
        assert store.keep("key", reading(source))
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


def test_pages_of_a_source_are_known_by_content_and_password(
    tmp_path: Path, source: Source
) -> None:
    pages = (Page(source, 0, 16, 20), Page(source, 1, 16, 21.5))
    locked = Source("b.pdf", "/b.pdf", source.kind, source.sha256, 1, 1, password="secret")
    with PageStore(tmp_path / "pages.sqlite") as store:
        store.keep_pages_of(source, pages)
        assert store.pages_of(source) == pages
        assert store.pages_of(locked) is None


def test_the_key_tells_pages_plans_and_engines_apart(source: Source) -> None:
    plans = [None, *(plan_for(mode, 100, 200) for mode in ResolutionMode)]
    keys = {
        page_key(page_id, plan, fingerprint)
        for page_id in ("a-0", "a-1")
        for plan in plans
        for fingerprint in ("x", "y")
    }
    assert len(keys) == 2 * len(plans) * 2


def test_the_oldest_pages_go_when_the_store_is_too_large(tmp_path: Path, source: Source) -> None:
    path = tmp_path / "pages.sqlite"
    with PageStore(path) as store:
        for number in range(10):
            store.keep(f"key-{number}", reading(source, size=10_000))
    with sqlite3.connect(path) as database:
        for number in range(10):
            used = time.time() - 100_000 + number
            database.execute("UPDATE pages SET used = ? WHERE key = ?", (used, f"key-{number}"))
    database.close()
    with PageStore(path, max_bytes=60_000) as store:
        assert store.get("key-0") is not None  # used just now, so it stays
        store.keep("new", reading(source, size=10_000))
    with PageStore(path) as store:
        left = [n for n in range(10) if store.get(f"key-{n}") is not None]
        assert store.get("new") is not None
    assert 0 in left
    assert 1 not in left
    assert len(left) < 5


def test_a_store_that_cannot_be_opened_keeps_nothing_and_harms_nothing(
    tmp_path: Path, source: Source
) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for path in (None, file / "pages.sqlite", tmp_path):
        with PageStore(path) as store:
            assert store.keep("key", reading(source)) is False
            assert store.get("key") is None
            assert store.pages_of(source) is None


def test_a_full_disk_keeps_nothing_and_harms_nothing(tmp_path: Path, source: Source) -> None:
    path = tmp_path / "pages.sqlite"
    with PageStore(path) as store:
        store.keep("small", reading(source))
        assert store._database is not None
        pages = store._database.execute("PRAGMA page_count").fetchone()[0]
        store._database.execute(f"PRAGMA max_page_count = {pages}")  # as if the disk were full
        assert store.keep("large", reading(source, size=1 << 20)) is False
        assert store.get("small") is not None
        assert store.get("large") is None


def test_a_store_locked_by_another_is_passed_over(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocrx.conversion.pages_file._BUSY_SECONDS", 0.05)
    path = tmp_path / "pages.sqlite"
    with PageStore(path) as store:
        store.keep("before", reading(source))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert store.keep("during", reading(source)) is False
        assert store.get("before") is not None
        other.execute("ROLLBACK")
        other.close()
        assert store.keep("after", reading(source)) is True


def test_a_damaged_page_is_a_miss(tmp_path: Path, source: Source) -> None:
    path = tmp_path / "pages.sqlite"
    with PageStore(path) as store:
        store.keep("key", reading(source))
    with sqlite3.connect(path) as database:
        database.execute("UPDATE pages SET recognition = ?", (b"\x00garbage",))
    database.close()
    with PageStore(path) as store:
        assert store.get("key") is None
        assert store.keep("key", reading(source)) is True
        assert store.get("key") is not None


def test_a_temporary_store_leaves_nothing(source: Source) -> None:
    store = PageStore.temporary()
    assert store.keep("key", reading(source)) is True
    path = store._path
    assert path is not None
    assert path.exists()
    store.close()
    assert not path.parent.exists()


def test_the_user_names_the_folder_of_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRX_CACHE_DIR", str(tmp_path / "mine"))
    assert default_store_path() == tmp_path / "mine" / "pages.sqlite"
    monkeypatch.delenv("OCRX_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_store_path().is_relative_to(tmp_path / "xdg")
