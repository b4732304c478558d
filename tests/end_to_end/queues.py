"""Empties the queues of a deployed environment."""

from __future__ import annotations

from gluepipe.operations.deployed import Deployed
from tests.waiting import eventually

BETWEEN_PURGES_SECONDS = 60


def purge(deployed: Deployed, queue: str) -> None:
    """Delete every message, those in flight too; waits where the last purge was less than a minute ago."""
    sqs, url = deployed.access.sqs, deployed.queue_url(queue)

    def is_purged() -> bool:
        try:
            sqs.purge_queue(QueueUrl=url)
        except sqs.exceptions.PurgeQueueInProgress:
            return False
        return True

    eventually(is_purged, BETWEEN_PURGES_SECONDS + 30, f"{queue} can be purged")
