"""The words of an alarm's message: what happened, to which files, why, where to look and what to run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

SHOWN = 5
SUBJECT_LENGTH = 99  # SNS takes less than 100
NAME_WIDTH = 9


@dataclass(frozen=True)
class LogPlace:
    """Where to read on: the streams of a log group that a run wrote, or the whole group."""

    region: str
    group: str
    run_id: str | None = None

    @property
    def link(self) -> str:
        """The place in the console, whose addresses are encoded twice, with $ for %."""
        streams = f"$3FlogStreamNameFilter$3D{_twice(self.run_id)}" if self.run_id else ""
        console = f"https://{self.region}.console.aws.amazon.com/cloudwatch/home?region={self.region}"
        return f"{console}#logsV2:log-groups/log-group/{_twice(self.group)}{streams}"


@dataclass(frozen=True)
class Affected:
    """One file that a problem is about; `error` is the last line that its run, or the trigger, wrote of an error."""

    file_id: str
    key: str
    source_file: str
    reason: str
    run_id: str | None
    error: str
    log: LogPlace


@dataclass(frozen=True)
class Problem:
    """Something that somebody has to be told. `look` is the command to begin with, `error` and `log` the last word."""

    environment: str
    name: str
    what: str
    look: str
    files: Sequence[Affected]
    error: str
    log: LogPlace
    replay: str

    @property
    def subject(self) -> str:
        return _line(f"{self.environment}: {self.name}. {self.what}")[:SUBJECT_LENGTH]

    @property
    def text(self) -> str:
        """The whole message; the part about files has a block for each, at most `SHOWN`."""
        blocks = [[self.what]]
        blocks += [list(self._about(file)) for file in self.files[:SHOWN]] or [list(self._about_no_file())]
        if len(self.files) > SHOWN:
            blocks.append([f"And {len(self.files) - SHOWN} more files."])
        blocks.append([_named("Runbook", f"docs/operations.md#{self.name}"), _named("Look", f"gluepipe {self.look}")])
        return "\n\n".join("\n".join(block) for block in blocks)

    def _about(self, file: Affected) -> Iterator[str]:
        yield _named("File", file.source_file)
        yield _named("Reason", file.reason)
        yield _named("Run", file.run_id or "none")
        yield _named("Error", file.error or "none in the log")
        yield _named("Log", file.log.link)
        yield _named("Replay", replay_command(self.environment, file))

    def _about_no_file(self) -> Iterator[str]:
        yield _named("File", "none known")
        yield _named("Error", self.error or "none in the log")
        yield _named("Log", self.log.link)
        yield _named("Replay", f"gluepipe {self.replay}")


def replay_command(environment: str, file: Affected) -> str:
    """The command for one file; a key that cannot be typed goes by its id."""
    return f"gluepipe replay {environment} {shlex.quote(file.key) if file.key.isprintable() else file.file_id}"


def _named(name: str, value: str) -> str:
    return f"{name:<{NAME_WIDTH}} {_line(value)}"


def _line(text: str) -> str:
    """Text on one line, whatever a key or an error holds."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def _twice(text: str) -> str:
    return quote(quote(text, safe=""), safe="").replace("%", "$")
