"""``ocrx convert``, the default command: documents to Markdown, HTML, LaTeX, JSON or text."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ocrx.cli.destinations import Destination, DestinationKind, destination_of, figure_style
from ocrx.cli.inputs import STDIN, password_from, standard_input
from ocrx.cli.messages import say
from ocrx.cli.options import ConvertOptions
from ocrx.cli.streams import DocumentStream, guard_stdout
from ocrx.cli.validation import refuse_contradictions
from ocrx.document import Task, VerdictStatus
from ocrx.errors import ExitCode, LimitError, SourceError, UsageError
from ocrx.source import Candidate, discover, is_pipe, spool_pipe, spool_stdin

if TYPE_CHECKING:
    from ocrx.batch.outputs import OutputSettings
    from ocrx.batch.summary import Summary
    from ocrx.cli.running import Running
    from ocrx.conversion.results import RecognitionOptions


def convert(ctx: typer.Context, options: ConvertOptions) -> int:
    """Convert documents: PDFs, pictures, folders of them, or - for standard input.

    One input goes to standard output unless -o says where; several, or a folder, need -o FOLDER, or
    -f jsonl, which gives one JSON object a page in the order of the inputs. A run into a folder can
    be interrupted and started again: what is done is not done twice.
    """
    refuse_contradictions(ctx, options)
    password = password_from(options.password, options.password_file)
    _refuse_misspelt_command(ctx, options.inputs or [])
    destination = _destination(options)
    with guard_stdout() as stream, _candidates(options) as candidates:
        if not candidates:
            return _nothing(options)
        return _run(options, password, destination, candidates, stream)


def _destination(options: ConvertOptions) -> Destination:
    inputs = options.inputs or []
    folder = any(os.path.isdir(name) for name in inputs if name != STDIN)  # noqa: PTH112 - any name
    many = len(inputs) > 1 or folder or options.files_from is not None
    standard_input(inputs, options.files_from)  # refused before anything else is looked at
    return destination_of(options.output, options.format, many=many)


def _refuse_misspelt_command(ctx: typer.Context, inputs: list[str]) -> None:
    """``ocrx sttus out`` means a command, unless there is such a file."""
    commands = list(getattr(ctx.parent and ctx.parent.command, "commands", ()))
    if inputs and not os.path.exists(inputs[0]):  # noqa: PTH110 - a name of any length
        near = get_close_matches(inputs[0], commands, n=1, cutoff=0.7)
        if near:
            raise UsageError(f"{inputs[0]}: no such file or command; did you mean ocrx {near[0]}?")


@contextmanager
def _candidates(options: ConvertOptions) -> Iterator[tuple[Candidate, ...]]:
    """Yield the documents; standard input becomes a file for as long as they are needed."""
    inputs = options.inputs or []
    stdin = standard_input(inputs, options.files_from)
    found = discover(
        inputs, recursive=options.recursive, files_from=options.files_from, stdin=stdin
    )
    for skipped in found.skipped:
        if (skipped.named_like_document and not options.quiet) or options.verbose:
            say(f"{skipped.path}: left out: {skipped.reason}")
    own = stdin if STDIN in inputs else None
    pipes = {each.path for each in found.candidates if is_pipe(each.path)}
    if own is None and not pipes:
        yield found.candidates
        return
    with tempfile.TemporaryDirectory(prefix="ocrx-", ignore_cleanup_errors=True) as folder:
        candidates = []
        for number, each in enumerate(found.candidates):
            if own is not None and each.path == STDIN:
                candidates.append(Candidate(str(spool_stdin(own, folder)), STDIN, STDIN))
            elif each.path in pipes:
                candidates.append(_spooled(each, Path(folder, f"pipe-{number}")))
            else:
                candidates.append(each)
        yield tuple(candidates)


def _spooled(candidate: Candidate, copy: Path) -> Candidate:
    """Return the copy of a pipe; one that cannot be read says so when it is opened."""
    try:
        spool_pipe(candidate.path, copy)
    except LimitError:
        raise
    except SourceError:
        return candidate
    return Candidate(str(copy), candidate.relative, candidate.path)


def _nothing(options: ConvertOptions) -> int:
    """An empty list is no mistake; a folder without documents may be a wrong folder."""
    if options.inputs:
        names = ", ".join(options.inputs)
        hint = "" if options.recursive else " (-r looks into its folders, too)"
        raise SourceError(f"{names}: no documents found{hint}")
    return ExitCode.OK


def _run(
    options: ConvertOptions,
    password: str | None,
    destination: Destination,
    candidates: tuple[Candidate, ...],
    stream: DocumentStream,
) -> int:
    from ocrx.cli.running import Running

    to_terminal = destination.kind is DestinationKind.STDOUT and stream.is_terminal
    asked, output = _recognition(options), _output(options, destination)
    running = Running.of(options, len(candidates), asked, streams_to_terminal=to_terminal)
    with running:
        if destination.kind is DestinationKind.FOLDER:
            summary = _into_folder(options, output, password, destination, candidates, running)
        else:
            summary = _straight(options, output, password, destination, candidates, running, stream)
    return running.report(summary, strict=options.strict)


def _into_folder(
    options: ConvertOptions,
    output: OutputSettings,
    password: str | None,
    destination: Destination,
    candidates: tuple[Candidate, ...],
    running: Running,
) -> Summary:
    from ocrx.batch.run import run_batch
    from ocrx.batch.settings import BatchSettings

    assert destination.path is not None
    settings = BatchSettings(
        directory=destination.path,
        recognition=running.recognition,
        output=output,
        force=options.force,
        use_cache=not options.no_cache,
        reread=_reread(options),
        password=password,
    )
    info, runner = running.info, running.runner
    return run_batch(candidates, settings, info, runner, stop=running.stop, on_event=running.take)


def _straight(
    options: ConvertOptions,
    output: OutputSettings,
    password: str | None,
    destination: Destination,
    candidates: tuple[Candidate, ...],
    running: Running,
    stream: DocumentStream,
) -> Summary:
    from ocrx.cli.straight import StraightRun

    straight = StraightRun(
        candidates=candidates,
        destination=destination,
        recognition=running.recognition,
        output=output,
        stream=stream,
        on_event=running.take,
        before_writing=running.make_room,
        password=password,
        use_cache=not options.no_cache,
        reread=_reread(options),
    )
    return straight.run(running.info, running.runner, running.stop)


def _reread(options: ConvertOptions) -> frozenset[VerdictStatus]:
    """With --force every page is recognised again, whatever was kept of it."""
    return frozenset(VerdictStatus if options.force else ())


def _recognition(options: ConvertOptions) -> RecognitionOptions:
    from ocrx.conversion.results import RecognitionOptions
    from ocrx.selection import parse_mode

    return RecognitionOptions(
        engine=options.engine,
        mode=parse_mode(options.mode),
        max_vision_tokens=options.max_vision_tokens,
        max_tiles=options.max_tiles,
        task=Task(options.task),
        pages=options.pages,
        query=options.query,
        verify=options.verify,
        climb=options.retries,
        model=options.model,
        device=options.device,
        dtype=options.dtype,
        batch=options.batch,
        offline=options.offline,
    )


def _output(options: ConvertOptions, destination: Destination) -> OutputSettings:
    from ocrx.batch.outputs import OutputSettings
    from ocrx.writers import WriteOptions

    write = WriteOptions(
        tables=options.tables,
        keep_headers=options.keep_headers,
        page_breaks=options.page_breaks,
        join_tables=options.join_tables,
        math=options.math,
        figures=figure_style(options.figures, destination),
    )
    return OutputSettings(destination.format, write, options.keep_raw)
