"""One Lambda execution environment: loads a handler once, then answers events. Runs outside the emulator.

Started with the handler's folder and a folder holding what the Lambda runtime itself brings (boto3), and nothing else
to import from. Events come as JSON lines on stdin; results go as JSON lines to the file descriptor named by the last
argument, because stdout and stderr belong to the handler's log.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, TextIO

Handler = Callable[[Any, "Context"], Any]


class Context:
    """What Lambda passes as the second argument of a handler."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id = request["request_id"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = request["function_arn"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = time.monotonic() + request["timeout"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def main(task_dir: str, runtime_dir: str, descriptor: str) -> None:
    sys.path[:] = [task_dir, *sys.path, runtime_dir]
    os.chdir(task_dir)
    results = os.fdopen(int(descriptor), "w")
    handler, failure = load(os.environ["_HANDLER"])
    send(results, {"error": failure} if failure else {"result": "loaded"})
    if not handler:
        sys.exit(1)
    for line in sys.stdin:
        request = json.loads(line)
        say(f"START RequestId: {request['request_id']}")
        answer = invoke(handler, request)
        sys.stderr.flush()
        say(f"END RequestId: {request['request_id']}")
        send(results, answer)


def load(dotted_name: str) -> tuple[Handler | None, dict[str, Any] | None]:
    """Import the handler; return it and, when that fails, what went wrong."""
    module_name, _, function_name = dotted_name.rpartition(".")
    try:
        return getattr(importlib.import_module(module_name.replace("/", ".")), function_name), None
    except BaseException as error:
        return None, describe(error, "")


def invoke(handler: Handler, request: dict[str, Any]) -> dict[str, Any]:
    try:
        result = handler(request["event"], Context(request))
        return {"result": json.dumps(result)}
    except BaseException as error:
        return {"error": describe(error, request["request_id"])}


def describe(error: BaseException, request_id: str) -> dict[str, Any]:
    """Log an exception as the Python runtime does, and return it as Lambda's error document."""
    stack = traceback.format_tb(error.__traceback__)[1:]
    name = type(error).__name__
    say(f"[ERROR] {name}: {error}\nTraceback (most recent call last):\n{''.join(stack)}")
    return {"errorMessage": str(error), "errorType": name, "requestId": request_id, "stackTrace": stack}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def send(results: TextIO, message: dict[str, Any]) -> None:
    results.write(json.dumps(message) + "\n")
    results.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
