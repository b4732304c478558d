from __future__ import annotations

import time

from tests.cli.emulator.account import Account


def test_only_streams_whose_names_begin_as_asked_are_looked_through(account: Account) -> None:
    logs, now = account.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName="runs")
    for stream in ("jr_1a", "jr_1b", "jr_2"):
        logs.create_log_stream(logGroupName="runs", logStreamName=stream)
        logs.put_log_events(
            logGroupName="runs", logStreamName=stream, logEvents=[{"timestamp": now, "message": f"of {stream}"}]
        )

    def said(**asked: str) -> list[str]:
        return sorted(event["message"] for event in logs.filter_log_events(logGroupName="runs", **asked)["events"])

    assert said(logStreamNamePrefix="jr_1") == ["of jr_1a", "of jr_1b"]
    assert said(logStreamNamePrefix="jr_3") == []
    assert len(said()) == 3
