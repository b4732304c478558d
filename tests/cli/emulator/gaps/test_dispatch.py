import pytest
from moto import backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from gluepipe.emulator.gaps import dispatch

HOST = "sqs.eu-central-1.amazonaws.com"


def test_the_service_of_a_host_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    as_it_is = DomainDispatcherApplication.get_backend_for_host
    monkeypatch.setattr(DomainDispatcherApplication, "get_backend_for_host", as_it_is)  # put back afterwards
    dispatch.find_services_once()
    dispatcher = DomainDispatcherApplication(create_backend_app)
    assert dispatcher.get_backend_for_host(HOST) == "sqs"
    monkeypatch.setattr(backends, "list_of_moto_modules", lambda: pytest.fail("looked for again"))
    assert dispatcher.get_backend_for_host(HOST) == "sqs"
