"""One emulator for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from gluepipe.emulator import process

from tests.cli.emulator.account import ACCOUNTS, REGION, Account

ASSUMABLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]}}]}  # fmt: skip


@pytest.fixture(scope="session")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("emulator")
    process.up(folder, accounts=ACCOUNTS, region=REGION)
    yield folder
    process.down(folder)


@pytest.fixture(scope="session")
def account(state_dir: Path) -> Account:
    session = boto3.Session(**process.session(state_dir, ACCOUNTS["dev"], "deploy"))
    account = Account(session, process.running(state_dir).url)
    account.client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(ASSUMABLE))
    return account
