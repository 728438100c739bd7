"""The Python interface: one call from a path or bytes to a Document."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path

from ocrx.conversion.choosing import engine_info, require_model, settled
from ocrx.conversion.pages_store import PageStore
from ocrx.conversion.pending import Job
from ocrx.conversion.results import RecognitionOptions
from ocrx.conversion.stream import Converted, Stream, Unconverted
from ocrx.conversion.work import Runner
from ocrx.document import Asset, Document, Task
from ocrx.engine import AUTO_ENGINE, EngineInfo
from ocrx.errors import EngineError, OutputError, UsageError
from ocrx.modes import ResolutionMode
from ocrx.runners.making import make_inprocess_runner, make_runner
from ocrx.runners.pool import PoolSettings
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
    engine: str = AUTO_ENGINE,
    model: str | None = None,
    device: str = "auto",
    task: str | Task = Task.MARKDOWN,
    query: str | None = None,
    verify: bool = False,
    offline: bool = False,
    workers: int = 0,
) -> Document:
    """Convert one document: a path, or its bytes.

    ``mode`` is auto, tiny, small, base, large or gundam; ``pages`` selects pages, counted from 1
    (``1-3,7,-1``). ``engine`` auto takes the local engine where a GPU and weights are, else the
    embedded one; ``model`` is one of the local engine's, or a folder, and ``device`` where it runs.
    ``task`` is what is asked of a page, with ``query`` for task locate; ``verify`` compares its
    words with a second reading; ``offline`` forbids the network. With ``workers`` the pages are
    read in that many processes, which survive pages that crash, hang or devour memory; with 0 in
    this one. A page that fails is in the document with the verdict ``failed``.

    Raises:
        OcrxError: the document cannot be converted; the subclass says why.
    """
    return convert_with_assets(
        document,
        mode=mode,
        pages=pages,
        password=password,
        engine=engine,
        model=model,
        device=device,
        task=task,
        query=query,
        verify=verify,
        offline=offline,
        workers=workers,
    )[0]


def convert_with_assets(
    document: Input,
    *,
    mode: str | ResolutionMode = "auto",
    pages: str | None = None,
    password: str | None = None,
    engine: str = AUTO_ENGINE,
    model: str | None = None,
    device: str = "auto",
    task: str | Task = Task.MARKDOWN,
    query: str | None = None,
    verify: bool = False,
    offline: bool = False,
    workers: int = 0,
) -> tuple[Document, dict[str, Asset]]:
    """Convert one document as ``convert`` does; return its pictures too, by name."""
    asked = RecognitionOptions(
        engine=engine,
        mode=parse_mode(mode),
        task=_task(task),
        pages=pages,
        query=query,
        verify=verify,
        model=model,
        device=device,
        offline=offline,
    )
    options, _ = settled(asked)
    require_model(options)
    info = engine_info(options)
    runner: Runner
    if workers:
        runner = make_runner(options.engine, info, options, PoolSettings(workers=workers))
    else:
        runner = make_inprocess_runner(options.engine, info, options)
    try:
        with _as_file(document) as (path, name), PageStore(None) as store:
            source = open_source(path, name=name, password=password)
            converted = convert_one(Job(0, source), options, info, runner, store)
            return converted.document, dict(converted.assets)
    finally:
        runner.close()


def _task(name: str | Task) -> Task:
    try:
        return Task(name)
    except ValueError as error:
        raise UsageError(f"no task {name!r} (there are {', '.join(Task)})") from error


def convert_one(
    job: Job, options: RecognitionOptions, info: EngineInfo, runner: Runner, store: PageStore
) -> Converted:
    """Convert one document through the stream that batches use.

    Raises:
        OcrxError: it failed as a whole.
    """
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
