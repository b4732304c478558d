from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.cli.emulator.account import Account


def test_one_winner_per_conditional_write(account: Account) -> None:
    dynamodb = account.client("dynamodb")
    dynamodb.create_table(
        TableName="claims", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )  # fmt: skip

    def claim(attempt: int) -> bool:
        try:
            dynamodb.update_item(
                TableName="claims", Key={"id": {"S": str(attempt // 8)}}, UpdateExpression="SET taken_by = :me",
                ConditionExpression="attribute_not_exists(taken_by)", ExpressionAttributeValues={":me": {"N": "1"}},
            )  # fmt: skip
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        winners = list(pool.map(claim, range(8 * 60)))
    assert sum(winners) == 60
