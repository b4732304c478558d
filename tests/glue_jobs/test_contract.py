from pathlib import Path

import pyarrow as pa
import pytest

from glue_jobs import contract as contracts
from glue_jobs.contract import Contract, ContractError, contract_of, load, validate_all

FULL = """
mode = "evolve"
required = ["order_id"]
max_quarantined = 0.5

[csv]
delimiter = ";"
encoding = "windows-1252"
header = true
skip_lines = 2
null_tokens = ["NA"]
date_formats = ["%d.%m.%Y"]
decimal = ","

[types]
order_id = "string"
amount = "decimal(12, 2)"

[[rules]]
column = "amount"
rule = "range"
minimum = 0

[[rules]]
column = "order_id"
rule = "pattern"
pattern = '[0-9]+'
"""


def written(folder: Path, text: str, name: str = "orders.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_everything_a_contract_says_is_read(tmp_path) -> None:
    contract = load(written(tmp_path, FULL))

    assert contract.mode == "evolve"
    assert contract.required == ("order_id",)
    assert contract.max_quarantined == 0.5
    assert (contract.csv.delimiter, contract.csv.skip_lines, contract.csv.null_tokens) == (";", 2, ("NA",))
    assert contract.types == {"order_id": pa.string(), "amount": pa.decimal128(12, 2)}
    assert [(rule.column, rule.rule) for rule in contract.rules] == [("amount", "range"), ("order_id", "pattern")]


def test_a_dataset_without_a_contract_has_the_defaults() -> None:
    assert contract_of("no_such_dataset") == Contract()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('mode = "lenient"', "mode"),
        ('colour = "red"', "colour"),
        ('required = "order_id"', "required"),
        ("required = [1]", "required"),
        ('required = ["Order ID"]', "required"),
        ("max_quarantined = 10", "max_quarantined"),
        ("max_quarantined = true", "max_quarantined"),
        ("csv = 1", "csv"),
        ('[csv]\ndelimeter = ";"', "csv.delimeter"),
        ('[csv]\ndelimiter = ";;"', "csv.delimiter"),
        ('[csv]\nencoding = "cp-unknown"', "csv.encoding"),
        ('[csv]\nskip_lines = "2"', "csv.skip_lines"),
        ("[csv]\nskip_lines = true", "csv.skip_lines"),
        ("[csv]\nskip_lines = -1", "csv.skip_lines"),
        ('[csv]\ndelimiter = "§"', "csv.delimiter"),
        ('[csv]\nquote = "\\n"', "csv.quote"),
        ('[csv]\ndelimiter = "\\""\nquote = "\\""', "csv.delimiter"),
        ('[csv]\ndecimal = "5"', "csv.decimal"),
        ('[csv]\ndecimal = ","\nthousands = ","', "csv.decimal"),
        ('[csv]\ndate_formats = ["%d.%m"]', "csv.date_formats"),
        ('[csv]\ndate_formats = ["%d.%m.%Y %H:%M"]', "csv.date_formats"),
        ('[csv]\ndate_formats = ["%d.%m.%Q"]', "csv.date_formats"),
        ('[csv]\ndate_formats = ["%d.%m.%Y", "%m.%d.%Y"]', "csv.date_formats"),
        ('[csv]\ndate_formats = ["%Y-%d-%m"]', "csv.date_formats"),
        ('[csv]\ntimestamp_formats = ["%d.%m.%Y"]', "csv.timestamp_formats"),
        ('[csv]\ntimestamp_formats = ["%d.%m.%Y %I:%M"]', "csv.timestamp_formats"),
        ('[csv]\ntimestamp_formats = ["%d.%m.%Y %H:%M %Z"]', "csv.timestamp_formats"),
        ('[types]\namount = "money"', "types.amount"),
        ('[types]\namount = "decimal(40,2)"', "types.amount"),
        ("[types]\namount = 1", "types.amount"),
        ('[types]\nsource_file = "string"', "types.source_file"),
        ('[[rules]]\ncolumn = "a"', "rules[1].rule"),
        ('[[rules]]\ncolumn = "a"\nrule = "range"', "rules[1].minimum"),
        ('[[rules]]\ncolumn = "A B"\nrule = "not_null"', "rules[1].column"),
        ('[[rules]]\ncolumn = "a"\nrule = "not_null"\nwhy = "x"', "rules[1].why"),
        ("mode = ", "(file)"),
    ],
)
def test_a_mistake_is_named_with_file_key_and_fix(tmp_path, text: str, key: str) -> None:
    with pytest.raises(ContractError) as caught:
        load(written(tmp_path, text))

    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == ("orders.toml", key)
    assert problem.message
    assert problem.fix


@pytest.mark.parametrize(
    "formats",
    [
        'date_formats = ["%d.%m.%Y", "%Y%m%d", "%d %b %y", "%Y/%j"]',
        'timestamp_formats = ["%d/%m/%Y %H:%M:%S.%f", "%m-%d-%Y %I:%M %p", "%Y%m%dT%H%M%S%z"]',
    ],
)
def test_formats_that_say_all_of_a_moment_are_taken(tmp_path, formats: str) -> None:
    load(written(tmp_path, f"[csv]\n{formats}"))


def test_all_mistakes_of_all_contracts_are_listed(tmp_path) -> None:
    written(tmp_path, 'mode = "x"\ncolour = 1', "one.toml")
    written(tmp_path, FULL, "two.toml")
    written(tmp_path, 'required = "x"', "three.toml")
    written(tmp_path, "not a contract", "notes.md")

    assert [(problem.file, problem.key) for problem in validate_all(tmp_path)] == [
        ("one.toml", "colour"),
        ("one.toml", "mode"),
        ("three.toml", "required"),
    ]


def test_the_shipped_contracts_are_right() -> None:
    assert validate_all(Path(contracts.__file__).parent / "contracts") == []


@pytest.mark.parametrize(
    ("most", "bad", "rows", "tolerated"),
    [
        (None, 0, 0, True),
        (None, 1, 1, False),
        (None, 10, 11, True),
        (None, 11, 109, False),
        (None, 11, 110, True),
        (0.0, 1, 1_000_000, False),
        (0.5, 3, 5, False),
        (0.5, 2, 5, True),
        (1.0, 5, 5, False),
    ],
)
def test_how_many_bad_rows_are_tolerated(most: float | None, bad: int, rows: int, tolerated: bool) -> None:
    assert Contract(max_quarantined=most).tolerates(bad, rows) is tolerated
