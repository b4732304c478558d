from __future__ import annotations

import pytest

from tests.cli.emulator.account import Account


def test_update_of_a_table_that_changed_meanwhile_is_refused(account: Account) -> None:
    glue = account.client("glue")
    glue.create_database(DatabaseInput={"Name": "lake"})
    glue.create_table(DatabaseName="lake", TableInput={"Name": "orders"})
    version = glue.get_table(DatabaseName="lake", Name="orders")["Table"]["VersionId"]
    first, second = ({"Name": "orders", "Description": text} for text in ("first", "second"))
    glue.update_table(DatabaseName="lake", TableInput=first, VersionId=version)
    with pytest.raises(glue.exceptions.ConcurrentModificationException, match="version 2, not 1"):
        glue.update_table(DatabaseName="lake", TableInput=second, VersionId=version)
    assert glue.get_table(DatabaseName="lake", Name="orders")["Table"]["Description"] == "first"
    glue.update_table(DatabaseName="lake", TableInput=second)
    assert glue.get_table(DatabaseName="lake", Name="orders")["Table"]["Description"] == "second"
