"""``ocrx render``: another format from what an earlier run kept, without an engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ocrx.cli.destinations import Destination, DestinationKind, destination_of
from ocrx.cli.inputs import STDIN, standard_input
from ocrx.cli.messages import say
from ocrx.cli.options import RenderOptions
from ocrx.cli.streams import DocumentStream, guard_stdout
from ocrx.errors import ExitCode, OutputError, SourceError, UsageError
from ocrx.source import display_name
from ocrx.writers import FigureStyle, OutputFormat, WriteOptions, iter_document

if TYPE_CHECKING:
    from ocrx.conversion.kept import FolderAssets
    from ocrx.document import Document

_RAW_ENDING = ".raw"


def render(ctx: typer.Context, options: RenderOptions) -> int:
    """Write another format from kept JSON, JSON Lines or raw text; nothing is recognised again.

    FILE is the output of -f json or -f jsonl, what --keep-raw wrote, or - for standard input.
    """
    from ocrx.conversion.kept import FolderAssets, load_kept

    data = _content(options.file)
    where = "standard input" if options.file == STDIN else display_name(options.file)
    folder = _pictures_folder(options.file)
    with guard_stdout() as stream:
        assets = FolderAssets(folder)
        documents = load_kept(data, where, frozenset(assets), on_failure=say)
        destination = _destination(options, len(documents), where)
        for document in documents:
            _write(document, destination, options, stream, assets, folder)
    return ExitCode.OK


def _content(file: str) -> bytes:
    stdin = standard_input([file], None)
    try:
        return stdin.read() if stdin is not None else Path(file).read_bytes()
    except OSError as error:
        raise SourceError(f"{display_name(file)}: {error.strerror}") from error


def _pictures_folder(file: str) -> Path:
    """Return where the run that wrote ``report.json`` or ``report.raw.jsonl`` put its pictures."""
    path = Path(file)
    return path.with_name(f"{path.stem.removesuffix(_RAW_ENDING)}_files")


def _destination(options: RenderOptions, documents: int, where: str) -> Destination:
    try:
        return destination_of(options.output, options.format, many=documents > 1)
    except UsageError as error:
        raise UsageError(f"{where} holds {documents} documents: {error}") from error


def _write(
    document: Document,
    destination: Destination,
    options: RenderOptions,
    stream: DocumentStream,
    assets: FolderAssets,
    folder: Path,
) -> None:
    from ocrx.batch.outputs import output_name
    from ocrx.batch.staging import write_whole

    target = destination.path
    if target is not None and destination.kind is DestinationKind.FOLDER:
        target = target / output_name(Path(document.source).name, destination.format)
    write = _write_options(options, destination.format, target, folder, has_assets=bool(assets))
    pieces = iter_document(document, destination.format, write, assets)
    if target is None:
        for piece in pieces:
            stream.write(piece)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, _encoded(pieces))
    except OSError as error:
        shown = display_name(str(target))
        raise OutputError(f"{shown}: cannot be written: {error.strerror}") from error


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    return (piece.encode("utf-8") for piece in pieces)


def _write_options(
    options: RenderOptions,
    output_format: OutputFormat,
    target: Path | None,
    folder: Path,
    *,
    has_assets: bool,
) -> WriteOptions:
    figures = options.figures
    if figures is None:
        html = output_format is OutputFormat.HTML
        figures = FigureStyle.EMBED if html and target is None else FigureStyle.FILES
    if not has_assets:
        figures = FigureStyle.NONE
    base = Path() if target is None else target.parent
    return WriteOptions(
        tables=options.tables,
        keep_headers=options.keep_headers,
        page_breaks=options.page_breaks,
        join_tables=options.join_tables,
        math=options.math,
        figures=figures,
        figures_directory=os.path.relpath(folder, base),
    )
