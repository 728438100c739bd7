"""The entry point, and the only place that turns errors into exit codes."""

from __future__ import annotations

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import typer
from typer.main import get_command

from ocrx.cli.application import build_application
from ocrx.cli.messages import PROGRAM, say
from ocrx.cli.streams import silence_stdout, speak_utf8
from ocrx.errors import ExitCode, OcrxError

BROKEN_PIPE = 128 + 13  # what a shell reports for a program that SIGPIPE ended


def main() -> NoReturn:
    """Run the command that the process was started with, and exit."""
    code = run(sys.argv[1:])
    if sys.stdout is not None:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing is raised."""
    speak_utf8()
    chatty = _verbosity(arguments) > 0
    if not chatty and not sys.warnoptions:
        warnings.simplefilter("ignore")  # a library's deprecations are not the user's business
    try:
        return _invoke(list(arguments))
    except OcrxError as error:
        return _fail(str(error), error.exit_code, chatty=_verbosity(arguments) > 1)
    except typer.TyperException as error:
        return _usage(error)
    except KeyboardInterrupt:
        return _fail("interrupted", ExitCode.INTERRUPTED, chatty=False)
    except Exception as error:  # noqa: BLE001  # the last line of defence: a bug, told in one line
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            return _quiet_end()
        kind = type(error).__name__
        hint = "" if chatty else " (add -v to see where)"
        message = f"unexpected {kind}: {error}; this is a bug, please report it{hint}"
        return _fail(" ".join(message.split()), ExitCode.BUG, chatty)


def _invoke(arguments: list[str]) -> int:
    command = get_command(build_application())
    try:
        code = command.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # typer's answer to a closed pipe
            return _quiet_end()
        raise
    if code == ExitCode.INTERRUPTED and not isinstance(code, ExitCode):
        raise KeyboardInterrupt  # of which typer makes a plain number
    return int(code or ExitCode.OK)


def _quiet_end() -> int:
    silence_stdout()
    return BROKEN_PIPE


def _fail(message: str, code: int, chatty: bool) -> int:
    with suppress(OSError):
        if chatty:
            traceback.print_exc()
        say(message)
    return int(code)


def _usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM
    message = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
    message = message.replace("Value error, ", "")  # the type checker's word, not the user's
    return _fail(
        f"{message.removesuffix('.')}{_origin(error)} (see {path} --help)",
        ExitCode.USAGE,
        chatty=False,
    )


def _origin(error: typer.TyperException) -> str:
    """Say where a refused value came from when it was not typed."""
    context, param = getattr(error, "ctx", None), getattr(error, "param", None)
    if context is None or param is None:
        return ""
    source = context.get_parameter_source(param.name)
    if source is not None and source.name == "ENVIRONMENT":
        return f", from the variable OCRX_{param.name.upper()}"
    if source is not None and source.name == "DEFAULT_MAP":
        return ", from the configuration file"
    return ""


def _verbosity(arguments: Sequence[str]) -> int:
    """Count -v before the words are parsed, so that a failure while parsing can be shown."""
    clustered = sum(
        word.count("v")
        for word in arguments
        if word.startswith("-v") and not word.startswith("--") and set(word[1:]) == {"v"}
    )
    variable = os.environ.get("OCRX_VERBOSE", "")
    return clustered + list(arguments).count("--verbose") + (variable not in ("", "0"))


if __name__ == "__main__":
    main()
