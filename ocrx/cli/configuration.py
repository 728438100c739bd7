"""The configuration file: where it is found, which keys it may hold, and what types they have.

Flags beat OCRX_* variables, and those beat this file; typer merges them, this module only reads.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ocrx.errors import UsageError
from ocrx.source.names import display_name

FILE_NAME = "ocrx.toml"
_ONE_RUN_ONLY = frozenset(
    {"inputs", "output", "pages", "password", "files_from", "query"}
    | {"force", "config", "quiet", "verbose"}
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One key that a configuration file may hold. ``kind`` is bool, int, float or str."""

    key: str
    field: str
    kind: type
    choices: tuple[str, ...] = ()


def settings_of(options: type) -> dict[str, Setting]:
    """Return the keys that a dataclass of options gives a configuration file.

    What belongs to one run only (inputs, pages, passwords, --force) is not among them.
    """
    hints = get_type_hints(options)
    named = [field.name for field in fields(options) if field.name not in _ONE_RUN_ONLY]
    settings = (_setting(name, hints[name]) for name in named)
    return {setting.key: setting for setting in settings}


def _setting(field: str, hint: Any) -> Setting:
    members = [member for member in get_args(hint) if member is not NoneType]
    plain = members[0] if NoneType in get_args(hint) else hint
    key = field.replace("_", "-")
    if get_origin(plain) is Literal:
        return Setting(key, field, str, get_args(plain))
    if issubclass(plain, Enum):
        return Setting(key, field, str, tuple(member.value for member in plain))
    return Setting(key, field, plain)


def find_configuration(named: str | None) -> Path | None:
    """Return the file to read: the named one, ./ocrx.toml, the user's own, or None.

    Raises:
        UsageError: the named file does not exist.
    """
    if named is not None:
        path = Path(named)
        if not os.path.isfile(path):  # noqa: PTH113 - a name of any length
            raise UsageError(f"{display_name(named)}: no such configuration file")
        return path
    for path in (Path(FILE_NAME), user_configuration()):
        if path.is_file():
            return path
    return None


def user_configuration() -> Path:
    """Return where the user's own configuration file would be."""
    from platformdirs import user_config_path

    return user_config_path("ocrx") / FILE_NAME


def read_configuration(path: Path, settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Return the values of a configuration file by field name.

    Raises:
        UsageError: the file is no TOML, has an unknown key, or a value of the wrong type.
    """
    shown = display_name(os.fspath(path))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{shown}: {error}") from error
    values: dict[str, Any] = {}
    for key, value in content.items():
        setting = settings.get(key.replace("_", "-"))
        if setting is None:
            raise UsageError(f"{shown}: unknown key {key!r}{_nearest(key, settings)}")
        values[setting.field] = _checked(shown, setting, value)
    if ":" in str(values.get("engine", "")):
        # The file may lie in a folder of documents that somebody sent: it names no code to import.
        raise UsageError(f"{shown}: engine must be the name of an installed engine")
    return values


def _nearest(key: str, settings: Mapping[str, Setting]) -> str:
    near = get_close_matches(key.replace("_", "-"), settings, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; the keys are {', '.join(settings)}"


def _checked(shown: str, setting: Setting, value: object) -> object:
    if setting.choices and value not in setting.choices:
        raise UsageError(
            f"{shown}: {setting.key} must be one of {', '.join(setting.choices)}, not {value!r}"
        )
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = isinstance(value, setting.kind) and isinstance(value, bool) is (setting.kind is bool)
    if fits or (setting.kind is float and whole):
        return value
    wanted = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}
    raise UsageError(f"{shown}: {setting.key} must be {wanted[setting.kind]}, not {value!r}")
