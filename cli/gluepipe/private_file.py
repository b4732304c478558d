"""Files that only their owner may read, from their first byte on."""

import os
from pathlib import Path

OWNER_ONLY = 0o600


def write(path: Path, content: bytes) -> None:
    """Write a file, all of it at once; one that is there already is replaced, whoever could read it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as file:
        file.write(content)
    draft.replace(path)
