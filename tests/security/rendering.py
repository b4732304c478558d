"""The configuration's resources with all their values, as Terraform makes them without any account.

`terraform test` on a mocked provider gives every resource of a type the same ARN, so that policies would not tell two
buckets apart. It is therefore run twice: what the resources are called comes out of the first run, and their ARNs go
into the second.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.terraform.conftest import DIGEST, Terraform

ACCOUNT, PIPELINE_ACCOUNT, REGION, PROJECT, ENVIRONMENT = (
    "222222222222",
    "111111111111",
    "eu-central-1",
    "example",
    "dev",
)
_PLACE = f"{REGION}:{ACCOUNT}"
_COMMON = {"account_id": ACCOUNT, "project": PROJECT, "region": REGION}
_STATE_BUCKET = f"{PROJECT}-{ENVIRONMENT}-state-{ACCOUNT}-{REGION}"

ARNS = {
    "aws_cloudwatch_event_rule": f"arn:aws:events:{_PLACE}:rule/{{name}}",
    "aws_cloudwatch_log_group": f"arn:aws:logs:{_PLACE}:log-group:{{name}}",
    "aws_codestarconnections_connection": f"arn:aws:codestar-connections:{_PLACE}:connection/{{name}}",
    "aws_dynamodb_table": f"arn:aws:dynamodb:{_PLACE}:table/{{name}}",
    "aws_iam_policy": f"arn:aws:iam::{ACCOUNT}:policy/{{name}}",
    "aws_iam_role": f"arn:aws:iam::{ACCOUNT}:role/{{name}}",
    "aws_kms_alias": f"arn:aws:kms:{_PLACE}:{{name}}",
    "aws_lambda_function": f"arn:aws:lambda:{_PLACE}:function:{{function_name}}",
    "aws_s3_bucket": "arn:aws:s3:::{bucket}",
    "aws_sns_topic": f"arn:aws:sns:{_PLACE}:{{name}}",
    "aws_sqs_queue": f"arn:aws:sqs:{_PLACE}:{{name}}",
}


@dataclass(frozen=True)
class Configuration:
    """A folder to render, and its variables."""

    folder: str
    variables: Mapping[str, Any]


CONFIGURATIONS = [
    Configuration("terraform/bootstrap", {**_COMMON, "account": ENVIRONMENT, "pipeline_account_id": PIPELINE_ACCOUNT}),
    Configuration(
        f"terraform/{ENVIRONMENT}/infrastructure",
        {**_COMMON, "environment": ENVIRONMENT, "trigger_bundle": f"dist/trigger-{DIGEST}.zip"},
    ),
    Configuration(
        "terraform/pipeline",
        {
            **_COMMON,
            "delivery_role_arns": [f"arn:aws:iam::{ACCOUNT}:role/{PROJECT}-{name}" for name in ("deploy", "plan")],
            "repository": "owner/repository",
            "state_bucket": f"{PROJECT}-pipeline-state-{ACCOUNT}-{REGION}",
        },
    ),
]


def render(terraform: Terraform, staged: Path, configuration: Configuration) -> list[dict[str, Any]]:
    """Return the resources of a configuration, each as Terraform's JSON says: address, type, values."""
    known = {
        "module.state_bucket.aws_s3_bucket.this": {"arn": f"arn:aws:s3:::{_STATE_BUCKET}", "bucket": _STATE_BUCKET}
    }
    imported = known if configuration.folder.endswith("bootstrap") else {}  # which a mocked provider cannot do
    first = _run(terraform, staged, configuration, imported)
    arns = {each["address"]: {"arn": arn} for each in first if (arn := _arn(each, first))}
    return _run(terraform, staged, configuration, {**arns, **imported})


def _run(
    terraform: Terraform, staged: Path, configuration: Configuration, overrides: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    folder = staged / configuration.folder
    tests = folder / "rendered"
    tests.mkdir(exist_ok=True)
    (tests / "render.tftest.json").write_text(json.dumps(_test(configuration, overrides)))
    terraform.init(folder)
    done = terraform.run(folder, "test", "-json", "-verbose", f"-test-directory={tests.name}")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    states = [event["test_state"]["root_module"] for event in events if event["type"] == "test_state"]
    assert done.returncode == 0, [
        event["diagnostic"] for event in events if event["type"] == "diagnostic"
    ] or done.stderr
    return list(_resources(states[0]))


def _test(configuration: Configuration, overrides: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    up = "/".join([".."] * len(Path(configuration.folder).parts))
    return {
        "mock_provider": {"aws": {"source": f"{up}/modules/mocks"}},
        "variables": dict(configuration.variables),
        "override_resource": [{"target": target, "values": values} for target, values in overrides.items()],
        "run": {"render": {}},
    }


def _resources(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for inner in module.get("child_modules", []):
        yield from _resources(inner)


def _arn(resource: Mapping[str, Any], everything: list[dict[str, Any]]) -> str | None:
    """The ARN that AWS would give; a key, which has no name of its own, is called after its alias."""
    if resource["type"] == "aws_kms_key":
        module = resource["address"].removesuffix("aws_kms_key.this")
        (alias,) = [each for each in everything if each["address"] == f"{module}aws_kms_alias.this"]
        return f"arn:aws:kms:{_PLACE}:key/{alias['values']['name'].removeprefix('alias/')}"
    form = ARNS.get(resource["type"])
    return form.format(**resource["values"]) if form else None
