"""Checked access to the fields of a decoded JSON object: the right type, in range, or an error."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, TypeVar

from ocrx.errors import KeptDataError
from ocrx.serialization.limits import MAX_CHARACTERS, MAX_NUMBER, SCHEMA_VERSION

Choice = TypeVar("Choice", bound=StrEnum)
_MISSING = object()


class Fields:
    """One JSON object and where it stands, for messages. Fields that nobody asks for are ignored.

    Every method raises ``KeptDataError`` when the field is missing, of another type or out of
    range; a method for an optional field takes null and absence as the same.
    """

    __slots__ = ("_data", "where")

    def __init__(self, data: object, where: str) -> None:
        """Take a decoded value; raise ``KeptDataError`` if it is not an object."""
        if not isinstance(data, dict):
            raise KeptDataError(f"{where} is not an object")
        self._data: dict[str, Any] = data
        self.where = where

    def has(self, name: str) -> bool:
        """Return whether the field is there and not null."""
        return self._data.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string."""
        value = self._get(name, default)
        if not isinstance(value, str):
            raise self._error(name, "is not a string")
        if len(value) > MAX_CHARACTERS:
            raise self._error(name, f"has more than {MAX_CHARACTERS} characters")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a string or None."""
        return self.text(name) if self.has(name) else None

    def optional_file_name(self, name: str) -> str | None:
        """Return a plain file name, which leads to no other folder, or None."""
        value = self.optional_text(name)
        if value is not None and (not value or value[0] == "." or any(c in value for c in "/\\")):
            raise self._error(name, "is not a plain file name")
        return value

    def integer(
        self, name: str, low: int = 0, high: int = MAX_NUMBER, default: int | None = None
    ) -> int:
        """Return a whole number in [low, high]."""
        return self._whole(name, self._get(name, default), low, high)

    def number(self, name: str) -> float:
        """Return a finite number."""
        return self._float(name, self._get(name))

    def optional_number(self, name: str) -> float | None:
        """Return a finite number or None."""
        return self.number(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        """Return true or false; false when absent."""
        value = self._data.get(name, False)
        if not isinstance(value, bool):
            raise self._error(name, "is not true or false")
        return value

    def choice(self, name: str, values: type[Choice], default: Choice | None = None) -> Choice:
        """Return a member of a closed set."""
        value = self.text(name, None if default is None else default.value)
        try:
            return values(value)
        except ValueError:
            known = ", ".join(member.value for member in values)
            raise self._error(name, f"is not one of: {known}") from None

    def section(self, name: str) -> Fields:
        """Return a nested object."""
        return Fields(self._get(name), f"{self.where}.{name}")

    def sections(self, name: str, cap: int) -> Iterator[Fields]:
        """Yield the nested objects of a list of at most ``cap``."""
        for index, item in enumerate(self._list(name, cap)):
            yield Fields(item, f"{self.where}.{name}[{index}]")

    def texts(self, name: str, cap: int) -> tuple[str, ...]:
        """Return a list of at most ``cap`` strings."""
        values = self._list(name, cap)
        if not all(isinstance(value, str) for value in values):
            raise self._error(name, "holds something that is not a string")
        return tuple(values)

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """Return a list of exactly ``count`` finite numbers."""
        values = self._list(name, count)
        if len(values) != count:
            raise self._error(name, f"does not hold {count} numbers")
        return tuple(self._float(name, value) for value in values)

    def optional_size(self, name: str) -> tuple[int, int] | None:
        """Return two whole numbers, width and height, or None."""
        if not self.has(name):
            return None
        values = self._list(name, 2)
        if len(values) != 2:
            raise self._error(name, "does not hold a width and a height")
        width, height = (self._whole(name, value, 0, MAX_NUMBER) for value in values)
        return width, height

    def check_version(self) -> None:
        """Raise unless this was written in the version of the schema that is read here."""
        version = self._get("schema_version")
        if isinstance(version, bool) or version != SCHEMA_VERSION:
            shown = repr(version)[:40]
            raise self._error("schema_version", f"is {shown}; only {SCHEMA_VERSION} can be read")

    def _get(self, name: str, default: object = None) -> Any:
        value = self._data.get(name, _MISSING)
        if value is _MISSING:
            if default is None:
                raise self._error(name, "is missing")
            return default
        return value

    def _list(self, name: str, cap: int) -> list[Any]:
        value = self._get(name)
        if not isinstance(value, list):
            raise self._error(name, "is not a list")
        if len(value) > cap:
            raise self._error(name, f"holds more than {cap} items")
        return value

    def _whole(self, name: str, value: object, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._error(name, "is not a whole number")
        if not low <= value <= high:
            raise self._error(name, f"is not in {low} to {high}")
        return value

    def _float(self, name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(name, "is not a number")
        if isinstance(value, int) and abs(value) > MAX_NUMBER:
            raise self._error(name, "is out of range")
        if not math.isfinite(value):
            raise self._error(name, "is not finite")
        return float(value)

    def _error(self, name: str, what: str) -> KeptDataError:
        return KeptDataError(f"{self.where}.{name} {what}")
