"""The background process: moto's threaded server on a free loopback port, and everything that runs beside it."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from gluepipe.emulator import constraints, endpoint, gaps, repeats
from gluepipe.emulator.alarms import Alarms
from gluepipe.emulator.deliveries import Deliveries
from gluepipe.emulator.endpoint import Emulator
from gluepipe.emulator.event_sources import EventSources
from gluepipe.emulator.faults import Fault, Faults
from gluepipe.emulator.functions import Functions
from gluepipe.emulator.gaps import connections
from gluepipe.emulator.iam import enforcement
from gluepipe.emulator.job_runs import JobRuns
from gluepipe.emulator.requests import WsgiApp
from gluepipe.emulator.role_credentials import RoleRefusedError, role_environment
from gluepipe.emulator.schedules import Schedules
from gluepipe.emulator.targets import Targets

HOST = "127.0.0.1"
WATCH_SECONDS = 2.0
ADMINISTRATOR = "administrator"
ALL = {"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}

log = logging.getLogger(__name__)


def serve(state_dir: Path, accounts: dict[str, str], region: str) -> None:
    """Serve until stopped over HTTP, by a signal, or because the record in `state_dir` is no longer ours."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    token = secrets.token_urlsafe(16)
    stopping = threading.Event()
    faults = Faults()
    server = listen(token, stopping, faults)
    url = f"http://{HOST}:{server.server_port}"
    services = start_services(url, state_dir / "work", stopping, faults)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    emulator = _record(url, token, accounts, region, state_dir)
    endpoint.write(state_dir, emulator)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    _say_ready()
    log.info("Emulating accounts %s in %s at %s", ", ".join(accounts.values()), region, url)
    while not stopping.wait(WATCH_SECONDS):
        if endpoint.read(state_dir) != emulator:
            log.info("The record in %s is gone: stopping", state_dir)
            stopping.set()
    server.shutdown()
    for service in services:
        service.close()
    os._exit(0)  # requests may still be waiting for messages; nothing of them is worth keeping


def listen(token: str, stopping: threading.Event, faults: Faults) -> BaseWSGIServer:
    """Bind moto's application, with all that stands before it, to a port that the system chooses."""
    application = connections.serve_before(DomainDispatcherApplication(create_backend_app))
    application = enforcement.guard(constraints.guard(repeats.answer_again(application)))
    return make_server(
        HOST, 0, _with_control(application, token, stopping, faults), threaded=True, request_handler=MotoRequestHandler
    )


def start_services(
    url: str, work_dir: Path, stopping: threading.Event, faults: Faults
) -> list[Functions | JobRuns | Deliveries]:
    """Correct moto and start what runs deployed code; return the parts that own child processes."""
    work_dir.mkdir(parents=True, exist_ok=True)
    functions = Functions(url, work_dir / "functions", faults)
    targets = Targets(functions)
    job_runs = JobRuns(url, work_dir / "runs", targets)
    deliveries = Deliveries(url, work_dir / "builds", work_dir.parent)
    gaps.fill(functions, job_runs, targets, deliveries)
    EventSources(functions, stopping).start()
    Schedules(targets, stopping).start()
    Alarms(targets, stopping).start()
    return [functions, job_runs, deliveries]


def _record(url: str, token: str, accounts: dict[str, str], region: str, state_dir: Path) -> Emulator:
    return Emulator(
        url=url,
        pid=os.getpid(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        token=token,
        region=region,
        accounts=accounts,
        log_path=str(state_dir / endpoint.LOG),
        administrators={account_id: _administrator(account_id) for account_id in accounts.values()},
    )


def _administrator(account_id: str) -> list[str]:
    """Make the user that an account begins with; return access key id and secret."""
    iam = iam_backends[account_id]["aws"]
    iam.create_user("us-east-1", ADMINISTRATOR)
    iam.put_user_policy(ADMINISTRATOR, "all", json.dumps(ALL))
    key = iam.create_access_key(ADMINISTRATOR)
    return [key.access_key_id, key.secret_access_key]


def _with_control(application: WsgiApp, token: str, stopping: threading.Event, faults: Faults) -> WsgiApp:
    header = "HTTP_" + endpoint.TOKEN_HEADER.upper().replace("-", "_")

    def stop(_environ: dict[str, Any]) -> str:
        stopping.set()
        return token

    def ask_for_fault(environ: dict[str, Any]) -> str:
        faults.ask(Fault.from_query(environ.get("QUERY_STRING", "")))
        return token

    controls: dict[str, Callable[[dict[str, Any]], str]] = {
        endpoint.IDENTITY_PATH: lambda _environ: token,
        endpoint.STOP_PATH: stop,
        endpoint.FAULTS_PATH: ask_for_fault,
        endpoint.PERMISSIONS_PATH: lambda _environ: json.dumps(enforcement.journal.entries()),
        endpoint.CREDENTIALS_PATH: _credentials,
    }

    def controlled(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        control = controls.get(environ.get("PATH_INFO", ""))
        if control is None:
            return application(environ, start_response)
        if not secrets.compare_digest(environ.get(header, ""), token):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return []
        answer = control(environ).encode()
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    return controlled


def _credentials(environ: dict[str, Any]) -> str:
    """Let a service that runs outside, such as a build, take the role that it is given; empty if it may not."""
    asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    url = f"http://{environ['HTTP_HOST']}"
    try:
        taken = role_environment(
            asked["role"], asked["session"], asked["region"], url, asked["service"], asked["source"]
        )
    except RoleRefusedError:
        return "{}"
    return json.dumps(taken)


def _say_ready() -> None:
    """Tell the starter that the record is written, then let go of its pipe."""
    os.write(sys.stdout.fileno(), endpoint.READY)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
