import json
from collections.abc import Iterator

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from gluepipe import doctor, java, terraform_binary
from gluepipe.access import Access
from gluepipe.commands import cli
from gluepipe.errors import GluePipeError
from gluepipe.project import Project

BUCKET = "gluepipe-dev-input-222222222222-eu-central-1"


def findings(*expected_missing: str) -> dict[str, dict[str, str]]:
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    found = {entry["name"]: entry for entry in json.loads(result.stdout)}
    assert [name for name, entry in found.items() if entry["level"] == "missing"] == list(expected_missing)
    assert result.exit_code == (1 if expected_missing else 0)
    return found


def test_a_machine_with_everything_is_fine(project: Project) -> None:
    found = findings()
    assert list(found) == ["python", "terraform", "aws provider", "java", "settings", "emulator"]
    assert found["emulator"]["level"] == "warning"
    assert found["emulator"]["detail"] == "not running"


def test_what_is_missing_is_named_with_the_repair(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_java() -> java.Java:
        raise GluePipeError("Java 17 is needed.", "Install it.")

    monkeypatch.setattr(java, "find", no_java)
    assert findings("java")["java"]["fix"] == "Install it."
    result = CliRunner().invoke(cli, ["doctor"])
    assert "java: Install it." in result.stderr
    assert result.exit_code == 1


def test_a_broken_settings_file_is_one_of_the_findings(project: Project) -> None:
    (project.root / "gluepipe.toml").write_text("projekt = 1\n")
    assert "projekt = 1" in findings("settings")["settings"]["detail"]


def test_where_nothing_is_on_path_the_bundled_ones_are_found(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project.root))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert terraform_binary.find().origin == "bundled"
    found = java.find()
    assert (found.origin, found.version.split(".")[0]) == ("bundled", "17")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        access = Access(boto3.Session(region_name="eu-central-1"), None)
        monkeypatch.setattr("gluepipe.access.open_account", lambda _project, _account: access)
        yield access


def test_a_notification_that_vanished_is_noticed(account: Access, project: Project) -> None:
    assert doctor._environment(project, "dev").detail == "not deployed"
    account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    vanished = doctor._environment(project, "dev")
    assert vanished.level == "missing"
    assert vanished.fix == "Put it back: gluepipe apply dev --stack infrastructure"
    account.sqs.create_queue(QueueName="gluepipe-dev-files")
    queue = "arn:aws:sqs:eu-central-1:123456789012:gluepipe-dev-files"
    account.s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}]},
    )
    assert doctor._environment(project, "dev").level == "ok"
