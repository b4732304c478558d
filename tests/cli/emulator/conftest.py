"""One emulator for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from gluepipe.emulator import control, process
from tests.cli.emulator.account import ACCOUNTS, REGION, Account


@pytest.fixture(scope="session")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("emulator")
    process.up(folder, accounts=ACCOUNTS, region=REGION)
    yield folder
    process.down(folder)


@pytest.fixture(scope="session")
def account(state_dir: Path) -> Account:
    session = boto3.Session(**control.administrator(state_dir, ACCOUNTS["dev"]))
    account = Account(session, process.running(state_dir).url)
    account.create_role()
    return account
