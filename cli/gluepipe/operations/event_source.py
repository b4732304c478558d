"""Holds the trigger back, lets it go on, and tells which it is. Files wait in the queue meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluepipe.errors import GluePipeError
from gluepipe.operations.deployed import Deployed

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef
    from mypy_boto3_sqs.literals import QueueAttributeNameType


def set_enabled(deployed: Deployed, enabled: bool) -> bool:
    """Enable or disable the trigger's event source; returns False if it was so already."""
    changed = [mapping for mapping in _mappings(deployed) if _is_enabled(mapping) != enabled]
    for mapping in changed:
        deployed.access.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
    return bool(changed)


def is_paused(deployed: Deployed) -> bool:
    """Whether the trigger is held back."""
    return not any(map(_is_enabled, _mappings(deployed)))


def waiting(deployed: Deployed) -> int:
    """About how many messages wait in the queue."""
    return _messages(deployed, deployed.names.queue)


def dead_letters(deployed: Deployed) -> int:
    """About how many messages are in the dead-letter queue."""
    return _messages(deployed, deployed.names.dead_letter_queue)


def _mappings(deployed: Deployed) -> list[EventSourceMappingConfigurationTypeDef]:
    queue = _queue_attributes(deployed, deployed.names.queue, "QueueArn")["QueueArn"]
    mappings = deployed.access.functions.list_event_source_mappings(EventSourceArn=queue)["EventSourceMappings"]
    if not mappings:
        fix = f"Deploy it first: gluepipe apply {deployed.names.environment}"
        raise GluePipeError(f"The function {deployed.names.trigger_function} has no event source.", fix)
    return mappings


def _is_enabled(mapping: EventSourceMappingConfigurationTypeDef) -> bool:
    return mapping["State"] in ("Enabled", "Enabling")


def _messages(deployed: Deployed, queue: str) -> int:
    counts = _queue_attributes(deployed, queue, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return sum(int(count) for count in counts.values())


def _queue_attributes(
    deployed: Deployed, queue: str, *names: QueueAttributeNameType
) -> dict[QueueAttributeNameType, str]:
    url = deployed.queue_url(queue)
    return deployed.access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
