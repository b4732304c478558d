"""The parts of an ARN."""

from __future__ import annotations

from typing import NamedTuple


class Arn(NamedTuple):
    """`arn:aws:{service}:{region}:{account_id}:{name}`; some services leave region and account empty."""

    service: str
    region: str
    account_id: str
    name: str

    @classmethod
    def of(cls, text: str) -> Arn:
        """Take an ARN apart; raises ValueError where it is none."""
        _, _, service, region, account_id, name = text.split(":", 5)
        return cls(service, region, account_id, name)
