"""Events that did not reach a function: EventBridge and Lambda set them aside; here they are delivered once more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gluepipe.operations.deployed import Deployed
from gluepipe.operations.queue_messages import each_message

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


def undelivered(deployed: Deployed, *, take: bool) -> Iterator[str]:
    """What each event in the queue is about; with `take`, it is delivered and leaves the queue.

    Raises:
        ClientError: A function does not take its event; it and the events after it stay in the queue.

    """
    url = deployed.queue_url(deployed.names.undelivered_queue)
    for message in each_message(deployed.access.sqs, url, take=take):
        yield _describe(message)
        if take:
            _deliver(deployed, message)
            deployed.access.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _deliver(deployed: Deployed, message: MessageTypeDef) -> None:
    """Give an event to the function that its rule was for. One for a log group has been told by being shown."""
    attribute = message.get("MessageAttributes", {}).get("TARGET_ARN")
    # Without a target it was set aside by Lambda itself, which only the alert function asks for.
    target = attribute.get("StringValue", "") if attribute else deployed.names.alert_function
    if ":logs:" not in target:
        deployed.access.functions.invoke(
            FunctionName=target.rpartition(":")[2], InvocationType="Event", Payload=message["Body"].encode()
        )


def _describe(message: MessageTypeDef) -> str:
    try:
        event = json.loads(message["Body"])
        detail = event.get("detail", {})
        about = detail.get("jobRunId") or detail.get("alarmName") or ", ".join(event.get("resources", []))
        return f"{event.get('time', '')} {event.get('detail-type', '')} {about}".strip()
    except (AttributeError, ValueError):
        return message["Body"][:200]
