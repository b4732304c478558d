"""What the commands that list things share: how many, since when, and one line after another."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gluepipe.commands import output as show

if TYPE_CHECKING:
    from gluepipe.operations.logs import LogLine

Command = TypeVar("Command", bound=Callable[..., Any])

PERIOD = timedelta(days=7)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)  # logs know no time before 1970
METRICS = "_aws"  # member of the lines that CloudWatch makes metrics of
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def limit_option(command: Command) -> Command:
    """Add --limit; the command gets None where every one is asked for."""
    option = click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=20,
        show_default=True,
        metavar="N",
        callback=lambda _context, _parameter, value: value or None,
        help="Stop after so many; 0 for all.",
    )
    return option(command)


def since_option(command: Command) -> Command:
    """Add --since; the command gets the moment in UTC, or None."""
    help_text = "Only since then: 30m, 6h, 2d, or a date or time in UTC such as 2026-11-25T08:00."
    return click.option("--since", metavar="WHEN", callback=_moment, help=help_text)(command)


def period(since: datetime | None) -> tuple[datetime, datetime]:
    """From then, or from 7 days ago, until now; refuses what is not in the past."""
    now = datetime.now(UTC)
    begin = since or now - PERIOD
    if begin >= now:
        raise click.BadParameter(f"{begin:%Y-%m-%d %H:%M} UTC is not in the past.", param_hint="--since")
    return begin, now


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        if ago := re.fullmatch(r"(\d+)([mhd])", value):
            return max(datetime.now(UTC) - int(ago[1]) * UNITS[ago[2]], EARLIEST)
        moment = datetime.fromisoformat(value)
    except OverflowError:
        return EARLIEST
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither an age such as 6h nor a date such as 2026-11-25.") from None
    return max(moment if moment.tzinfo else moment.replace(tzinfo=UTC), EARLIEST)


def clock(moment: datetime | str) -> str:
    """A moment as people read it, in UTC; text is ISO 8601."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def json_array(documents: Iterable[Any]) -> None:
    """Print a JSON array, one element a line, each as soon as it is there."""
    separator = "["
    for document in documents:
        show.data(f"{separator}{_one_line(document)}")
        separator = ","
    show.data("]" if separator == "," else "[]")


def json_line(document: Any) -> None:
    """Print one JSON document on one line."""
    show.data(_one_line(document))


def log_line(line: "LogLine") -> None:
    """Print a log line for people: when, who, how bad, what, and about which file. Metrics are not for people."""
    if METRICS in line.fields:
        return
    about = str(line.fields.get("source_file", ""))
    parts = [clock(line.time), f"{line.source:<10}", f"{line.level:<7}", line.message, about]
    show.data(" ".join(parts).rstrip())


def _one_line(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, default=str)
