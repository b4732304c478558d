"""CodeStar connections and their new name, CodeConnections: a service that moto does not have at all.

Only what Terraform needs: create, read, list, delete, tag. As on AWS, a new connection waits for a person (`PENDING`).
"""

from __future__ import annotations

import json
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import get_account_id_from
from werkzeug.wrappers import Request, Response

from gluepipe.emulator.requests import WsgiApp

TARGETS = ("CodeStar_connections_20191201", "CodeConnections_20231201")


class ServiceError(Exception):
    """An error that the service answers with; `code` is the name that SDKs know it by."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Connection:
    """A connection as GetConnection describes it, and its tags."""

    description: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Connections:
    """The connections of one account in one region, by ARN."""

    account_id: str
    region: str
    stored: dict[str, Connection] = field(default_factory=dict)

    def create_connection(self, request: dict[str, Any]) -> dict[str, Any]:
        name, prefix = request["ConnectionName"], f"arn:aws:codestar-connections:{self.region}:{self.account_id}"
        if any(connection.description["ConnectionName"] == name for connection in self.stored.values()):
            raise ServiceError("ResourceAlreadyExistsException", f"There is a connection {name} already.")
        arn = f"{prefix}:connection/{uuid.uuid4()}"
        given: dict[str, Any] = {
            key: request[key] for key in ("ConnectionName", "ProviderType", "HostArn") if key in request
        }
        self.stored[arn] = Connection(
            {**given, "ConnectionArn": arn, "OwnerAccountId": self.account_id, "ConnectionStatus": "PENDING"}
        )
        self.tag_resource({"ResourceArn": arn, "Tags": request.get("Tags", [])})
        return {"ConnectionArn": arn, "Tags": request.get("Tags", [])}

    def get_connection(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Connection": self._find(request["ConnectionArn"]).description}

    def list_connections(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Connections": [connection.description for connection in self.stored.values()]}

    def delete_connection(self, request: dict[str, Any]) -> dict[str, Any]:
        self._find(request["ConnectionArn"])
        del self.stored[request["ConnectionArn"]]
        return {}

    def tag_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        tags = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        self._find(request["ResourceArn"]).tags.update(tags)
        return {}

    def untag_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        for key in request["TagKeys"]:
            self._find(request["ResourceArn"]).tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        tags = self._find(request["ResourceArn"]).tags
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _find(self, arn: str) -> Connection:
        if arn not in self.stored:
            raise ServiceError("ResourceNotFoundException", f"There is no connection {arn}.")
        return self.stored[arn]


def serve_before(application: WsgiApp) -> WsgiApp:
    """Answer requests for connections; leave all others to `application`."""
    accounts: dict[tuple[str, str], Connections] = {}
    operations = {_camel(name): name for name in vars(Connections) if not name.startswith("_")}
    locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        service, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
        if not service.endswith(TARGETS):
            return application(environ, start_response)
        request = Request(environ)
        key_id, _, region = _credential(request).split("/")[:3]
        account_id = get_account_id_from(key_id)
        with locks[account_id]:
            connections = accounts.setdefault((account_id, region), Connections(account_id, region))
            answer = _answer(connections, operations.get(operation), request)
        return answer(environ, start_response)

    return serve


def _answer(connections: Connections, method: str | None, request: Request) -> Response:
    if method is None:
        error = {"__type": "UnknownOperationException", "message": "This operation is not emulated."}
        return Response(json.dumps(error), 400, content_type="application/x-amz-json-1.0")
    try:
        result = getattr(connections, method)(json.loads(request.get_data() or b"{}"))
    except ServiceError as failed:
        error = {"__type": failed.code, "message": str(failed)}
        return Response(json.dumps(error), 400, content_type="application/x-amz-json-1.0")
    return Response(json.dumps(result), content_type="application/x-amz-json-1.0")


def _credential(request: Request) -> str:
    return request.headers.get("Authorization", "").partition("Credential=")[2].partition(",")[0]


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
