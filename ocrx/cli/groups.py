"""How the commands are found, listed and helped: typer's own classes, in ocrx's manners.

``ocrx INPUT...`` is short for ``ocrx convert INPUT...``, and long lists of options have sections.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

DEFAULT_COMMAND = "convert"


class SectionedCommand(TyperCommand):
    """A command whose help lists its options by section (``rich_help_panel``), without rich."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one list of options a section, in the order of the first option of each."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                section = getattr(param, "rich_help_panel", None) or "Other"
                sections.setdefault(section, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


class DefaultCommandGroup(TyperGroup):
    """A group in which the first word need not be a command: then the words go to convert."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command first, then parse as any group does."""
        return super().parse_args(ctx, self._routed(ctx, args))

    def _routed(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the words with the command first.

        ``-v status out`` is ``status -v out``; ``-f html a.pdf`` is ``convert -f html a.pdf``.
        """
        own = {name for param in self.get_params(ctx) for name in param.opts}
        if not args:
            return [] if ctx.resilient_parsing else [DEFAULT_COMMAND]  # which says what it lacks
        if args[0].split("=")[0] in own:
            return args
        position = self._first_plain_word(args)
        if position < len(args) and args[position] in self.commands:
            return [args[position], *args[:position], *args[position + 1 :]]
        return [DEFAULT_COMMAND, *args]

    def _first_plain_word(self, args: list[str]) -> int:
        """Return where the first word is that is neither an option nor an option's value."""
        valued = self._options_with_values()
        position = 0
        while position < len(args) and args[position].startswith("-") and args[position] != "-":
            if args[position] == "--":
                return len(args)
            position += 2 if args[position] in valued else 1
        return position

    def _options_with_values(self) -> set[str]:
        names: set[str] = set()
        for param in self.commands[DEFAULT_COMMAND].params:
            bare = getattr(param, "is_flag", False) or getattr(param, "count", False)
            if param.param_type_name == "option" and not bare:
                names.update(param.opts)
        return names

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Offer the options of convert beside the commands."""
        offered = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            command = self.commands[DEFAULT_COMMAND]
            with command.make_context(
                DEFAULT_COMMAND, [], parent=ctx, resilient_parsing=True
            ) as below:
                known = {item.value for item in offered}
                more = command.shell_complete(below, incomplete)
                offered += [item for item in more if item.value not in known]
        return offered
