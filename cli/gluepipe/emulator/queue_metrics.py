"""SQS's own metrics, which moto's queues do not report."""

from __future__ import annotations

from moto.sqs.models import Queue, sqs_backends

from gluepipe.emulator.backends import everywhere
from gluepipe.emulator.telemetry import record_metrics

REPORT_SECONDS = 60.0
SEEN_BEFORE_IT_COUNTS_AS_POISON = 3  # SQS leaves out the age of a message that was received more often

Figures = dict[str, float]
UNITS = {"ApproximateAgeOfOldestMessage": "Seconds"}


class QueueMetrics:
    """Reports every queue once a minute, and at once when its figures change; an idle queue stays silent."""

    def __init__(self) -> None:
        self._reported: dict[str, tuple[float, Figures]] = {}

    def record(self, now: float) -> None:
        """Look at every queue of every account at `now`, in seconds since 1970."""
        for queue in (queue for backend in everywhere(sqs_backends) for queue in list(backend.queues.values())):
            figures = _figures(queue, now)
            last_time, last = self._reported.get(queue.queue_arn, (0.0, {}))
            is_idle = not any(figures.values())
            if (is_idle and not any(last.values())) or (figures == last and now - last_time < REPORT_SECONDS):
                continue
            self._reported[queue.queue_arn] = now, figures
            record_metrics(queue.account_id, queue.region, "AWS/SQS", figures, {"QueueName": queue.name}, UNITS)


def _figures(queue: Queue, now: float) -> Figures:
    messages = list(queue._messages)
    ages = [
        now - message.sent_timestamp / 1000
        for message in messages
        if message.approximate_receive_count <= SEEN_BEFORE_IT_COUNTS_AS_POISON
    ]
    visible = sum(message.visible_at < now * 1000 and message.delayed_until <= now * 1000 for message in messages)
    return {
        "ApproximateAgeOfOldestMessage": float(int(max(ages, default=0.0))),
        "ApproximateNumberOfMessagesVisible": float(visible),
        "ApproximateNumberOfMessagesNotVisible": float(len(messages) - visible),
    }
