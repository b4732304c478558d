"""A request that an SDK sends again, because its answer got lost, gets that answer and is not carried out twice.

Under load a connection to the emulated accounts can break after the request was carried out. Sent again, "create" would
find what it had created itself, and Terraform would give up. SDKs number their attempts, so a repeated one can be told.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from gluepipe.emulator.requests import WsgiApp

REMEMBERED = 256


@dataclass
class Invocation:
    """What was answered to a request; `busy` is held while it is carried out, `answer` is None until it succeeded."""

    busy: threading.Lock = field(default_factory=threading.Lock)
    answer: tuple[str, list[tuple[str, str]], bytes] | None = None


def answer_again(application: WsgiApp) -> WsgiApp:
    """Carry each invocation out until it succeeded, and no further; requests without a number are passed on."""
    invocations: OrderedDict[str, Invocation] = OrderedDict()
    lock = threading.Lock()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        number = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        # S3's objects are large and their requests can be repeated as they are.
        if not number or environ["REQUEST_METHOD"] != "POST":
            return application(environ, start_response)
        with lock:
            invocation = invocations.setdefault(number, Invocation())
            if len(invocations) > REMEMBERED:
                invocations.popitem(last=False)
        with invocation.busy:
            status, headers, body = invocation.answer or _carried_out(application, environ)
            if status.startswith("2"):
                invocation.answer = (status, headers, body)
        start_response(status, headers)
        return [body]

    return serve


def _carried_out(application: WsgiApp, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    answer: list[Any] = []
    body = b"".join(application(environ, lambda status, headers, *_: answer.extend((status, headers))))
    status, headers = answer
    return status, headers, body
