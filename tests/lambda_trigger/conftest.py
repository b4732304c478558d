"""An account in moto with what the trigger needs, and its configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambda_trigger import handler, sweep
from lambda_trigger.config import Config
from lambda_trigger.ledger import Ledger
from lambda_trigger.services import AwsServices
from tests.lambda_trigger.account import create_account


@pytest.fixture
def config() -> Config:
    return Config(
        job_name="gluepipe-dev-file-processor",
        ledger_table="gluepipe-dev-ledger",
        assets_bucket="assets",
        input_bucket="example-raw-in",
        output_bucket="example-curated-out",
        queue_url="",
        dead_letter_queue_url="",
        environment="dev",
    )


@pytest.fixture
def aws(config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServices]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        queue_url, dead_letter_queue_url = create_account(config)
        config = replace(config, queue_url=queue_url, dead_letter_queue_url=dead_letter_queue_url)
        for name, value in environment_of(config).items():
            monkeypatch.setenv(name, value)
        handler.services.cache_clear()
        sweep.services.cache_clear()
        yield handler.services()
        handler.services.cache_clear()
        sweep.services.cache_clear()


@pytest.fixture
def ledger(aws: AwsServices) -> Ledger:
    return aws.ledger


@pytest.fixture
def manifests(aws: AwsServices) -> Callable[[], list[list[dict[str, Any]]]]:
    """The manifests of the runs started so far, in the order they were started."""

    def read() -> list[list[dict[str, Any]]]:
        runs = boto3.client("glue").get_job_runs(JobName=aws.config.job_name)["JobRuns"]
        uris = [run["Arguments"]["--manifest"] for run in sorted(runs, key=lambda run: run["StartedOn"])]
        keys = [uri.removeprefix(f"s3://{aws.config.assets_bucket}/") for uri in uris]
        s3 = boto3.client("s3")
        return [json.load(s3.get_object(Bucket=aws.config.assets_bucket, Key=key)["Body"]) for key in keys]

    return read


def environment_of(config: Config) -> dict[str, str]:
    return {
        "JOB_NAME": config.job_name,
        "LEDGER_TABLE": config.ledger_table,
        "ASSETS_BUCKET": config.assets_bucket,
        "INPUT_BUCKET": config.input_bucket,
        "OUTPUT_BUCKET": config.output_bucket,
        "QUEUE_URL": config.queue_url,
        "DEAD_LETTER_QUEUE_URL": config.dead_letter_queue_url,
        "ENVIRONMENT": config.environment,
    }
