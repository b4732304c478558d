"""Uploads, and following them through the ledger."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gluepipe.access import Access
from gluepipe.commands import cli
from gluepipe.errors import UsageProblem
from gluepipe.operations import upload
from gluepipe.operations.deployed import Deployed
from gluepipe.project import Project
from lambda_trigger.file_version import file_id
from tests.cli.operated import create_bucket
from tests.lambda_trigger.account import create_ledger

BUCKET = "gluepipe-dev-input-222222222222-eu-central-1"
LEDGER = "gluepipe-dev-ledger"


@pytest.fixture
def account(in_memory: Access, monkeypatch: pytest.MonkeyPatch) -> Access:
    """An account with input bucket and ledger, and no trigger."""
    monkeypatch.setattr(upload, "POLL_SECONDS", 0.01)
    create_bucket(in_memory, BUCKET, versioned=True)
    create_ledger(LEDGER)
    monkeypatch.setattr(upload, "open_account", lambda _project, _account: in_memory)
    return in_memory


def ends_as(monkeypatch: pytest.MonkeyPatch, **attributes: object) -> None:
    """Let the ledger say this about every file, from the moment it is uploaded."""
    look = upload._look

    def written_first(deployed: Deployed, outcomes: list[upload.Outcome]) -> list[upload.Outcome]:
        for outcome in outcomes:
            item = {"file_id": outcome.upload.file_id, **attributes}
            deployed.ledger.client.put_item(TableName=LEDGER, Item=item)  # type: ignore[arg-type]
        return look(deployed, outcomes)

    monkeypatch.setattr(upload, "_look", written_first)


def csv(project: Project, name: str) -> Path:
    path = project.root / name
    path.write_text("id\n1\n", encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["upload", "dev", *arguments])


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("orders.csv", "orders"),
        ("Orders 2026.CSV.gz", "orders_2026"),
        ("flights.csv.zip", "flights"),
        ("Kunden-Liste.tsv", "kunden_liste"),
    ],
)
def test_the_dataset_is_the_files_name(project: Project, name: str, dataset: str) -> None:
    path = csv(project, name)
    assert upload.check_files([path]) == [(path, dataset)]
    assert upload.check_files([path], "My Orders") == [(path, "my_orders")]


def test_nothing_is_uploaded_when_one_of_the_files_cannot_be(project: Project) -> None:
    with pytest.raises(UsageProblem, match=r"b\.csv does not exist"):
        upload.check_files([csv(project, "a.csv"), project.root / "b.csv"])


def test_files_that_would_replace_each_other_are_refused_together(project: Project) -> None:
    (project.root / "monday").mkdir()
    files = [csv(project, "orders.csv"), csv(project, "monday/orders.csv")]
    with pytest.raises(UsageProblem, match=r"would both be orders/orders\.csv"):
        upload.check_files(files)
    assert len(upload.check_files([files[0], csv(project, "monday/prices.csv")], "orders")) == 2


@pytest.mark.parametrize("dataset", ["", " ", "orders/2026"])
def test_a_dataset_that_would_become_another_one_is_refused(project: Project, dataset: str) -> None:
    result = run(str(csv(project, "orders.csv")), "--dataset", dataset)
    assert result.exit_code == 2
    assert "cannot be a dataset" in result.stderr


@pytest.mark.parametrize("name", ["plain.csv", "a b+c [1] ü%41.csv"])
def test_the_key_is_the_files_own_name_and_the_id_is_that_of_the_version(
    account: Access, project: Project, name: str
) -> None:
    result = run(str(csv(project, name)), "--dataset", "orders", "--json")
    assert result.exit_code == 0, result.stderr
    [entry] = json.loads(result.stdout)["files"]
    head = account.s3.head_object(Bucket=BUCKET, Key=f"orders/{name}")
    assert entry["source_file"] == f"s3://{BUCKET}/orders/{name}"
    assert entry["version_id"] == head["VersionId"]
    assert entry["file_id"] == file_id(BUCKET, f"orders/{name}", head["VersionId"])
    assert head["Metadata"]["uploaded-by"].startswith("gluepipe ")


def test_waiting_ends_with_the_outputs(account: Access, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_as(monkeypatch, state="succeeded", rows_written=1, outputs=["orders/ingest_date=2026-11-25/x-0.parquet"])
    result = run(str(csv(project, "orders.csv")), "--wait", "--json")
    assert result.exit_code == 0
    [entry] = json.loads(result.stdout)["files"]
    assert (entry["state"], entry["rows_written"]) == ("succeeded", 1)
    output = "gluepipe-dev-output-222222222222-eu-central-1"
    assert entry["outputs"] == [f"s3://{output}/orders/ingest_date=2026-11-25/x-0.parquet"]


def test_a_file_that_failed_is_told_with_its_reason(
    account: Access, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_as(monkeypatch, state="failed", error={"code": "no_rows", "message": "the file is empty", "line": 2})
    result = run(str(csv(project, "orders.csv")), "--wait")
    assert result.exit_code == 1
    assert "orders.csv: no_rows: the file is empty (line 2)" in result.stderr


def test_many_files_are_followed_together_and_told_by_their_number(
    account: Access, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_as(monkeypatch, state="succeeded")
    files = [str(csv(project, f"{number}.csv")) for number in range(101)]
    result = run(*files, "--dataset", "orders", "--wait")
    assert result.exit_code == 0
    assert "101 succeeded" in result.stderr.splitlines()


def test_waiting_has_an_end(account: Access, project: Project) -> None:
    result = run(str(csv(project, "orders.csv")), "--wait", "--timeout", "0")
    assert result.exit_code == 1
    assert "orders.csv: still waiting" in result.stderr


def test_an_environment_that_is_not_deployed_is_named_with_the_command(account: Access, project: Project) -> None:
    account.s3.delete_bucket(Bucket=BUCKET)
    result = run(str(csv(project, "orders.csv")))
    assert result.exit_code == 1
    assert "gluepipe apply dev" in result.stderr
