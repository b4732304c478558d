"""What `destroy` refuses and what it leaves. Runs last: it ends the environment that the other tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import Checkout


def _objects(deployed: Checkout) -> int:
    versions = deployed.dev.s3.list_object_versions(Bucket=deployed.names.input_bucket)
    return len(versions.get("Versions", [])) + len(versions.get("DeleteMarkers", []))


@pytest.fixture(scope="module")
def filled(deployed: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The environment with at least one object in its input bucket."""
    file = tmp_path_factory.mktemp("files") / "kept.csv"
    Path(file).write_text("id,name\n1,Ann\n")
    deployed.upload(file, "--dataset", "kept")
    return deployed


def test_data_is_not_destroyed_by_default(filled: Checkout) -> None:
    before = _objects(filled)

    finished = filled.gluepipe("destroy", "dev", "--yes")

    assert finished.returncode == 1
    assert filled.names.input_bucket in finished.stderr
    assert _objects(filled) == before


def test_a_wrong_confirmation_deletes_nothing(filled: Checkout) -> None:
    before = _objects(filled)

    assert filled.gluepipe("destroy", "dev", "--delete-data", "--confirm", "prod").returncode == 1
    assert _objects(filled) == before


def test_a_protected_environment_needs_a_second_flag(filled: Checkout) -> None:
    finished = filled.gluepipe("destroy", "prod", "--delete-data", "--confirm", "prod")

    assert finished.returncode == 1
    assert "--even-protected" in finished.stderr


def test_nothing_is_left_once_data_may_go(filled: Checkout) -> None:
    filled.succeed("destroy", "dev", "--delete-data", "--confirm", "dev", timeout=600)

    dev = filled.administrator
    assert [bucket["Name"] for bucket in dev.s3.list_buckets()["Buckets"]] == [
        "gluepipe-dev-state-222222222222-eu-central-1"
    ]
    assert dev.dynamodb.list_tables()["TableNames"] == []
    assert dev.functions.list_functions()["Functions"] == []
    assert dev.sqs.list_queues().get("QueueUrls", []) == []
    assert dev.glue.get_databases()["DatabaseList"] == []
    assert dev.glue.get_jobs()["Jobs"] == []

    again = filled.gluepipe("destroy", "dev")
    assert (again.returncode, again.stderr.splitlines()[-1]) == (0, "infrastructure: nothing to destroy")
