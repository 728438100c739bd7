"""The reference page, made from the commands themselves: ``python -m ocrx.cli.reference``.

``docs/cli.md`` is what this prints; a test holds the two together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from ocrx.cli.application import build_application
from ocrx.cli.configuration import settings_of
from ocrx.cli.messages import PROGRAM
from ocrx.cli.options import ConvertOptions
from ocrx.errors import ExitCode

_WIDTH = 100
_MEANINGS = {
    ExitCode.OK: "All well.",
    ExitCode.BUG: "A bug; `-v` shows where.",
    ExitCode.USAGE: "The command line or the configuration makes no sense.",
    ExitCode.UNREADABLE_SOURCE: "A document cannot be read: missing, broken, encrypted.",
    ExitCode.MISSING_REQUIREMENT: "Something is missing: weights, a package, a device.",
    ExitCode.ENGINE_FAILED: "The engine failed.",
    ExitCode.CANNOT_WRITE: "The output cannot be written: read-only, full, colliding names.",
    ExitCode.PARTLY_DONE: "Some pages or documents failed or, with `--strict`, are suspect or cut.",
    ExitCode.INTERRUPTED: "Interrupted with Ctrl-C.",
}
_STREAMS = """\
## Streams

Standard output carries the document and nothing else, in UTF-8 whatever the locale; what libraries
print there is sent to standard error. Messages, progress and the summary go to standard error.
Progress is shown only on a terminal that can move its cursor; `NO_COLOR` takes its colours away,
and `--progress json` gives programs one JSON object a line instead. A reader that goes away
(`| head`) ends the command quietly with 141, as SIGPIPE would. Ctrl-C once finishes and saves the
pages in hand, twice stops at once.
"""


def reference() -> str:
    """Return the whole page as Markdown."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    group: Any = get_command(build_application())
    context = group.make_context(PROGRAM, [], resilient_parsing=True, terminal_width=_WIDTH)
    yield "# Command line reference\n"
    yield "Made from the commands themselves by `python -m ocrx.cli.reference`.\n"
    yield _paragraphs(group.help)
    yield _listing(group.epilog)
    yield from _commands(group, context)
    yield _STREAMS
    yield from _settings()
    yield from _exit_codes()


def _commands(group: Any, context: Any) -> Iterator[str]:
    """Yield the sections of a group's commands, and of the groups among them."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        below = command.make_context(
            name, [], parent=context, resilient_parsing=True, terminal_width=_WIDTH
        )
        if hasattr(command, "commands"):
            yield from _commands(command, below)
        else:
            yield from _command(command, below)


def _command(command: Any, context: Any) -> Iterator[str]:
    yield f"## {context.command_path}\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```\n{context.command_path} {usage}\n```\n"
    yield _paragraphs(command.help)
    sections: dict[str, list[str]] = {}
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None:
            section = getattr(param, "rich_help_panel", None) or "Other"
            names, meaning = (_cell(text) for text in record)
            sections.setdefault(section, []).append(f"| `{names}` | {meaning} |")
    for title, rows in sections.items():
        yield f"### {title}\n"
        yield "| option | meaning |\n|---|---|"
        yield "\n".join(rows) + "\n"


def _settings() -> Iterator[str]:
    yield "## Variables and configuration file\n"
    yield (
        "A flag beats a variable, and a variable beats the file. Every option has a variable:\n"
        "`OCRX_` and its long name in capitals, such as `OCRX_PAGE_TIMEOUT`. The file is\n"
        "`--config FILE`, else `ocrx.toml` in the working directory, else `ocrx/ocrx.toml` in the\n"
        "user's configuration directory. Its keys, with their types:\n"
    )
    yield "| key | value |\n|---|---|"
    for setting in settings_of(ConvertOptions).values():
        kinds = {bool: "true or false", int: "whole number", float: "number", str: "string"}
        value = ", ".join(f'`"{choice}"`' for choice in setting.choices) or kinds[setting.kind]
        yield f"| `{setting.key}` | {value} |"
    yield '\n```toml\nmode = "large"\njobs = 4\nkeep-headers = true\n```\n'


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes\n"
    yield "| code | meaning |\n|---|---|"
    for code in ExitCode:
        yield f"| {code.value} | {_MEANINGS[code]} |"
    yield "| 141 | The reader of standard output went away. |"


def _paragraphs(text: str) -> str:
    plain = text.replace("\b\n", "")
    return plain.strip() + "\n"


def _listing(epilog: str) -> str:
    _, _, examples = epilog.partition("\n")
    lines = [line.removeprefix("  ") for line in examples.splitlines()[1:]]
    return "```sh\n" + "\n".join(lines) + "\n```\n"


def _cell(text: str) -> str:
    """``|`` divides cells even inside code, so it is escaped."""
    return " ".join(text.split()).replace("|", r"\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
