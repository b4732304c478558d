"""What keeps `bootstrap --destroy` from going on; that it goes the whole way is shown end to end."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from gluepipe import access
from gluepipe.access import Access
from gluepipe.commands import cli
from gluepipe.deployment import bootstrap, teardown
from gluepipe.project import Project
from gluepipe.terraform import toolchain
from tests.cli.operated import create_bucket

BUCKET = "gluepipe-dev-state-222222222222-eu-central-1"
REGION: Any = {"LocationConstraint": "eu-central-1"}


@pytest.fixture
def account(in_memory: Access, monkeypatch: pytest.MonkeyPatch) -> Access:
    monkeypatch.setattr(teardown, "open_account_directly", lambda _project, _account: in_memory)
    monkeypatch.setattr(access, "start_emulator", lambda _project: "")
    monkeypatch.setattr(toolchain, "assemble", lambda _project, _account: None)
    # moto's buckets belong to its own account.
    monkeypatch.setattr(bootstrap, "bucket_exists", lambda s3, bucket, _account: exists(s3, bucket))
    return in_memory


def exists(s3: Any, bucket: str) -> bool:
    return bucket in [each["Name"] for each in s3.list_buckets()["Buckets"]]


def write(account: Access, key: str, document: Any) -> None:
    if not exists(account.s3, BUCKET):
        create_bucket(account, BUCKET)
    account.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(document).encode())


def refused() -> str:
    result = CliRunner().invoke(cli, ["bootstrap", "dev", "--destroy", "--yes"])
    assert result.exit_code == 1, result.output
    assert "dev (222222222222) is still in use; nothing was destroyed." in result.stderr
    return result.stderr


def state(*modes: str) -> dict[str, Any]:
    return {"resources": [{"mode": mode} for mode in modes]}


def test_where_nothing_is_nothing_is_destroyed(account: Access, project: Project) -> None:
    result = CliRunner().invoke(cli, ["bootstrap", "dev", "--destroy", "--yes"])
    assert result.exit_code == 0, result.output
    assert "bootstrap dev: nothing to destroy" in result.stderr


def test_a_stack_that_lives_needs_its_state(account: Access, project: Project) -> None:
    write(account, "dev/application.tfstate", state("managed", "data", "managed"))
    assert "dev/application holds 2 resources: gluepipe destroy dev" in refused()


def test_an_environment_that_the_settings_do_not_know_counts_too(account: Access, project: Project) -> None:
    write(account, "staging/infrastructure.tfstate", state("managed"))
    assert "staging/infrastructure holds 1 resources: gluepipe destroy staging" in refused()


def test_so_do_the_pipelines(account: Access, project: Project) -> None:
    write(account, "pipeline.tfstate", state("managed"))
    assert "pipeline holds 1 resources: gluepipe pipeline destroy" in refused()


def test_a_run_that_holds_a_lock_is_waited_for(account: Access, project: Project) -> None:
    write(
        account,
        "dev/application.tfstate.tflock",
        {"Who": "anna@laptop", "Created": "now", "Operation": "OperationTypeApply"},
    )
    assert "dev/application.tfstate is locked by anna@laptop since now (apply)" in refused()


def test_a_data_bucket_keeps_its_account(account: Access, project: Project) -> None:
    write(account, "dev/application.tfstate", state("data"))
    name = "gluepipe-dev-output-222222222222-eu-central-1"
    create_bucket(account, name)
    assert f"bucket {name} exists" in refused()


def test_the_history_is_deleted_only_where_it_is_said(account: Access, project: Project) -> None:
    write(account, "releases/dev/application/1.json", {})
    write(account, "releases/dev/application/2.json", {})
    assert "2 releases are on record: add --delete-history" in refused()
    chosen = project.settings.account("dev")
    assert teardown.still_needed(project, chosen, account.s3, delete_history=True) == []


def test_everything_that_stands_in_the_way_is_said_at_once(account: Access, project: Project) -> None:
    write(account, "dev/application.tfstate", state("managed"))
    write(account, "releases/dev/application/1.json", {})
    assert len(refused().splitlines()) == 3


def test_deleting_history_goes_with_destroying_only(project: Project) -> None:
    assert CliRunner().invoke(cli, ["bootstrap", "dev", "--delete-history"]).exit_code == 2
