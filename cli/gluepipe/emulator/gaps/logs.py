"""CloudWatch Logs: which streams are looked through, and which keys may encrypt a group."""

from __future__ import annotations

from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse

from gluepipe.emulator.gaps.patching import replaces
from gluepipe.emulator.iam import enforcement

_NO_STREAM = [""]
_ENCRYPTING = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")


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


def ask_the_key() -> None:
    """moto makes a log group with any key, whatever the key's policy says of CloudWatch Logs and that group."""
    making = LogsBackend.create_log_group

    @replaces(LogsBackend)
    def create_log_group(self: LogsBackend, log_group_name: str, tags: dict[str, str], **kwargs: Any) -> LogGroup:
        arn = f"arn:aws:logs:{self.region_name}:{self.account_id}:log-group:{log_group_name}"
        service, about = f"logs.{self.region_name}.amazonaws.com", {"kms:EncryptionContext:aws:logs:arn": arn}
        key = kwargs.get("kmsKeyId")
        if key and not all(enforcement.service_may(service, action, key, about=about) for action in _ENCRYPTING):
            message = f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'"
            raise InvalidParameterException(message)
        group: LogGroup = making(self, log_group_name, tags, **kwargs)
        return group
