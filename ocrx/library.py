"""The Python interface: one call from a path or bytes to a Document."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path

from ocrx.conversion.pages_store import PageStore
from ocrx.conversion.pending import Job
from ocrx.conversion.reading import load_named_engine
from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.stream import Converted, Stream, Unconverted
from ocrx.conversion.work import Runner
from ocrx.document import Asset, Document
from ocrx.engine import DEFAULT_ENGINE
from ocrx.errors import EngineError, OutputError
from ocrx.modes import ResolutionMode
from ocrx.runners.inprocess import InProcessRunner
from ocrx.runners.pool import PoolRunner, PoolSettings
from ocrx.selection import parse_mode
from ocrx.source import open_source

Input = str | PathLike[str] | bytes
IN_MEMORY = "bytes"


def convert(
    document: Input,
    *,
    mode: str | ResolutionMode = "auto",
    pages: str | None = None,
    password: str | None = None,
    engine: str = DEFAULT_ENGINE,
    workers: int = 0,
) -> Document:
    """Convert one document: a path, or its bytes.

    ``mode`` is auto, tiny, small, base, large or gundam; ``pages`` selects pages, counted from 1
    (``1-3,7,-1``). With ``workers`` the pages are read in that many processes, which survive pages
    that crash, hang or devour memory; with 0 in this one. A page that fails is in the document with
    the verdict ``failed``.

    Raises:
        OcrxError: the document cannot be converted; the subclass says why.
    """
    return convert_with_assets(
        document, mode=mode, pages=pages, password=password, engine=engine, workers=workers
    )[0]


def convert_with_assets(
    document: Input,
    *,
    mode: str | ResolutionMode = "auto",
    pages: str | None = None,
    password: str | None = None,
    engine: str = DEFAULT_ENGINE,
    workers: int = 0,
) -> tuple[Document, dict[str, Asset]]:
    """Convert one document as ``convert`` does; return its pictures too, by name."""
    options = RecognitionOptions(engine=engine, mode=parse_mode(mode), pages=pages)
    runner: Runner
    if workers:
        runner = PoolRunner(engine, PoolSettings(workers=workers))
    else:
        runner = InProcessRunner(engine)
    try:
        with _as_file(document) as (path, name), PageStore(None) as store:
            source = open_source(path, name=name, password=password)
            converted = convert_one(Job(0, source), options, runner, store)
            return converted.document, dict(converted.assets)
    finally:
        runner.close()


def convert_one(
    job: Job, options: RecognitionOptions, runner: Runner, store: PageStore
) -> Converted:
    """Convert one document through the stream that batches use.

    Raises:
        OcrxError: it failed as a whole.
    """
    info = load_named_engine(options.engine).info
    for event in Stream(iter([job]), options, info, runner, store).events():
        if isinstance(event, Converted):
            return event
        if isinstance(event, Unconverted):
            raise event.error
    raise EngineError(f"{job.source.name}: the conversion ended early")


@contextmanager
def _as_file(document: Input) -> Iterator[tuple[str, str]]:
    """Give bytes a file for as long as they are needed: workers open sources by path."""
    if not isinstance(document, bytes):
        path = fspath(document)
        yield path, path
        return
    with tempfile.TemporaryDirectory(prefix="ocrx-") as folder:
        file = Path(folder) / "document"
        try:
            file.write_bytes(document)
        except OSError as error:
            raise OutputError(f"cannot keep the bytes in {folder}: {error.strerror}") from error
        yield str(file), IN_MEMORY
