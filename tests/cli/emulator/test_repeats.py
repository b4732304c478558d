"""An SDK that lost an answer asks again: it must not be told that what it made exists already."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import botocore.awsrequest
import pytest

from gluepipe.emulator.repeats import answer_again
from tests.cli.emulator.account import Account

Respond = Callable[..., Any]


def test_a_create_whose_answer_got_lost_succeeds(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    client = account.client("kms")
    key = client.create_key()["KeyMetadata"]["KeyId"]
    sent = lose_first_answer(client, monkeypatch)
    client.create_alias(AliasName="alias/repeated", TargetKeyId=key)
    assert len(sent) == 2
    with pytest.raises(client.exceptions.AlreadyExistsException):
        client.create_alias(AliasName="alias/repeated", TargetKeyId=key)


def lose_first_answer(client: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the connection break once after a request was carried out; return what is sent."""
    sent: list[str] = []
    real = client._endpoint.http_session.send

    def send(request: botocore.awsrequest.AWSPreparedRequest) -> Any:
        answer = real(request)
        sent.append(str(request.headers["X-Amz-Target"]))
        if len(sent) == 1:
            raise botocore.exceptions.ConnectionClosedError(endpoint_url=request.url)
        return answer

    monkeypatch.setattr(client._endpoint.http_session, "send", send)
    return sent


def request(number: str | None, method: str = "POST") -> dict[str, Any]:
    numbered = {"HTTP_AMZ_SDK_INVOCATION_ID": number} if number else {}
    return {"REQUEST_METHOD": method, **numbered}


class Service:
    """Counts what it carries out; answers with the given statuses, then with the last one."""

    def __init__(self, *statuses: str) -> None:
        self.statuses = list(statuses)
        self.carried_out = 0

    def __call__(self, _environ: dict[str, Any], start_response: Respond) -> Iterable[bytes]:
        self.carried_out += 1
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        start_response(status, [])
        return [str(self.carried_out).encode()]


def ask(application: Any, environ: dict[str, Any]) -> str:
    return b"".join(application(environ, lambda *_: None)).decode()


def test_one_invocation_is_carried_out_once() -> None:
    service = Service("200 OK")
    application = answer_again(service)
    assert [ask(application, request("a")) for _ in range(3)] == ["1"] * 3
    assert ask(application, request("b")) == "2"


def test_a_failed_one_is_tried_again() -> None:
    service = Service("500 Oh", "200 OK")
    application = answer_again(service)
    assert [ask(application, request("a")) for _ in range(3)] == ["1", "2", "2"]


@pytest.mark.parametrize("environ", [request(None), request("a", "PUT")], ids=["without a number", "objects"])
def test_others_are_passed_on(environ: dict[str, Any]) -> None:
    application = answer_again(Service("200 OK"))
    assert [ask(application, environ) for _ in range(2)] == ["1", "2"]


def test_one_that_is_still_carried_out_is_waited_for() -> None:
    going_on, inside = threading.Event(), threading.Event()

    def service(_environ: dict[str, Any], start_response: Respond) -> Iterable[bytes]:
        assert not inside.is_set(), "carried out twice"
        inside.set()
        assert going_on.wait(20)
        start_response("200 OK", [])
        return [b"done"]

    application = answer_again(service)
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(application, request("a")))) for _ in range(2)]
    threads[0].start()
    assert inside.wait(20)
    threads[1].start()
    going_on.set()
    for thread in threads:
        thread.join(20)
    assert answers == ["done"] * 2


def test_memory_is_bounded() -> None:
    service = Service("200 OK")
    application = answer_again(service)
    for number in range(1000):
        ask(application, request(str(number)))
    assert ask(application, request("0")) == "1001"
