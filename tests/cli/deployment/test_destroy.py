"""What `destroy` refuses, and what it empties."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from gluepipe import data_buckets
from gluepipe.access import Access
from gluepipe.commands import cli
from gluepipe.deployment import destroy
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.project import Project
from tests.cli.operated import create_bucket

INPUT = "gluepipe-dev-input-222222222222-eu-central-1"
OUTPUT = "gluepipe-dev-output-222222222222-eu-central-1"


@pytest.fixture
def account(in_memory: Access, monkeypatch: pytest.MonkeyPatch) -> Access:
    """An account with the two data buckets: one object, an old version of it and a delete marker in the first."""
    for bucket in (INPUT, OUTPUT):
        create_bucket(in_memory, bucket, versioned=True)
    in_memory.s3.put_object(Bucket=INPUT, Key="orders/a.csv", Body=b"1")
    in_memory.s3.put_object(Bucket=INPUT, Key="orders/a.csv", Body=b"2")
    in_memory.s3.put_object(Bucket=INPUT, Key="orders/gone.csv", Body=b"3")
    in_memory.s3.delete_object(Bucket=INPUT, Key="orders/gone.csv")
    monkeypatch.setattr(destroy, "open_account", lambda _project, _account: in_memory)
    return in_memory


class Recorded:
    """A deployment that only writes down what is done to it."""

    def __init__(self, project: Project, environment: str) -> None:
        self.project = project
        self.environment = project.settings.environment(environment)
        self.applied: list[str] = []

    def is_applied(self, stack: Stack) -> bool:
        return True

    def plan(self, stack: Stack, destroy: bool = False) -> object:
        from gluepipe.deployment.stacks import StackPlan
        from gluepipe.terraform.runner import PlanResult

        assert destroy
        return StackPlan(stack, PlanResult.CHANGES, self.project.root / "plan")

    def apply(self, planned: object) -> None:
        self.applied.append(str(planned.stack))  # type: ignore[attr-defined]


@pytest.fixture
def recorded(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []

    def opened(found: Project, name: str, _say: object) -> Recorded:
        deployment = Recorded(found, name)
        deployment.applied = done
        return deployment

    monkeypatch.setattr("gluepipe.deployment.stacks.open_deployment", opened)
    return done


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["destroy", *arguments], input=answer)


def test_data_is_counted_with_old_versions_and_delete_markers(account: Access) -> None:
    contents = data_buckets.count(account.s3, INPUT)
    assert (contents.objects, contents.old_versions, contents.delete_markers) == (1, 2, 1)
    assert not data_buckets.count(account.s3, OUTPUT)
    assert not data_buckets.count(account.s3, "no-such-bucket-anywhere")


def test_by_default_it_refuses_before_anything_is_deleted(account: Access, recorded: list[str]) -> None:
    result = run("dev")
    assert result.exit_code == 1
    assert f"{INPUT}: 1 objects, 2 old versions, 1 delete markers" in result.stderr
    assert OUTPUT not in result.stderr
    assert "--delete-data" in result.stderr
    assert recorded == []
    assert data_buckets.count(account.s3, INPUT)


def test_only_delete_markers_are_data_too(account: Access, recorded: list[str]) -> None:
    data_buckets.empty(account.s3, INPUT)
    version = account.s3.put_object(Bucket=INPUT, Key="a.csv", Body=b"")["VersionId"]
    account.s3.delete_object(Bucket=INPUT, Key="a.csv")
    account.s3.delete_object(Bucket=INPUT, Key="a.csv", VersionId=version)
    assert data_buckets.count(account.s3, INPUT) == data_buckets.Contents(INPUT, 0, 0, 1)
    assert run("dev").exit_code == 1
    assert recorded == []


def test_with_flag_and_name_everything_goes_in_one_run(account: Access, recorded: list[str]) -> None:
    result = run("dev", "--delete-data", "--confirm", "dev")
    assert result.exit_code == 0, result.stderr
    assert recorded == ["application", "infrastructure"]
    assert not data_buckets.count(account.s3, INPUT)


@pytest.mark.parametrize("arguments", [["--confirm", "prod"], []], ids=["wrong name", "no answer"])
def test_without_the_right_name_nothing_is_deleted(account: Access, recorded: list[str], arguments: list[str]) -> None:
    assert run("dev", "--delete-data", *arguments).exit_code == 1
    assert recorded == []
    assert data_buckets.count(account.s3, INPUT)


def test_the_name_can_be_typed(account: Access, recorded: list[str]) -> None:
    assert run("dev", "--delete-data", answer="dev\n").exit_code == 0
    assert recorded == ["application", "infrastructure"]


def test_a_protected_environment_needs_a_second_flag(account: Access, recorded: list[str]) -> None:
    result = run("prod", "--delete-data", "--yes")
    assert result.exit_code == 1
    assert "protected" in result.stderr
    assert recorded == []
    assert run("prod", "--delete-data", "--yes", "--even-protected").exit_code == 0


def test_data_that_arrives_after_the_check_is_not_deleted_without_the_flag(account: Access, project: Project) -> None:
    deployment = Recorded(project, "dev")
    destroy.destroy(deployment, list(Stack), destroy.Permissions(), print, lambda _question: True)  # type: ignore[arg-type]
    assert data_buckets.count(account.s3, INPUT)


def test_the_application_alone_goes_whatever_the_buckets_hold(account: Access, recorded: list[str]) -> None:
    assert run("dev", "--stack", "application").exit_code == 0
    assert recorded == ["application"]


def test_emptying_goes_on_beyond_one_page(account: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_buckets, "BATCH", 2)
    for number in range(5):
        account.s3.put_object(Bucket=OUTPUT, Key=f"k{number}", Body=b"")
    assert data_buckets.empty(account.s3, OUTPUT) == 5
    assert not data_buckets.count(account.s3, OUTPUT)


def test_keys_that_xml_cannot_hold_are_deleted_one_by_one() -> None:
    class Recording:
        left = ("bell\x07.csv", "half\ufffe.csv", "tab\t.csv")
        together: tuple[str, ...] = ()
        alone: tuple[str, ...] = ()

        def list_object_versions(self, **_arguments: object) -> dict[str, object]:
            versions, self.left = [{"Key": key, "VersionId": "1"} for key in self.left], ()
            return {"Versions": versions}

        def delete_objects(self, Delete: Any, **_arguments: object) -> dict[str, object]:  # noqa: N803
            self.together = tuple(each["Key"] for each in Delete["Objects"])
            return {}

        def delete_object(self, Key: str, **_arguments: object) -> None:  # noqa: N803
            self.alone += (Key,)

    s3 = Recording()
    assert data_buckets.empty(s3, OUTPUT) == 3  # type: ignore[arg-type]
    assert (s3.together, s3.alone) == (("tab\t.csv",), ("bell\x07.csv", "half\ufffe.csv"))


def test_a_refused_deletion_is_an_error(account: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        list_object_versions = account.s3.list_object_versions

        def delete_objects(self, **_arguments: object) -> dict[str, object]:
            return {"Errors": [{"Key": "orders/a.csv", "Code": "AccessDenied", "Message": "no"}]}

    with pytest.raises(OSError, match="AccessDenied"):
        data_buckets.empty(Refusing(), INPUT)  # type: ignore[arg-type]


def test_the_reason_names_the_setting(project: Project) -> None:
    permissions = destroy.Permissions(delete_data=True)
    with pytest.raises(GluePipeError, match=r"environments\.prod\.protected"):
        destroy.check(project, project.settings.environment("prod"), permissions)
