"""What doctor says about accounts and environments: each thing in order, and each thing broken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError

from gluepipe import settings
from gluepipe.access import Access
from gluepipe.errors import GluePipeError
from gluepipe.health import doctor_accounts
from gluepipe.health.findings import Finding
from gluepipe.health.glue_versions import ENDS
from gluepipe.names import Role
from gluepipe.project import Project
from gluepipe.settings import Target
from tests.cli import operated
from tests.cli.operated import NAMES, Account
from tests.terraform.configuration import MODULES, typed_blocks

QUEUE = f"arn:aws:sqs:eu-central-1:123456789012:{NAMES.queue}"
OTHER = "arn:aws:sqs:eu-central-1:123456789012:somebody-elses"
STATE = "gluepipe-dev-state-222222222222-eu-central-1"
REFUSED = GluePipeError("Wrong account: these credentials belong to 1.", "Use others.")
Look = Callable[[], dict[str, Finding]]


@pytest.fixture
def look(account: Account, project: Project, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Look at dev, deployed as it has to be until a test breaks something."""
    opened = account.access

    def open_account(_project: Project, asked: settings.Account, _role: Role = Role.DEPLOY) -> Access:
        if asked.id != NAMES.account_id:
            raise REFUSED
        return opened

    monkeypatch.setattr(doctor_accounts, "open_account", open_account)
    monkeypatch.setattr(doctor_accounts, "take_role", open_account)
    identity = {"Account": "222222222222", "Arn": "arn:aws:sts::222222222222:assumed-role/gluepipe-plan/x"}
    answer_instead("GetCallerIdentity", identity, monkeypatch)
    operated.create_trigger(account)
    opened.functions.update_function_configuration(FunctionName=NAMES.trigger_function, Timeout=120)
    patience(account, 720)
    announce(account, QUEUE)
    operated.create_bucket(opened, STATE, versioned=True)
    opened.glue.delete_job(JobName=NAMES.job)
    glue_job(account, "5.1")
    return lambda: doctor_accounts.examine(project)


