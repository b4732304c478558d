"""Rules of a contract: what must hold for a row, else it goes to quarantine as `rule_<name>`.

    not_null   a value is there
    range      minimum <= value <= maximum, either may be left out; what is no number or moment breaks it
    pattern    the whole text matches a regular expression (RE2)
    allowed    the value is one of `values`
    unique     no row before it in the file has the same value

Except for `not_null`, a null violates nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from glue_jobs.checks import Violation
from glue_jobs.options import CsvOptions
from glue_jobs.ordering import is_between
from glue_jobs.unique import Duplicates, later_rows

RuleName = Literal["not_null", "unique", "range", "pattern", "allowed"]
_MOST_SHOWN = 100  # of a value in a message; the row itself is in quarantine
_ORDERED = (int, float, dt.date, dt.datetime)


class RuleError(Exception):
    """A rule cannot be used: which key, why, and what to do."""

    def __init__(self, key: str, message: str, fix: str) -> None:
        super().__init__(key, message, fix)
        self.key = key
        self.message = message
        self.fix = fix


@dataclass(frozen=True)
class Rule:
    """One rule for one column."""

    column: str
    rule: RuleName
    minimum: Any = None
    maximum: Any = None
    pattern: str | None = None
    values: tuple[Any, ...] = ()

    @classmethod
    def of(cls, column: str, rule: str, values: Any = (), **parameters: Any) -> Rule:
        """A checked rule; raises RuleError."""
        if rule not in get_args(RuleName):
            raise RuleError("rule", f"is {rule!r}", f"use one of {', '.join(get_args(RuleName))}")
        if not isinstance(values, list | tuple):
            raise RuleError("values", f"is {values!r}", "give a list")
        made = cls(column, rule, values=tuple(values), **parameters)  # type: ignore[arg-type]  # checked above
        made._check()
        return made

    def _check(self) -> None:
        if self.rule == "range":
            _check_range(self.minimum, self.maximum)
        elif self.rule == "pattern":
            _check_pattern(self.pattern)
        elif self.rule == "allowed" and not self.values:
            raise RuleError("values", "is missing", "list the allowed values")

    @property
    def reason(self) -> str:
        """The reason code of a quarantined row."""
        return f"rule_{self.rule}"

    def violated_by(self, column: Any, options: CsvOptions = CsvOptions()) -> Any:  # noqa: B008 - immutable
        """A mask, never null, of the rows that break the rule, any but `unique`. `options` say how texts are read."""
        if self.rule == "not_null":
            return pc.is_null(column)
        if self.rule == "range":
            kept = self._in_range(column, options)
        else:
            kept = self._matches(column) if self.rule == "pattern" else self._is_allowed(column)
        return pc.invert(pc.fill_null(kept, True))

    def _in_range(self, column: Any, options: CsvOptions) -> Any:
        try:
            return self._in_range_of_its_type(column)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OverflowError, InvalidOperation):
            # The column and the bounds are of different kinds, or one is too large for the other's type.
            values = column.to_pylist()
            kept = [value is None or is_between(value, self.minimum, self.maximum, options) for value in values]
            return pa.array(kept, pa.bool_())

    def _in_range_of_its_type(self, column: Any) -> Any:
        kept = pc.is_valid(column)
        if self.minimum is not None:
            kept = pc.and_kleene(kept, pc.greater_equal(column, _bound(self.minimum, column.type)))
        if self.maximum is not None:
            kept = pc.and_kleene(kept, pc.less_equal(column, _bound(self.maximum, column.type)))
        return pc.if_else(pc.is_valid(column), kept, None)

    def _matches(self, column: Any) -> Any:
        return pc.match_substring_regex(pc.cast(column, pa.string()), f"^(?:{self.pattern})$")

    def _is_allowed(self, column: Any) -> Any:
        try:
            allowed = pa.array(self.values, column.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            column, allowed = pc.cast(column, pa.string()), pa.array(map(str, self.values), pa.string())
        return pc.if_else(pc.is_valid(column), pc.is_in(column, value_set=allowed), None)


@dataclass(frozen=True)
class RuleCheck:
    """Holds the rows of each unit to a contract's rules; see `glue_jobs.checks.Check`.

    `duplicates` are those of the columns with a `unique` rule, once they are known; `options` the contract's.
    """

    rules: tuple[Rule, ...]
    duplicates: Mapping[str, Duplicates] = field(default_factory=dict)
    options: CsvOptions = field(default_factory=CsvOptions)

    def __call__(self, index: int, table: pa.Table) -> Sequence[Violation]:
        found: dict[int, Violation] = {}
        for rule in self.rules:
            if rule.column in table.column_names:
                column = table.column(rule.column)
                for row in self._rows(index, rule, column):
                    detail = f"{rule.column} is {_shown(column[row].as_py())}, against rule {rule.rule}."
                    found.setdefault(row, Violation(row, rule.reason, detail))
        return list(found.values())

    def _rows(self, index: int, rule: Rule, column: Any) -> Iterator[int]:
        if rule.rule == "unique":
            yield from later_rows(index, column, self.duplicates.get(rule.column, {}))
        else:
            yield from pc.indices_nonzero(rule.violated_by(column, self.options)).to_pylist()


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _bound(value: Any, column_type: pa.DataType) -> Any:
    if pa.types.is_decimal(column_type):
        return pa.scalar(Decimal(str(value)))
    return pa.scalar(value)


def _check_range(minimum: Any, maximum: Any) -> None:
    if minimum is None and maximum is None:
        raise RuleError("minimum", "is missing, and so is maximum", "give at least one of them")
    for key, bound in (("minimum", minimum), ("maximum", maximum)):
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, _ORDERED)):
            raise RuleError(key, f"is {bound!r}", "give a number, a date or a time, without quotes")
    if minimum is None or maximum is None:
        return
    if isinstance(minimum, dt.date) != isinstance(maximum, dt.date):
        raise RuleError("maximum", f"is {maximum!r} while minimum is {minimum!r}", "give both as the same kind")
    if minimum > maximum:
        raise RuleError("maximum", f"is {maximum!r}, less than minimum {minimum!r}", "exchange the two")


def _check_pattern(pattern: Any) -> None:
    if not isinstance(pattern, str):
        raise RuleError("pattern", f"is {pattern!r}", "give a regular expression in single quotes")
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        raise RuleError("pattern", f"is no regular expression: {error}", "use the syntax of RE2") from error
