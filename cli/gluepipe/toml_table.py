"""A TOML table that knows where it stands, so that every complaint can name key, value and repair."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gluepipe.errors import UsageProblem, suggestion


@dataclass(frozen=True)
class Table:
    """One table of a TOML file: the file's name, the dotted path of the table, its values.

    What reads a key raises `error` where the key is missing, without a default, or holds something else.
    """

    file: str
    path: str
    values: Mapping[str, Any]
    error: type[UsageProblem]

    def names(self) -> list[str]:
        """Return the keys in file order."""
        return list(self.values)

    def problem(self, key: str, reason: str, fix: str, *, show_value: bool = True) -> UsageProblem:
        """Build the error for one key: `file: path.key = value: reason. Fix.`"""
        place = ".".join(part for part in (self.path, key) if part)
        value = f" = {json.dumps(self.values[key], default=str)}" if key in self.values and show_value else ""
        sentence = fix[:1].upper() + fix[1:]
        return self.error(
            f"{self.file}: {place}{value}: {reason}.", sentence if sentence[-1] in ".?" else f"{sentence}."
        )

    def allow(self, *known: str) -> None:
        """Refuse every key but these; what an unknown one holds may be a secret, and errors end up in logs."""
        for key in self.values:
            if key not in known:
                raise self.problem(key, "unknown key", suggestion(key, list(known)), show_value=False)

    def text(self, key: str, pattern: str, form: str, default: str | None = None) -> str:
        """Return a string that matches `pattern` as a whole; `form` describes it for people."""
        value = self._value(key, default, form)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.problem(key, "not valid", f"write {form}")
        return value

    def choice(self, key: str, options: list[str], default: str | None = None) -> str:
        """Return one of the options."""
        value = self._value(key, default, f"one of {', '.join(options)}")
        if value not in options:
            raise self.problem(key, "not one of the choices", suggestion(str(value), options))
        return str(value)

    def boolean(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.problem(key, "not a boolean", "write true or false, without quotes")
        return value

    def amount(self, key: str) -> float:
        """Return a number that is not negative."""
        value = self._value(key, None, "a number such as 0.44")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise self.problem(key, "not an amount", "write a number of 0 or more, without quotes")
        return float(value)

    def day(self, key: str) -> date:
        """Return a date."""
        value = self._value(key, None, "a date such as 2026-05-31")
        if type(value) is not date:
            raise self.problem(key, "not a date", "write it as 2026-05-31, without quotes")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of strings; an absent key is an empty list."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.problem(key, "not a list of strings", 'write ["dev", "prod"]')
        return value

    def table(self, key: str, optional: bool = False) -> Table:
        """Return the table under a key; an absent optional one is empty."""
        value = self.values.get(key, {} if optional else None)
        if not isinstance(value, dict):
            raise self.problem(key, "missing" if value is None else "not a table", f"add a [{key}] table")
        return Table(self.file, ".".join(part for part in (self.path, key) if part), value, self.error)

    def _value(self, key: str, default: str | None, form: str) -> Any:
        value = self.values.get(key, default)
        if value is None:
            raise self.problem(key, "missing", f"add it: {form}")
        return value
