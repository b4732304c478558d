"""Looking needs no right to write: what `plan` and `drift` ask for is allowed to the plan role, and is all reading."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.end_to_end.conftest import Checkout
from tests.permissions.policies import refused, statements
from tests.permissions.recorded_calls import Call
from tests.permissions.recording import calls_by_role, recording

ROLE = "gluepipe-plan"
CONTEXT = {"aws:ResourceTag/project": "gluepipe"}
READS = re.compile(r"\w+:(BatchGet|Describe|Get|List)")


@pytest.fixture(scope="module")
def asked(deployed: Checkout) -> set[Call]:
    """What the plan role asked for during a plan and a look for drift; nobody else may have acted meanwhile."""
    folder = deployed.project.emulator_folder
    with recording(folder):
        deployed.succeed("plan", "dev")
        deployed.succeed("drift", "dev")
    return calls_by_role(folder, deployed.names.account_id)[ROLE]


@pytest.fixture(scope="module")
def policies(deployed: Checkout) -> dict[str, str]:
    """The plan role's policies as Terraform made them: name -> JSON."""
    iam = deployed.dev.session.client("iam", endpoint_url=deployed.dev.endpoint)
    attached = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    return {each["PolicyName"]: document(iam, each["PolicyArn"]) for each in attached}


def document(iam: Any, arn: str) -> str:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return json.dumps(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def test_it_may_do_all_that_looking_takes(asked: set[Call], policies: dict[str, str]) -> None:
    granted = statements(policies)
    assert {call.action for call in asked} >= {"s3:GetObject", "glue:GetJob", "lambda:GetFunction", "iam:GetRole"}
    assert not {(call.action, resource) for call in asked for resource in refused(call, granted, CONTEXT)}


def test_looking_only_reads(asked: set[Call]) -> None:
    assert not [call.action for call in asked if not READS.match(call.action)]
