"""Takes typed values out of a contract's TOML tables and collects what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# By the annotation of the field that a key fills.
_KINDS: dict[str, tuple[type[Any], str]] = {
    "str": (str, "text in quotes"),
    "str | None": (str, "text in quotes"),
    "bool | None": (bool, "true or false"),
    "int": (int, "a whole number"),
    "tuple[str, ...]": (list, "a list of texts"),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one contract: where, why, and what to do."""

    file: str
    key: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key} {self.message}; {self.fix}."


class TableReader:
    """One TOML table of a contract; its sub-tables report to the same list of problems."""

    def __init__(
        self, file: str, table: Mapping[str, Any], prefix: str = "", problems: list[Problem] | None = None
    ) -> None:
        self._file = file
        self._table = table
        self._prefix = prefix
        self.problems: list[Problem] = [] if problems is None else problems

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def problem(self, key: str, message: str, fix: str) -> None:
        self.problems.append(Problem(self._file, self._prefix + key, message, fix))

    def allow_only(self, names: Iterable[str]) -> None:
        known = list(names)
        for key in self._table:
            if key not in known:
                self.problem(key, "is unknown here", f"use one of {', '.join(known)}")

    def value(self, key: str) -> Any:
        return self._table.get(key)

    def like(self, key: str, annotation: str) -> Any:
        """The value of a key as a field with this annotation takes it; None, and a problem, when it is another kind."""
        value = self._table[key]
        kind, wanted = _KINDS[annotation]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(key, f"is {value!r}", f"give {wanted}")
            return None
        if not isinstance(value, list):
            return value
        if all(isinstance(each, str) for each in value):
            return tuple(value)
        self.problem(key, f"is {value!r}", f"give {wanted}")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        return (self.like(key, "tuple[str, ...]") or ()) if key in self._table else ()

    def one_of(self, key: str, choices: Iterable[str], default: str) -> Any:
        value = self._table.get(key, default)
        if value not in choices:
            self.problem(key, f"is {value!r}", f"use one of {', '.join(choices)}")
            return default
        return value

    def fraction(self, key: str) -> float | None:
        if key not in self._table:
            return None
        value = self._table[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.problem(key, f"is {value!r}", "give a fraction from 0 to 1, such as 0.1")
            return None
        return float(value)

    def table_at(self, key: str) -> TableReader:
        value = self._table.get(key, {})
        if not isinstance(value, dict):
            self.problem(key, f"is {value!r}", f"write a table: [{key}]")
            value = {}
        return TableReader(self._file, value, f"{self._prefix}{key}.", self.problems)

    def tables_at(self, key: str) -> list[TableReader]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.problem(key, f"is {value!r}", f"write tables: [[{key}]]")
            return []
        return [
            TableReader(self._file, each, f"{self._prefix}{key}[{number}].", self.problems)
            for number, each in enumerate(value, start=1)
        ]
