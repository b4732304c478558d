from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.glue_jobs.lake import Lake


@pytest.fixture(autouse=True)
def _no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def lake(_no_real_account: None) -> Iterator[Lake]:
    with mock_aws():
        made = Lake()
        made.create()
        yield made
