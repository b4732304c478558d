"""Emulated pipelines run: builds on a clone of the newest commit, approvals, failures, retries, stops."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from gluepipe.emulator import control, process
from gluepipe.errors import GluePipeError
from gluepipe.pipelines.codepipeline import Pipelines, StageState
from tests.cli.emulator.account import ACCOUNTS, EVERYTHING, REGION, eventually

ROLE = f"arn:aws:iam::{ACCOUNTS['pipeline']}:role/gluepipe-pipeline"
CONNECTION = f"arn:aws:codestar-connections:{REGION}:{ACCOUNTS['pipeline']}:connection/gluepipe"
PREPARE = "version: 0.2\nenv: {exported-variables: [PLAN]}\nphases: {build: {commands: [%s]}}\n"
EXPORT = "'PLAN=\"$(cat plan.txt)\"', 'export PLAN', 'echo \"preparing $PLAN\"'"


class Service:
    """The pipeline account of emulated accounts that belong to a checkout in git."""

    def __init__(self, root: Path) -> None:
        self.root = root
        state_dir = root / ".gluepipe" / "emulator"
        self.url = process.running(state_dir).url
        self.session = boto3.Session(**control.administrator(state_dir, ACCOUNTS["pipeline"]))
        self.pipelines = Pipelines(self.client("codepipeline"), "gluepipe")
        self.topic = self.client("sns").create_topic(Name="approvals")["TopicArn"]
        self.client("s3").create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.url)

    def build(self, name: str, buildspec: str) -> None:
        source = {"type": "CODEPIPELINE", "buildspec": buildspec}
        self.client("codebuild").create_project(
            name=name,
            source=source,
            artifacts={"type": "CODEPIPELINE"},
            serviceRole=ROLE,
            environment={
                "type": "LINUX_CONTAINER",
                "image": "x",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{"name": "STACK", "value": name, "type": "PLAINTEXT"}],
            },
            logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": f"/delivery/{name}", "streamName": "b"}},
        )

    def pipeline(self, name: str, prepare: str = EXPORT, deploy: str = '\'echo "$PLAN" > "$OUT"\'') -> Path:
        """Make a pipeline of Source, Prepare, Approve, Deploy; return the file that Deploy writes."""
        out = self.root.parent / f"{name}.deployed"
        self.build(f"{name}-prepare", PREPARE % prepare)
        self.build(f"{name}-deploy", f"version: 0.2\nphases: {{build: {{commands: [{deploy}]}}}}\n")
        given = [{"name": "PLAN", "value": "#{Prepare.PLAN}"}, {"name": "OUT", "value": str(out)}]
        stages = [
            stage("Source", "Source", "CodeStarSourceConnection", BranchName="main", ConnectionArn=CONNECTION),
            stage("Prepare", "Build", "CodeBuild", ProjectName=f"{name}-prepare"),
            stage("Approve", "Approval", "Manual", CustomData="Plan #{Prepare.PLAN}", NotificationArn=self.topic),
            stage("Deploy", "Build", "CodeBuild", ProjectName=f"{name}-deploy", EnvironmentVariables=json.dumps(given)),
        ]
        definition = {
            "name": f"gluepipe-{name}",
            "roleArn": ROLE,
            "pipelineType": "V2",
            "stages": stages,
            "artifactStore": {"type": "S3", "location": "artifacts"},
        }
        self.client("codepipeline").create_pipeline(pipeline=definition)
        return out

    def reaches(self, name: str, place: str, status: str) -> StageState:
        def look() -> StageState | None:
            states = {state.stage: state for state in self.pipelines.stages(name)}
            return states[place] if states[place].status == status else None

        found: StageState = eventually(look, seconds=120)
        return found

    def ends(self, name: str, execution: str, status: str) -> None:
        client, arguments = self.client("codepipeline"), {"pipelineName": f"gluepipe-{name}"}

        def look() -> bool:
            found = client.get_pipeline_execution(**arguments, pipelineExecutionId=execution)["pipelineExecution"]
            return bool(found["status"] == status)

        eventually(look, seconds=120)


def stage(name: str, category: str, provider: str, **configuration: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {
        "name": name,
        "actions": [{"name": name, "actionTypeId": kind, "configuration": configuration, "namespace": name}],
    }


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    root = tmp_path_factory.mktemp("delivered") / "checkout"
    root.mkdir()
    (root / "gluepipe.toml").touch()
    (root / ".gitignore").write_text(".gluepipe/\n")
    (root / "plan.txt").write_text("plan-1")
    git = ["git", "-C", str(root), "-c", "user.name=T", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "The newest"]):
        subprocess.run([*git, *command], check=True)
    (root / "plan.txt").write_text("not committed")
    state_dir = root / ".gluepipe" / "emulator"
    process.up(state_dir, accounts=ACCOUNTS, region=REGION)
    service = Service(root)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codepipeline.amazonaws.com"}},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codebuild.amazonaws.com"}},
        ],
    }
    iam = service.client("iam")
    iam.create_role(RoleName="gluepipe-pipeline", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="gluepipe-pipeline", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    yield service
    process.down(state_dir)


def test_an_execution_goes_through_every_stage_once_it_is_approved(service: Service) -> None:
    deployed = service.pipeline("whole")
    execution = service.pipelines.start("whole")

    waiting = service.reaches("whole", "Approve", "InProgress")
    assert (waiting.execution, waiting.summary) == (execution, "Plan plan-1")
    assert not deployed.exists()
    assert service.reaches("whole", "Source", "Succeeded").summary.endswith("The newest")
    assert service.reaches("whole", "Deploy", "NotStarted")

    service.pipelines.decide("whole", approved=True, comment="seen")
    service.ends("whole", execution, "Succeeded")
    assert deployed.read_text() == "plan-1\n"
    assert [state.status for state in service.pipelines.stages("whole")] == ["Succeeded"] * 4
    approver = service.pipelines.approver("whole", execution)
    assert f"::{ACCOUNTS['pipeline']}:" in approver.by
    assert approver.comment == "seen"


def test_approvers_are_told_what_waits_for_them(service: Service) -> None:
    queue = service.client("sqs").create_queue(QueueName="approver")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNTS['pipeline']}:approver"
    service.client("sns").subscribe(TopicArn=service.topic, Protocol="sqs", Endpoint=arn)
    service.pipeline("told")
    service.pipelines.start("told")
    service.reaches("told", "Approve", "InProgress")

    def message() -> Any:
        found = service.client("sqs").receive_message(QueueUrl=queue).get("Messages")
        return json.loads(found[0]["Body"]) if found else None

    told = eventually(message)
    assert told["Subject"] == "APPROVAL NEEDED: gluepipe-told"
    approval = json.loads(told["Message"])["approval"]
    assert (approval["pipelineName"], approval["customData"]) == ("gluepipe-told", "Plan plan-1")


def test_what_a_build_prints_is_in_its_log_group(service: Service) -> None:
    service.pipeline("logged")
    service.pipelines.start("logged")
    service.reaches("logged", "Approve", "InProgress")
    events = service.client("logs").filter_log_events(logGroupName="/delivery/logged-prepare")["events"]
    assert [event["message"] for event in events] == ["preparing plan-1"]


def test_what_is_rejected_goes_no_further(service: Service) -> None:
    deployed = service.pipeline("rejected")
    execution = service.pipelines.start("rejected")
    service.reaches("rejected", "Approve", "InProgress")
    service.pipelines.decide("rejected", approved=False, comment="too late")
    service.ends("rejected", execution, "Failed")
    assert service.reaches("rejected", "Approve", "Failed").summary == "too late"
    assert not deployed.exists()
    with pytest.raises(GluePipeError, match="Nobody approved execution"):
        service.pipelines.approver("rejected", execution)


def test_a_failed_build_says_so_and_is_tried_again(service: Service) -> None:
    flag = service.root.parent / "repaired"
    service.pipeline("flaky", prepare=f"'test -e {flag}', 'PLAN=plan-2', 'export PLAN'")
    execution = service.pipelines.start("flaky")
    service.ends("flaky", execution, "Failed")
    assert "exit code 1" in service.reaches("flaky", "Prepare", "Failed").summary
    flag.touch()
    assert service.pipelines.retry("flaky") == "Prepare"
    assert service.reaches("flaky", "Approve", "InProgress").execution == execution
    client = service.client("codepipeline")
    with pytest.raises(client.exceptions.StageNotRetryableException):
        client.retry_stage_execution(
            pipelineName="gluepipe-flaky",
            stageName="Prepare",
            pipelineExecutionId=execution,
            retryMode="FAILED_ACTIONS",
        )


def test_a_build_has_the_role_the_commit_and_the_same_accounts(service: Service) -> None:
    commands = (
        "'PLAN=\"$STACK $AWS_ENDPOINT_URL $(test -n \"$AWS_SESSION_TOKEN\" && echo credentials)\"', 'export PLAN', "
        "'test -e .gluepipe/emulator/endpoint.json', 'test -z \"$(git status --porcelain)\"', "
        '\'test "$GLUEPIPE_ACTOR" = ' + ROLE + "'"
    )
    service.pipeline("there", prepare=commands)
    service.pipelines.start("there")
    waiting = service.reaches("there", "Approve", "InProgress")
    assert waiting.summary == f"Plan there-prepare {service.url} credentials"


@pytest.mark.parametrize(
    ("action", "refused"), [("s3:PutObject", "Source"), ("s3:GetObject", "Prepare"), ("sns:Publish", "Approve")]
)
def test_what_its_roles_may_not_fails_the_stage(service: Service, action: str, refused: str) -> None:
    name = f"less-{refused.lower()}"
    service.pipeline(name)
    denied = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
    place = {"RoleName": "gluepipe-pipeline", "PolicyName": "less"}
    service.client("iam").put_role_policy(**place, PolicyDocument=json.dumps(denied))
    try:
        service.ends(name, service.pipelines.start(name), "Failed")
    finally:
        service.client("iam").delete_role_policy(**place)
    assert action in service.reaches(name, refused, "Failed").summary


def test_a_stopped_execution_is_abandoned_and_the_next_one_goes_ahead(service: Service) -> None:
    service.pipeline("stopped")
    first = service.pipelines.start("stopped")
    service.reaches("stopped", "Approve", "InProgress")
    second = service.pipelines.start("stopped")
    client = service.client("codepipeline")
    client.stop_pipeline_execution(pipelineName="gluepipe-stopped", pipelineExecutionId=first)
    service.ends("stopped", first, "Stopped")
    eventually(lambda: service.reaches("stopped", "Approve", "InProgress").execution == second, seconds=60)
    with pytest.raises(client.exceptions.PipelineExecutionNotStoppableException):
        client.stop_pipeline_execution(pipelineName="gluepipe-stopped", pipelineExecutionId=first)


def test_of_those_that_wait_for_a_stage_the_newest_supersedes_the_others(service: Service) -> None:
    service.pipeline("busy")
    first = service.pipelines.start("busy")
    assert service.reaches("busy", "Approve", "InProgress").execution == first
    second = service.pipelines.start("busy")
    eventually(lambda: service.reaches("busy", "Prepare", "Succeeded").execution == second, seconds=60)
    third = service.pipelines.start("busy")
    service.ends("busy", second, "Superseded")

    service.pipelines.decide("busy", True, "go")
    service.ends("busy", first, "Succeeded")
    assert eventually(lambda: service.reaches("busy", "Approve", "InProgress").execution == third, seconds=60)


def test_an_answer_needs_the_token_of_what_waits(service: Service) -> None:
    service.pipeline("token")
    service.pipelines.start("token")
    service.reaches("token", "Approve", "InProgress")
    client = service.client("codepipeline")
    with pytest.raises(client.exceptions.InvalidApprovalTokenException):
        client.put_approval_result(
            pipelineName="gluepipe-token",
            stageName="Approve",
            actionName="Approve",
            token="00000000-0000-4000-8000-000000000000",
            result={"summary": "", "status": "Approved"},
        )


def test_a_pipeline_that_is_not_there(service: Service) -> None:
    with pytest.raises(GluePipeError, match="There is no pipeline gluepipe-nothing"):
        service.pipelines.stages("nothing")
