from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from lambda_trigger import correlation


def test_every_line_names_the_invocation_and_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASE", "0123456789abcdef")
    written = io.StringIO()
    logger = Logger(service="test-correlation", stream=written)
    for request in ("first", "second"):
        context: Any = SimpleNamespace(aws_request_id=request)
        correlation.begin(logger, context)
        logger.info("done")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["request_id"], line["release"]) for line in lines] == [
        ("first", "0123456789abcdef"),
        ("second", "0123456789abcdef"),
    ]