def answer_instead(operation: str, answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service answer one operation so, or raise that."""
    real = botocore.client.BaseClient._make_api_call

    def call(client: Any, name: str, arguments: Any) -> Any:
        if name != operation:
            return real(client, name, arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)


def announce(account: Account, *queues: str) -> None:
    account.access.sqs.create_queue(QueueName="somebody-elses")
    entries = [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]} for queue in queues]
    configuration: Any = {"QueueConfigurations": entries}
    account.access.s3.put_bucket_notification_configuration(
        Bucket=NAMES.input_bucket, NotificationConfiguration=configuration
    )


def patience(account: Account, seconds: int) -> None:
    url = account.deployed.queue_url(NAMES.queue)
    account.access.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})


def glue_job(account: Account, version: str) -> None:
    command: Any = {"Name": "glueetl", "ScriptLocation": "s3://assets/job.py"}
    account.access.glue.create_job(Name=NAMES.job, Role="glue", Command=command, GlueVersion=version)


def test_all_is_well(look: Look) -> None:
    found = look()
    dev = {name: finding.level for name, finding in found.items() if "dev" in name}
    assert dev == dict.fromkeys(
        ["account dev", "state dev", "lock dev", "dev notification", "dev queue", "dev glue"], "ok"
    )
    assert found["account dev"].detail == "222222222222, as assumed-role/gluepipe-plan/x"
    assert found["dev queue"].detail == "messages are hidden for 720 s, the trigger takes 120 s at most"


def test_an_account_that_is_out_of_reach_is_a_finding_and_not_looked_at_further(look: Look) -> None:
    prod = {name: finding for name, finding in look().items() if "prod" in name}
    assert prod == {"account prod": Finding("missing", REFUSED.reason, REFUSED.fix)}


def test_a_state_bucket_without_versions(look: Look, account: Account) -> None:
    account.access.s3.put_bucket_versioning(Bucket=STATE, VersioningConfiguration={"Status": "Suspended"})
    found = look()["state dev"]
    assert (found.level, found.fix) == ("missing", "As an administrator of 222222222222: gluepipe bootstrap dev")
    assert "keeps no versions" in found.detail


def test_an_account_that_was_never_bootstrapped(look: Look, account: Account) -> None:
    account.access.s3.delete_bucket(Bucket=STATE)
    found = look()["state dev"]
    assert (found.level, found.detail) == ("warning", f"there is no {STATE} yet")


def test_a_deploy_role_that_cannot_lock(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
    answer_instead("PutObject", denied, monkeypatch)
    found = look()["lock dev"]
    assert (found.level, "cannot lock states" in found.detail) == ("missing", True)
    assert "gluepipe bootstrap dev" in found.fix


def test_where_people_do_not_deploy_the_lock_is_left_to_the_pipeline(project: Project) -> None:
    on_aws = Project(project.root, replace(project.settings, target=Target.AWS))
    found = doctor_accounts._lock(on_aws, on_aws.settings.account("prod"))
    assert (found.level, found.detail) == ("ok", "left to the pipeline, which alone deploys there")


def test_trying_the_lock_leaves_none(look: Look, account: Account) -> None:
    look()
    assert "Contents" not in account.access.s3.list_objects_v2(Bucket=STATE)


@pytest.mark.parametrize(("seconds", "level"), [(720, "ok"), (719, "warning"), (120, "warning"), (119, "missing")])
def test_the_queue_is_six_times_as_patient_as_the_trigger(
    look: Look, account: Account, seconds: int, level: str
) -> None:
    patience(account, seconds)
    found = look()["dev queue"]
    assert found.level == level
    assert found.fix == ("" if level == "ok" else "gluepipe apply dev --stack infrastructure")


def test_a_notification_that_vanished(look: Look, account: Account) -> None:
    announce(account)
    found = look()["dev notification"]
    assert (found.level, found.fix) == ("missing", "Put it back: gluepipe apply dev --stack infrastructure")


@pytest.mark.parametrize(("queue", "named"), [(OTHER, "somebody-elses"), (QUEUE, NAMES.queue)])
def test_a_second_owner_of_the_notification(look: Look, account: Account, queue: str, named: str) -> None:
    announce(account, QUEUE, queue)
    found = look()["dev notification"]
    assert (found.level, named in found.detail) == ("warning", True)
    assert found.fix.startswith("Let Terraform alone write them.")


@pytest.mark.parametrize(
    ("beside", "level"), [({"EventBridgeConfiguration": {}}, "ok"), ({"TopicConfigurations": [{}]}, "warning")]
)
def test_who_else_hears_of_uploads(
    look: Look, monkeypatch: pytest.MonkeyPatch, beside: dict[str, Any], level: str
) -> None:
    answer = {"QueueConfigurations": [{"QueueArn": QUEUE}], **beside}
    answer_instead("GetBucketNotificationConfiguration", answer, monkeypatch)
    found = look()["dev notification"]
    assert found.level == level
    assert [kind for kind in beside if kind in found.detail] == (list(beside) if level == "warning" else [])


def test_an_environment_that_is_not_deployed(look: Look, account: Account) -> None:
    account.access.s3.delete_bucket(Bucket=NAMES.input_bucket)
    found = look()
    assert (found["dev"].level, found["dev"].detail) == ("ok", "not deployed")
    assert "dev queue" not in found


def test_a_queue_that_is_gone(look: Look, account: Account) -> None:
    account.access.sqs.delete_queue(QueueUrl=account.deployed.queue_url(NAMES.queue))
    found = look()["dev queue"]
    assert (found.level, found.fix) == ("missing", "gluepipe apply dev --stack infrastructure")


def test_the_deployed_job_is_asked_for_its_version(look: Look, account: Account) -> None:
    account.access.glue.delete_job(JobName=NAMES.job)
    assert look()["dev glue"].detail == "the application is not deployed"
    glue_job(account, "2.0")
    assert look()["dev glue"].level == "missing"


@pytest.mark.parametrize(
    ("version", "today", "level", "words"),
    [
        ("5.1", date(2026, 11, 25), "ok", "Glue 5.1: AWS has announced no end of it"),
        ("2.0", date(2026, 11, 25), "missing", "Glue 2.0: no run starts any more (end of life 2026-04-01)"),
        ("2.0", date(2026, 3, 31), "warning", "Glue 2.0: end of life 2026-04-01, end of support 2024-01-31"),
        ("2.0", date(2023, 8, 5), "warning", "Glue 2.0: end of life 2026-04-01, end of support 2024-01-31"),
        ("2.0", date(2023, 8, 3), "ok", "Glue 2.0: end of life 2026-04-01, end of support 2024-01-31"),
        ("9.9", date(2026, 11, 25), "warning", "Glue 9.9: whether AWS ends it is not known here"),
    ],
)
def test_the_end_of_a_glue_version_is_told_in_time(version: str, today: date, level: str, words: str) -> None:
    found = doctor_accounts.glue_finding(version, today)
    assert (found.level, found.detail) == (level, words)
    assert ("https://docs.aws.amazon.com/glue" in found.fix) is (level != "ok")


def test_the_version_that_is_deployed_is_in_the_table() -> None:
    folder = next(module for module in MODULES if module.name == "glue_job")
    versions = [body["glue_version"] for kind, _, body in typed_blocks(folder, "resource") if "glue_version" in body]
    assert versions
    assert set(versions) <= ENDS.keys()
