"""A file made to break a reader, and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = b"id,name\n"
TABLE = HEADER + b"".join(b"%d,name of %d\n" % (number, number) for number in range(500))


@dataclass(frozen=True)
class HostileFile:
    """What is uploaded under `key`. It may end with one of these reason `codes`; "" stands for loaded, none for any."""

    key: str
    content: bytes
    codes: tuple[str, ...] = ()

    def may_end_with(self, code: str) -> bool:
        """Tell whether this is an outcome that was foreseen."""
        return not self.codes or code in self.codes


LOADED = ("",)
