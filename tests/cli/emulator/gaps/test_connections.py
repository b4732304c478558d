from __future__ import annotations

import pytest

from tests.cli.emulator.account import ACCOUNTS, Account


def test_connection_can_be_made_tagged_read_and_deleted(account: Account) -> None:
    client = account.client("codestar-connections")
    tags = [{"Key": "project", "Value": "gluepipe"}]
    arn = client.create_connection(ProviderType="GitHub", ConnectionName="source", Tags=tags)["ConnectionArn"]
    connection = client.get_connection(ConnectionArn=arn)["Connection"]
    assert (connection["ConnectionName"], connection["ProviderType"]) == ("source", "GitHub")
    assert (connection["ConnectionStatus"], connection["OwnerAccountId"]) == ("PENDING", ACCOUNTS["dev"])
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "dev"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["project"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "dev"}]
    assert [entry["ConnectionArn"] for entry in client.list_connections()["Connections"]] == [arn]
    client.delete_connection(ConnectionArn=arn)
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="There is no connection"):
        client.get_connection(ConnectionArn=arn)


def test_operation_that_is_not_emulated_is_refused_at_once(account: Account) -> None:
    client = account.client("codestar-connections")
    with pytest.raises(client.exceptions.ClientError, match="not emulated"):
        client.list_hosts()
