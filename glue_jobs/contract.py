"""A dataset's contract: what its owner says about its files, in `contracts/<dataset>.toml`. Everything is optional.

mode = "rescue"                    # or evolve, freeze, fail: what to do about surprises
required = ["order_id"]            # a file without them is rejected
max_quarantined = 0.02             # of a file's rows; above it the file is rejected

[csv]                              # the fields of glue_jobs.options.CsvOptions
delimiter = ";"

[types]
order_id = "string"
amount = "decimal(12,2)"

[[rules]]                          # see glue_jobs.rules
column = "amount"
rule = "range"
minimum = 0
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, get_args

import pyarrow as pa

from glue_jobs.contract_reader import Problem, TableReader
from glue_jobs.metadata import RESERVED_NAMES
from glue_jobs.moment_formats import problem_of_format
from glue_jobs.options import CsvOptions, can_structure
from glue_jobs.rules import Rule, RuleError
from glue_jobs.type_names import parse_type

Mode = Literal["rescue", "evolve", "freeze", "fail"]
_FRACTION, _HANDFUL = 0.1, 10
_STRUCTURE, _SEPARATORS = ("delimiter", "quote", "escape"), ("decimal", "thousands")
_RULE_FIELDS = [each.name for each in fields(Rule)]


class ContractError(Exception):
    """A contract cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Contract:
    """What holds for a dataset.

    `max_quarantined` is the fraction of a file's rows that may be bad; None means a tenth, or ten rows in a short file.
    """

    mode: Mode = "rescue"
    required: tuple[str, ...] = ()
    max_quarantined: float | None = None
    csv: CsvOptions = field(default_factory=CsvOptions)
    types: Mapping[str, pa.DataType] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @property
    def unique_columns(self) -> tuple[str, ...]:
        """The columns that have a `unique` rule."""
        return tuple(rule.column for rule in self.rules if rule.rule == "unique")

    @property
    def tolerance(self) -> str:
        """How many bad rows a file may have, in words."""
        if self.max_quarantined is None:
            return f"allowed: {_FRACTION:.0%}, and always {_HANDFUL} unless nothing is left"
        return f"allowed: {self.max_quarantined:.1%}"

    def tolerates(self, bad: int, rows: int) -> bool:
        """Whether a file of which so many rows are bad is loaded without them; never when nothing would be left."""
        if bad == 0 or bad == rows:
            return bad == 0
        if self.max_quarantined is None:
            return bad <= max(_HANDFUL, _FRACTION * rows)
        return bad <= self.max_quarantined * rows


def contract_of(dataset: str) -> Contract:
    """The contract shipped for a dataset, or the one that says nothing."""
    path = files("glue_jobs") / "contracts" / f"{dataset}.toml"
    return load(path) if path.is_file() else Contract()


def load(path: Traversable) -> Contract:
    """Read one contract; raises ContractError naming the file, every wrong key and what to write instead."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContractError([Problem(path.name, "(file)", f"is not TOML: {error}", "correct the syntax")]) from error
    reader = TableReader(path.name, table)
    contract = _contract(reader)
    if reader.problems:
        raise ContractError(reader.problems)
    return contract


def validate_all(folder: Traversable) -> list[Problem]:
    """Everything wrong with any contract in a folder; empty when all can be used."""
    problems: list[Problem] = []
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if path.name.endswith(".toml"):
            try:
                load(path)
            except ContractError as error:
                problems += error.problems
    return problems


def _contract(reader: TableReader) -> Contract:
    reader.allow_only(each.name for each in fields(Contract))
    return Contract(
        mode=reader.one_of("mode", get_args(Mode), "rescue"),
        required=tuple(filter(lambda name: _is_column(reader, "required", name), reader.texts("required"))),
        max_quarantined=reader.fraction("max_quarantined"),
        csv=_csv_options(reader.table_at("csv")),
        types=_types(reader.table_at("types")),
        rules=tuple(rule for each in reader.tables_at("rules") if (rule := _rule(each))),
    )


def _csv_options(reader: TableReader) -> CsvOptions:
    reader.allow_only(each.name for each in fields(CsvOptions))
    given = {each.name: reader.like(each.name, str(each.type)) for each in fields(CsvOptions) if each.name in reader}
    given = {name: value for name, value in given.items() if value is not None}
    options = CsvOptions(**given)
    _check_characters(reader, given, options)
    if options.skip_lines < 0:
        reader.problem("skip_lines", f"is {options.skip_lines}", "give 0 or more")
    if options.encoding is not None:
        _check_encoding(reader, options.encoding)
    for name, formats in (("date_formats", options.date_formats), ("timestamp_formats", options.timestamp_formats)):
        _check_formats(reader, name, formats)
    return options


def _check_characters(reader: TableReader, given: Mapping[str, Any], options: CsvOptions) -> None:
    for name in (*_STRUCTURE, *_SEPARATORS):
        text = given.get(name, "")
        if len(text) > 1:
            reader.problem(name, f"{text!r} has {len(text)} characters", "give a single one")
        elif text and name in _STRUCTURE and not can_structure(text):
            reader.problem(name, f"is {text!r}", "give an ASCII character that does not end lines")
        elif text and name in _SEPARATORS and (text.isalnum() or text in "+-"):
            reader.problem(name, f"is {text!r}", "give a character that stands in no number")
    if options.decimal == "" or options.decimal == options.thousands:
        reader.problem("decimal", f"is {options.decimal!r}, like `thousands` or nothing", "give each its own")
    if options.delimiter and options.delimiter in (options.quote, options.escape):
        reader.problem("delimiter", f"{options.delimiter!r} is quote or escape, too", "give each its own")


def _check_formats(reader: TableReader, name: str, formats: tuple[str, ...]) -> None:
    for position, pattern in enumerate(formats):
        timed = name == "timestamp_formats"
        if problem := problem_of_format(pattern, formats[:position], timed=timed):
            reader.problem(name, f"{pattern!r} {problem}", "correct it or leave it out")


def _check_encoding(reader: TableReader, encoding: str) -> None:
    try:
        "".encode(encoding)
    except LookupError:
        reader.problem("encoding", f"{encoding!r} is no encoding", "use a Python codec name such as windows-1252")


def _types(reader: TableReader) -> dict[str, pa.DataType]:
    types = {}
    for name in reader:
        text = reader.like(name, "str")
        try:
            if _is_column(reader, name, name) and text is not None:
                types[name] = parse_type(text)
        except ValueError as error:
            reader.problem(name, str(error), "correct the type")
    return types


def _rule(reader: TableReader) -> Rule | None:
    reader.allow_only(_RULE_FIELDS)
    values: dict[str, Any] = {name: reader.value(name) for name in _RULE_FIELDS if name in reader}
    if missing := {"column", "rule"} - values.keys():
        reader.problem(min(missing), "is missing", "say which column is held to which rule")
        return None
    if not _is_column(reader, "column", values["column"]):
        return None
    try:
        return Rule.of(**values)
    except RuleError as error:
        reader.problem(error.key, error.message, error.fix)
        return None


def _is_column(reader: TableReader, key: str, name: object) -> bool:
    if isinstance(name, str) and name.isidentifier() and name == name.lower() and name.isascii():
        if name not in RESERVED_NAMES:
            return True
        reader.problem(key, f"{name!r} is a column of the job's own", "name a column of the file")
    else:
        reader.problem(key, f"{name!r} is no column name", "use the table's name: lower case letters, digits, _")
    return False
