"""CloudWatch Logs: which streams are looked through."""

from __future__ import annotations

from moto.logs.responses import LogsResponse

from gluepipe.emulator.gaps.patching import replaces

_NO_STREAM = [""]


def filter_by_stream_prefix() -> None:
    """moto looks through all streams of a group, whatever their names are asked to begin with."""
    answering = LogsResponse.filter_log_events

    @replaces(LogsResponse)
    def filter_log_events(self: LogsResponse) -> str:
        given = self._get_param
        prefix, group = given("logStreamNamePrefix"), self.logs_backend.groups.get(given("logGroupName"))
        if prefix and group:
            names = [name for name in list(group.streams) if name.startswith(prefix)] or _NO_STREAM
            self._get_param = lambda name, default=None: names if name == "logStreamNames" else given(name, default)
        answer: str = answering(self)
        return answer
