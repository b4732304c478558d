"""Dispatch: which service a request is for."""

from __future__ import annotations

from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from gluepipe.emulator.gaps.patching import replaces


def find_services_once() -> None:
    """moto lists its folders and tries its patterns for every request, under a lock that all of them share."""
    find = DomainDispatcherApplication.get_backend_for_host
    found: dict[str | None, Any] = {}

    @replaces(DomainDispatcherApplication)
    def get_backend_for_host(self: DomainDispatcherApplication, host: str | None) -> Any:
        if host not in found:
            found[host] = find(self, host)
        return found[host]
