"""Holds the trigger back, and lets it go on. Files wait in the queue meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluepipe.deployed import Deployed
from gluepipe.errors import GluePipeError

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType


def set_enabled(deployed: Deployed, enabled: bool) -> bool:
    """Enable or disable the trigger's event source; returns False if it was so already."""
    queue = _queue_attributes(deployed, "QueueArn")["QueueArn"]
    mappings = deployed.access.functions.list_event_source_mappings(EventSourceArn=queue)["EventSourceMappings"]
    if not mappings:
        fix = f"Deploy it first: gluepipe apply {deployed.names.environment}"
        raise GluePipeError(f"The function {deployed.names.trigger_function} has no event source.", fix)
    changed = [mapping for mapping in mappings if (mapping["State"] in ("Enabled", "Enabling")) != enabled]
    for mapping in changed:
        deployed.access.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
    return bool(changed)


def waiting(deployed: Deployed) -> int:
    """About how many messages wait in the queue."""
    counts = _queue_attributes(deployed, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return sum(int(count) for count in counts.values())


def _queue_attributes(deployed: Deployed, *names: QueueAttributeNameType) -> dict[QueueAttributeNameType, str]:
    url = deployed.queue_url(deployed.names.queue)
    return deployed.access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
