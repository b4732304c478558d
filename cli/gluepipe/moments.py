"""Moments in time as text: in records, and for people."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second, as records hold it; such text sorts by time."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def clock(moment: datetime | str) -> str:
    """A moment as people read it, in UTC; text is ISO 8601."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
