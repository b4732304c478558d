from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from glue_jobs.clients import client
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
    """An environment inside this process."""
    with mock_aws():
        made = Lake()
        made.create()
        yield made


@pytest.fixture
def served_lake(_no_real_account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """An environment that other processes reach too, through AWS_ENDPOINT_URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    client.cache_clear()
    moto_api_backend.reset()
    try:
        made = Lake()
        made.create()
        yield made
    finally:
        client.cache_clear()
        server.stop()
