"""What people read when the application does not find the infrastructure that it builds on."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.conftest import DIGEST, Terraform

RENEW = "gluepipe apply dev --stack infrastructure"
FIELDS = [
    "account_id", "alarm_topic_arn", "assets_bucket", "database", "dead_letter_queue_url", "environment",
    "glue_role_arn", "input_bucket", "job_name", "kms_key_arn", "ledger_table", "output_bucket", "project",
    "queue_url", "region", "sweep_function", "trigger_function",
]  # fmt: skip
COMPLETE: dict[str, Any] = {
    **dict.fromkeys(FIELDS, "example"),
    "environment": "dev",
    "glue_role_arn": "arn:aws:iam::111111111111:role/example-dev-glue",
    "log_groups": dict.fromkeys(["glue_error", "glue_output", "sweep", "trigger"], "/example/output"),
    "version": 1,
}
PROVIDER = {
    "access_key": "mocked",
    "secret_key": "mocked",
    "region": "eu-central-1",
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
}


@pytest.fixture(scope="module")
def root(terraform: Terraform, staged: Path) -> Path:
    """A root that builds the application on a contract given as a variable; it never gets as far as an account."""
    folder = staged / "terraform" / "contract"
    folder.mkdir()
    configuration = {
        "provider": {"aws": PROVIDER},
        "variable": {"contract": {"type": "any"}},
        "module": {
            "application": {
                "source": "../../modules/application",
                "contract": "${var.contract}",
                "environment": "dev",
                "job_bundle": f"../../dist/job-{DIGEST}",
            }
        },
    }
    (folder / "main.tf.json").write_text(json.dumps(configuration))
    terraform.init(folder)
    return folder


def plan(terraform: Terraform, root: Path, contract: dict[str, Any]) -> tuple[int, str]:
    (root / "terraform.tfvars.json").write_text(json.dumps({"contract": contract}))
    done = terraform.run(root, "plan", "-input=false", "-no-color")
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def without(*fields: str) -> dict[str, Any]:
    return {name: value for name, value in COMPLETE.items() if name not in fields}


def test_a_complete_contract_is_accepted(terraform: Terraform, root: Path) -> None:
    status, shown = plan(terraform, root, COMPLETE)
    assert status == 0, shown


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        pytest.param({}, ["There is no infrastructure contract for dev yet.", RENEW], id="nothing applied"),
        pytest.param(COMPLETE | {"version": 0}, ["too old: version 0, needed 1", RENEW], id="older"),
        pytest.param(COMPLETE | {"version": 2}, ["deploy a newer release of the application"], id="newer"),
        pytest.param(without("ledger_table"), ["contract of dev lacks ledger_table.", RENEW], id="a field short"),
        pytest.param(
            COMPLETE | {"log_groups": {"sweep": "/s", "trigger": "/t", "glue_output": "/o"}},
            ["contract of dev lacks log_groups.glue_error.", RENEW],
            id="a log group short",
        ),
        pytest.param(
            COMPLETE | {"environment": "prod"}, ["belongs to prod, not to dev", "gluepipe init dev"], id="another's"
        ),
    ],
)
def test_a_bad_contract_says_what_to_do(
    terraform: Terraform, root: Path, contract: dict[str, Any], expected: list[str]
) -> None:
    status, shown = plan(terraform, root, contract)
    assert status == 1
    for part in expected:
        assert part in shown
