"""An account is prepared, prepared again, and left as it was found."""

from __future__ import annotations

import json

from gluepipe.access import Access, open_account_directly
from tests.end_to_end.conftest import Checkout

STATE_BUCKET = "gluepipe-prod-state-333333333333-eu-central-1"


def prod(checkout: Checkout) -> Access:
    return open_account_directly(checkout.project, checkout.project.settings.account("prod"))


def buckets(access: Access) -> list[str]:
    return [bucket["Name"] for bucket in access.s3.list_buckets()["Buckets"]]


def trust(access: Access, role: str) -> list[str]:
    document = access.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return [statement["Sid"] for statement in document["Statement"]]


def test_bootstrap_can_be_repeated_and_taken_back(deployed: Checkout) -> None:
    deployed.succeed("bootstrap", "prod", "--destroy", "--delete-history")  # whatever other tests left there
    assert "bootstrap prod: nothing to destroy" in deployed.gluepipe("bootstrap", "prod", "--destroy").stderr

    deployed.succeed("bootstrap", "prod")
    access = prod(deployed)
    state = access.s3.get_object(Bucket=STATE_BUCKET, Key="bootstrap.tfstate")
    serial = json.loads(state["Body"].read())["serial"]
    for role in ("gluepipe-deploy", "gluepipe-plan"):
        assert trust(access, role) == ["Pipeline", "PeopleOfTheAccount"]

    again = deployed.gluepipe("bootstrap", "prod")
    assert (again.returncode, again.stderr.splitlines()[-1]) == (0, "bootstrap prod: no changes")
    state = access.s3.get_object(Bucket=STATE_BUCKET, Key="bootstrap.tfstate")
    assert json.loads(state["Body"].read())["serial"] == serial

    deployed.succeed("bootstrap", "prod", "--destroy")
    assert buckets(access) == []
    assert access.iam.list_roles()["Roles"] == []
    assert access.iam.list_policies(Scope="Local")["Policies"] == []
    assert "nothing to destroy" in deployed.gluepipe("bootstrap", "prod", "--destroy").stderr


def test_an_account_in_use_is_left_alone(deployed: Checkout) -> None:
    refused = deployed.gluepipe("bootstrap", "dev", "--destroy", "--delete-history")

    assert refused.returncode == 1
    assert "dev/infrastructure holds" in refused.stderr
    assert f"bucket {deployed.names.input_bucket} exists" in refused.stderr
    assert deployed.names.input_bucket in buckets(deployed.administrator)
    assert "Contents" in deployed.dev.s3.list_objects_v2(
        Bucket="gluepipe-dev-state-222222222222-eu-central-1", Prefix="dev/infrastructure.tfstate"
    )
