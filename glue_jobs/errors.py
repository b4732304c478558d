"""The one way the job refuses a file: a terminal verdict with a code, a message and, where known, a line."""

from __future__ import annotations


class FileRejected(Exception):  # noqa: N818 - a verdict on the file, not a fault of the program
    """The file cannot be loaded, now or on a retry.

    `code` is a stable short word for ledgers and tests (`empty_file`, `unterminated_quote` ...); `message` tells a
    person what is wrong and what to do; `line` is the 1-based physical line where it shows, when there is one.
    """

    def __init__(self, code: str, message: str, line: int | None = None) -> None:
        super().__init__(code, message, line)
        self.code = code
        self.message = message
        self.line = line

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line is not None else ""
        return f"{self.code}{place}: {self.message}"
