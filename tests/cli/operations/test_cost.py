"""`gluepipe cost`: figures worked out by hand, from a ledger in moto."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gluepipe.operations.cost import RunUsage
from gluepipe.project import Project
from lambda_trigger.ledger_item import State, run_item
from tests.cli.operated import NAMES, NOON, Account, documents, run

HOUR = 3600  # of DPU-seconds: $0.36 at the prices of these tests
GB = 10**9


@pytest.fixture(autouse=True)
def week(account: Account, project: Project) -> None:
    """Three files within the last hour, one of them not charged yet, and one of a month ago; two runs."""

    def record(key: str, minutes_ago: int, dpu_seconds: str | None, **attributes: int) -> None:
        since_noon = int((NOON - datetime.now(UTC)) / timedelta(minutes=1))
        charged = {} if dpu_seconds is None else {"dpu_seconds": Decimal(dpu_seconds), "charged_runs": {"jr_1"}}
        account.record(account.upload(key), State.SUCCEEDED, since_noon + minutes_ago, **charged, **attributes)

    record("orders/a.csv", 30, str(2 * HOUR), bytes_in=4 * GB, bytes_out=GB)
    record("orders/b.csv", 20, "36.5", bytes_in=GB)
    record("prices/c.csv", 10, None, bytes_in=GB)
    record("orders/old.csv", 60 * 24 * 30, str(100 * HOUR))
    for run_id, minutes_ago, billed, used in (("jr_1", 30, 120, 20), ("jr_2", 20, 7200, 7200), ("jr_0", 50_000, 9, 9)):
        began = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        item = run_item(run_id, began, dpu_seconds=billed, dpu_seconds_used=used, files=2, bytes_in=5, seconds=60)
        account.deployed.ledger.client.put_item(TableName=NAMES.ledger, Item=item)


def test_what_runs_cost_is_told_by_dataset_with_a_forecast() -> None:
    bill = documents("cost", "dev")
    orders, total = bill["datasets"]["orders"], bill["total"]
    assert (orders["files"], orders["dpu_seconds"], orders["uncharged"]) == (2, 2 * HOUR + 36.5, 0)
    assert orders["usd"]["runs"] == pytest.approx(0.72 + 0.00365)
    assert orders["usd"]["requests"] == pytest.approx(0.0002)
    assert orders["usd"]["storage_month"] == pytest.approx(6 * 0.02)
    assert (total["files"], total["uncharged"], total["bytes_in"]) == (3, 1, 6 * GB)
    assert bill["month"]["runs"] == pytest.approx(total["usd"]["runs"] * 30 / 7)
    assert bill["runs"] == {"runs": 2, "files": 4, "dpu_seconds": 7320, "unused_dpu_seconds": 100}
    assert [item["key"] for item in bill["dearest"]] == ["orders/a.csv", "orders/b.csv"]
    assert bill["dearest"][1]["usd"] == pytest.approx(0.00365 + 0.0001)


def test_it_is_told_in_words_too() -> None:
    result = run("cost", "dev", "--since", "6h")
    assert result.exit_code == 0
    assert "in US dollars at the prices of 2026-05-31" in result.stderr
    rows = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines() if line}
    assert rows["orders"] == ["2", "5", "GB", "2.01", "$0.724", "$0.0002", "$0.362", "$0.12"]
    assert rows["prices"] == ["1", "1", "GB", "0.00", "$0.00", "$0.0001", "$0.0001", "$0.02"]
    assert rows["total"][:3] == ["3", "6", "GB"]
    assert "30 days like these: $86.87, and $16.80 a month to store" in result.stdout
    assert "2 runs of 2.0 files each: 2.03 DPU-hours, 0.03 of them unused" in result.stdout
    assert "files not charged yet, because no run of theirs has ended: 1" in result.stdout
    assert "dear: orders/a.csv $0.72" in result.stdout


def test_one_dataset_and_another_period_can_be_asked_for() -> None:
    assert documents("cost", "dev", "--since", "60d")["total"]["files"] == 4
    prices = documents("cost", "dev", "--dataset", "prices")
    assert (list(prices["datasets"]), prices["runs"]["runs"]) == (["prices"], 0)
    assert documents("cost", "dev", "--dataset", "unknown")["total"]["files"] == 0


def test_an_environment_without_files_costs_nothing() -> None:
    result = run("cost", "dev", "--dataset", "unknown")
    assert result.exit_code == 0
    assert "30 days like these: $0.00" in result.stdout


def test_it_refuses_a_period_to_come_and_settings_without_prices(project: Project) -> None:
    result = run("cost", "dev", "--since", "2999-01-01")
    assert (result.exit_code, "2999-01-01 00:00 UTC is not in the past" in result.stderr) == (2, True)
    settings = project.root / "gluepipe.toml"
    settings.write_text(settings.read_text().split("[prices]")[0])
    result = run("cost", "dev")
    assert result.exit_code == 2
    assert "gluepipe.toml has no [prices]. Add the table with dpu_hour" in result.stderr


@pytest.mark.parametrize(
    ("runs", "files", "unused", "hinted"),
    [(100, 150, 0.8, True), (100, 1500, 0.8, False), (100, 150, 0.3, False), (5, 5, 0.9, False)],
    ids=["short runs of few files", "of many files", "of large files", "too few to tell"],
)
def test_small_files_that_are_not_batched_are_noticed(runs: int, files: int, unused: float, hinted: bool) -> None:
    hint = RunUsage(runs, files, 120 * runs, 120 * runs * unused).hint
    assert bool(hint) is hinted
    assert not hint or "100 runs had 1.5 files each, and 80% of their bill only fills the minute" in hint
