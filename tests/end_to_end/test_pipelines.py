"""Both pipelines, as the service has them once Terraform made them."""

from __future__ import annotations

import pytest

from gluepipe.access import open_account_directly
from gluepipe.demo.delivery import STAGES, check_stages
from gluepipe.pipelines.codepipeline import Pipelines, open_pipelines
from tests.end_to_end.conftest import Checkout
from tests.places import REPOSITORY

BUILDSPECS = REPOSITORY / "modules" / "delivery_pipeline" / "buildspecs"
RUNS = {"Build": "build", "UpdatePipeline": "update_pipeline", "Assets": "assets", "DeployDev": "deploy_first",
        "DeployProd": "deploy_next"}  # fmt: skip


@pytest.fixture(scope="module")
def pipelines(deployed: Checkout) -> Pipelines:
    deployed.succeed("pipeline", "apply")
    return open_pipelines(deployed.project)


def test_they_have_exactly_the_stages(pipelines: Pipelines) -> None:
    check_stages(pipelines)
    for stack in STAGES:
        assert pipelines.definition(stack)["pipelineType"] == "V2"
        assert [state.status for state in pipelines.stages(stack)] == ["NotStarted"] * len(STAGES[stack])


@pytest.mark.parametrize("stack", STAGES)
def test_each_build_runs_its_buildspec_for_its_stack(deployed: Checkout, pipelines: Pipelines, stack: str) -> None:
    account = open_account_directly(deployed.project, deployed.project.settings.account("pipeline"))
    client = account.client("codebuild")
    for stage in pipelines.definition(stack)["stages"]:
        if stage["name"] in RUNS:
            [action] = stage["actions"]
            [project] = client.batch_get_projects(names=[action["configuration"]["ProjectName"]])["projects"]
            variables = {each["name"]: each["value"] for each in project["environment"]["environmentVariables"]}
            assert variables == {"FIRST": "dev", "NEXT": "prod", "STACK": stack}
            assert project["source"]["buildspec"] == (BUILDSPECS / f"{RUNS[stage['name']]}.yml").read_text()


def test_artifacts_are_encrypted_and_versioned(deployed: Checkout, pipelines: Pipelines) -> None:
    account = open_account_directly(deployed.project, deployed.project.settings.account("pipeline"))
    [bucket] = {pipelines.definition(stack)["artifactStore"]["location"] for stack in STAGES}
    assert account.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rules = account.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_they_are_up_to_date_after_that(deployed: Checkout, pipelines: Pipelines) -> None:
    assert deployed.gluepipe("pipeline", "apply").stderr.splitlines()[-1] == "pipeline: no changes"
