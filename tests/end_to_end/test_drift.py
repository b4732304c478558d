"""What was changed by hand is told apart from what the services fill in by themselves, and an apply repairs it."""

from __future__ import annotations

from tests.end_to_end.conftest import Checkout


def test_only_what_was_changed_by_hand_is_drift(deployed: Checkout) -> None:
    deployed.succeed("drift", "dev")

    deployed.dev.s3.put_bucket_versioning(
        Bucket=deployed.names.output_bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    drifted = deployed.gluepipe("drift", "dev", "--stack", "infrastructure")
    assert drifted.returncode == 2
    assert [line.strip() for line in drifted.stdout.splitlines()] == [
        'infrastructure: module.infrastructure.module.buckets["output"].aws_s3_bucket_versioning.this',
        "versioning_configuration.0.status: Enabled → Suspended",
    ]

    deployed.succeed("apply", "dev", "--stack", "infrastructure")
    deployed.succeed("drift", "dev", "--stack", "infrastructure")
