"""Holds the trigger back, and lets it go on. Files wait in the queue meanwhile."""

from __future__ import annotations

from gluepipe.deployed import Deployed
from gluepipe.errors import GluePipeError


def set_enabled(deployed: Deployed, enabled: bool) -> bool:
    """Enable or disable the trigger's event source; returns False if it was so already."""
    function = deployed.names.trigger_function
    mappings = deployed.access.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    if not mappings:
        fix = f"Deploy it first: gluepipe apply {deployed.names.environment}"
        raise GluePipeError(f"The function {function} has no event source.", fix)
    changed = [mapping for mapping in mappings if (mapping["State"] in ("Enabled", "Enabling")) != enabled]
    for mapping in changed:
        deployed.access.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
    return bool(changed)


def waiting(deployed: Deployed) -> int:
    """About how many messages wait in the queue."""
    attributes = deployed.access.sqs.get_queue_attributes(
        QueueUrl=deployed.queue_url(deployed.names.queue),
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return sum(int(count) for count in attributes.values())
