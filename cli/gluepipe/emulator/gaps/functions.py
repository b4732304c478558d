"""Lambda: deployed code runs in subprocesses, and queues are polled rather than pushed."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction
from moto.sqs.models import sqs_backends

from gluepipe.emulator.functions import THROTTLED

if TYPE_CHECKING:
    from gluepipe.emulator.functions import Functions

LOG_TAIL_BYTES = 4096


class ThrottledError(LambdaClientError):  # type: ignore[misc]
    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


def run_deployed_code(functions: Functions) -> None:
    """moto runs functions in Docker only."""

    def invoke(self: LambdaFunction, body: Any, request_headers: Any, response_headers: dict[str, Any]) -> str | bytes:
        event = json.loads(body) if body else {}
        # moto's own services (S3, log subscriptions) pass no headers: what AWS calls asynchronously
        kind = request_headers.get("X-Amz-Invocation-Type", "RequestResponse") if request_headers else "Event"
        if kind == "Event":
            functions.invoke_async(self.function_arn, event)
        if kind != "RequestResponse":
            return b""
        outcome = functions.invoke(self, event)
        if outcome is THROTTLED:
            raise ThrottledError
        if outcome.is_error:
            response_headers["x-amz-function-error"] = "Unhandled"
        tail = outcome.log_tail.encode()[-LOG_TAIL_BYTES:]
        response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
        return outcome.payload.encode()

    LambdaFunction.invoke = invoke


def leave_queues_to_the_pollers() -> None:
    """moto invokes a mapped function inside SendMessage, once per message; we poll (see `event_sources`)."""
    pushing = LambdaBackend.create_event_source_mapping

    def create_event_source_mapping(self: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        mapping = pushing(self, spec)
        for queue in sqs_backends[self.account_id][self.region_name].queues.values():
            queue.lambda_event_source_mappings.pop(mapping.function_arn, None)
        return mapping

    LambdaBackend.create_event_source_mapping = create_event_source_mapping
