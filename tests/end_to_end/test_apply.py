"""Terraform through the command line, on the emulated accounts."""

from __future__ import annotations

import json

from tests.end_to_end.conftest import Checkout


def test_a_second_apply_changes_nothing(deployed: Checkout) -> None:
    finished = deployed.gluepipe("apply", "dev")

    assert finished.returncode == 0, finished.stderr
    assert "infrastructure: no changes" in finished.stderr
    assert "application: no changes" in finished.stderr


def test_plan_tells_by_its_exit_code_that_nothing_changes(deployed: Checkout) -> None:
    assert deployed.gluepipe("plan", "dev", "--detailed-exitcode").returncode == 0


def test_an_environment_that_was_never_applied_can_be_planned(deployed: Checkout) -> None:
    finished = deployed.gluepipe("plan", "prod", "--detailed-exitcode")

    assert finished.returncode == 2, finished.stderr
    assert "application: can be planned once the infrastructure is applied" in finished.stderr


def test_output_is_one_document_that_holds_the_contract(deployed: Checkout) -> None:
    contract = json.loads(deployed.succeed("output", "dev", "--json"))["infrastructure"]["contract"]

    assert contract["input_bucket"] == deployed.names.input_bucket
    assert contract["version"] == 1


def test_each_bucket_announces_to_our_queue_alone(deployed: Checkout) -> None:
    announced = deployed.dev.s3.get_bucket_notification_configuration(Bucket=deployed.names.input_bucket)

    assert [queue["QueueArn"].rsplit(":", 1)[1] for queue in announced["QueueConfigurations"]] == ["gluepipe-dev-files"]
    assert "LambdaFunctionConfigurations" not in announced
