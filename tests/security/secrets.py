"""Secret-looking texts that stand in the environment of every command, and a look for them everywhere else."""

from __future__ import annotations

import base64
import bz2
import contextlib
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

# Each a text of its own, of the form that people keep in their environment, and none of them real.
PLANTED = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTEDPLANTED01",
    "AWS_SECRET_ACCESS_KEY": "planted+wJalrXUtnFEMI/K7MDENG/bPxRfiCYkey02",
    "AWS_SESSION_TOKEN": "planted//IQoJb3JpZ2luX2VjEXAMPLETOKEN03==",
    "GITHUB_TOKEN": "ghp_planted0000000000000000000000000004",
    "TF_TOKEN_registry_example": "planted.atlasv1.0000000000000000000005",
    "TF_VAR_password": "planted-password-of-a-variable-06",
    "DATABASE_URL": "postgres://someone:planted-pass-07@db.example/table",
    "PIP_INDEX_URL": "https://someone:planted-pass-08@packages.example/simple",
}


def forms(secret: str) -> set[bytes]:
    """Return how a text may be written: plain, in base64, as JSON escapes it."""
    plain = secret.encode()
    encoded = {base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3)}
    return {plain, json.dumps(secret)[1:-1].encode(), *encoded}


FORMS = {name: forms(secret) for name, secret in PLANTED.items()}


def found_in(content: bytes) -> set[str]:
    """Return which secrets some bytes hold, packed ones too, by the variable that they were planted in."""
    parts = [content, *_unpacked(content)]
    return {name for name, written in FORMS.items() if any(form in part for form in written for part in parts)}


def in_files(folder: Path) -> Iterator[tuple[str, set[str]]]:
    """Yield the files below a folder that hold secrets, with their names."""
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and (found := found_in(file.read_bytes())):
            yield str(file.relative_to(folder)), found


def in_arguments(processes: Iterable[psutil.Process]) -> Iterator[tuple[str, set[str]]]:
    """Yield the commands whose arguments hold secrets."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            if found := found_in(command.encode()):
                yield command, found


def _unpacked(content: bytes) -> Iterator[bytes]:
    if content.startswith(b"PK"):
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from map(archive.read, archive.namelist())
    for magic, unpack in ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress)):
        if content.startswith(magic):
            with contextlib.suppress(OSError, EOFError, ValueError):
                yield unpack(content)
