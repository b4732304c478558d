"""gluepipe preview: what the job would make of local files."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from glue_jobs.contract import ContractError, Problem
from gluepipe import preview
from gluepipe.commands import cli


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["preview", *map(str, arguments)])


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text("Order ID,zip,paid\n1,00501,2.50\n2,10001\n3,02134,0.75\n")
    return path


def test_json_describes_every_file_in_order(orders: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()

    result = run(orders, empty, "--json", "--output", tmp_path / "out")

    assert result.exit_code == 0, result.output
    loaded, rejected = json.loads(result.stdout)
    assert loaded["outcome"] == "ok"
    assert loaded["columns"][0] == {"name": "order_id", "type": "bigint", "header": "Order ID"}
    assert [column["type"] for column in loaded["columns"]] == ["bigint", "string", "double"]
    assert (loaded["rows_read"], loaded["rows_written"], loaded["rows_quarantined"]) == (3, 2, 1)
    assert loaded["quarantine"] == [
        {"line": 3, "reason": "too_few_fields", "detail": "2 fields, expected 3", "raw": "2,10001"}
    ]
    assert (rejected["outcome"], rejected["reason"], rejected["outputs"]) == ("rejected", "empty_file", [])


def test_outputs_hold_the_rows_and_where_they_came_from(orders: Path, tmp_path: Path) -> None:
    result = run(orders, "--json", "--output", tmp_path / "out")

    [path] = json.loads(result.stdout)[0]["outputs"]
    table = pq.read_table(path)
    assert table.column("zip").to_pylist() == ["00501", "02134"]
    assert table.column_names[3:] == ["_rescued_data", "processed_at", "source_file", "processing_job"]
    assert table.column("source_file")[0].as_py() == orders.as_uri()
    assert str(table.schema.field("processed_at").type) == "timestamp[us, tz=UTC]"


def test_people_see_a_table_and_the_rows_set_aside(orders: Path) -> None:
    result = run(orders)

    assert result.exit_code == 0
    for text in ("2 rows", "utf-8", "order_id", "bigint", "too_few_fields", "2,10001"):
        assert text in result.stdout


def test_people_see_why_a_file_would_be_rejected(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Report\n\nid,name\n1,a\n2,b\n")

    result = run(path)

    assert result.exit_code == 0
    assert "rejected, header_field_count_mismatch, line 1" in result.stdout
    assert "skip_lines" in result.stdout


@pytest.mark.parametrize(("text", "doubtful"), [("Ann,Rome\nBob,Oslo\n", True), ("name,age\nAnn,7\n", False)])
def test_people_are_told_when_nothing_shows_that_there_is_a_header(tmp_path: Path, text: str, doubtful: bool) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)

    result = run(path)

    assert ("if it is data, declare `header`" in result.stdout) == doubtful


def test_a_dataset_s_contract_applies_where_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from glue_jobs.contract import Contract
    from glue_jobs.options import CsvOptions

    path = tmp_path / "x.csv"
    path.write_text("a,b\nNA,1\n")
    contract = Contract(csv=CsvOptions(null_tokens=("NA",)))
    monkeypatch.setattr("gluepipe.preview.contract_of", {"readings": contract}.get)

    [plain] = json.loads(run(path, "--json").stdout)
    [told] = json.loads(run(path, "--json", "--dataset", "readings").stdout)

    assert [column["type"] for column in plain["columns"]] == ["string", "bigint"]
    assert told["rows_written"] == 1


def test_a_file_of_too_many_bad_rows_is_rejected_as_by_the_job(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n" + "1,2\n" * 20 + "1,2,3\n" * 11)

    [rejected] = json.loads(run(path, "--json", "--output", tmp_path / "out").stdout)
    shown = run(path).stdout

    assert (rejected["outcome"], rejected["reason"], rejected["line"]) == ("rejected", "too_many_bad_rows", 22)
    assert (rejected["rows_read"], rejected["rows_written"], rejected["rows_quarantined"]) == (31, 0, 11)
    assert rejected["outputs"] == []
    assert list((tmp_path / "out").iterdir()) == []
    assert "rejected, too_many_bad_rows, line 22" in shown
    assert "11 rows quarantined" in shown


def test_a_contract_s_rules_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from glue_jobs.contract import Contract
    from glue_jobs.rules import Rule

    path = tmp_path / "x.csv"
    path.write_text("id,n\n1,5\n1,6\n2,-1\n3,7\n")
    contract = Contract(rules=(Rule.of("id", "unique"), Rule.of("n", "range", minimum=0)))
    monkeypatch.setattr("gluepipe.preview.contract_of", {"readings": contract}.get)

    [told] = json.loads(run(path, "--json", "--dataset", "readings").stdout)

    assert [(row["line"], row["reason"]) for row in told["quarantine"]] == [(3, "rule_unique"), (4, "rule_range")]


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_missing_files_and_folders_are_usage_errors(name: str, tmp_path: Path) -> None:
    result = run(tmp_path / name)

    assert result.exit_code == 2
    assert "FILE" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_contract_is_told_in_words(orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_dataset: str) -> None:
        raise ContractError([Problem("orders.toml", "mode", "is 'rescu'", "use one of rescue, evolve, freeze, fail")])

    monkeypatch.setattr(preview, "contract_of", wrong)
    result = run(orders, "--dataset", "orders")
    assert result.exit_code == 2
    assert "orders.toml: mode is 'rescu'; use one of rescue" in result.stderr


def test_a_dataset_without_a_contract_is_said_to_have_none(orders: Path) -> None:
    assert "nothing has no contract" in run(orders, "--dataset", "nothing").stderr
    assert run(orders, "--dataset", "orders_example").stderr == ""
