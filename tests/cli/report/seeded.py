"""An environment in moto whose ledger holds given items, read as quickly as in the emulated accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from gluepipe.access import Access
from gluepipe.emulator.gaps import dynamodb, dynamodb_indexes
from gluepipe.operations import deployed
from tests.cli import operated
from tests.cli.report import week

PATCHED = [
    (BaseJSONSerializer, ("_serialize_type_structure",)),
    (Item, ("project",)),
    (DynamoDBBackend, dynamodb_indexes.WRITES),
    (Table, ("all_items", "query")),
]


@contextmanager
def environment(items: Iterable[week.Item]) -> Iterator[operated.Account]:
    """Commands open it while the context lasts."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        for owner, names in PATCHED:
            for name in names:
                patch.setattr(owner, name, getattr(owner, name))
        dynamodb_indexes.read_indexes_by_key()
        dynamodb.give_values_as_they_are()
        dynamodb.project_attributes_directly()
        account = operated.create(Access(boto3.Session(), None))
        patch.setattr(deployed, "open_account", lambda _project, _account: account.access)
        week.seed(operated.NAMES.ledger, items)
        yield account
