"""Lambda: deployed code runs in subprocesses, and queues are polled rather than pushed."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction
from moto.sqs.models import sqs_backends

from gluepipe.emulator.functions import THROTTLED, dead_letter_queue
from gluepipe.emulator.gaps.patching import replaces
from gluepipe.emulator.iam import enforcement

if TYPE_CHECKING:
    from gluepipe.emulator.functions import Functions

LOG_TAIL_BYTES = 4096


class ThrottledError(LambdaClientError):  # type: ignore[misc]
    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


def run_deployed_code(functions: Functions) -> None:
    """moto runs functions in Docker only."""

    @replaces(LambdaFunction)
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


def keep_dead_letter_queues() -> None:
    """moto forgets where the events go that a function failed on, and whether its role may send them there."""
    making, showing = LambdaFunction.__init__, LambdaFunction.get_configuration
    updating = LambdaFunction.update_configuration

    @replaces(LambdaFunction, "__init__")
    def init(self: LambdaFunction, account_id: str, spec: dict[str, Any], *rest: Any, **named: Any) -> None:
        self.dead_letter_config = spec.get("DeadLetterConfig")
        making(self, account_id, spec, *rest, **named)
        _check_dead_letter_queue(self)

    @replaces(LambdaFunction)
    def get_configuration(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        shown = {"DeadLetterConfig": self.dead_letter_config} if dead_letter_queue(self) else {}
        return {**showing(self, on_create), **shown}

    @replaces(LambdaFunction)
    def update_configuration(self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        self.dead_letter_config = config_updates.get("DeadLetterConfig", self.dead_letter_config)
        updating(self, config_updates)
        _check_dead_letter_queue(self)
        updated: dict[str, Any] = self.get_configuration()
        return updated


def _check_dead_letter_queue(function: LambdaFunction) -> None:
    queue = dead_letter_queue(function)
    if queue and not enforcement.role_may(function.role, function.function_name, "sqs:SendMessage", queue):
        message = "The provided execution role does not have permissions to call SendMessage on SQS"
        raise InvalidParameterValueException(message)


def leave_queues_to_the_pollers() -> None:
    """moto invokes a mapped function inside SendMessage, once per message; we poll (see `event_sources`)."""
    pushing = LambdaBackend.create_event_source_mapping

    @replaces(LambdaBackend)
    def create_event_source_mapping(self: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        mapping = pushing(self, spec)
        for queue in sqs_backends[self.account_id][self.region_name].queues.values():
            queue.lambda_event_source_mappings.pop(mapping.function_arn, None)
        return mapping
