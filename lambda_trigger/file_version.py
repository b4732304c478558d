"""A file version: one object as it was at one upload, with the names everything else is derived from."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

ORDER_LENGTH = 32
LONGEST_DATASET = 100


@dataclass(frozen=True)
class FileVersion:
    """One version of one object; `key` is decoded, `order` sorts as the versions of the key do."""

    bucket: str
    key: str
    version_id: str | None
    etag: str
    sequencer: str
    size: int
    order: str

    @cached_property
    def file_id(self) -> str:
        return file_id(self.bucket, self.key, self.version_id or f"{self.etag}:{self.sequencer}")

    @cached_property
    def key_id(self) -> str:
        return key_id(self.bucket, self.key)

    @property
    def source_file(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def dataset(self) -> str:
        return dataset_name(self.key)


def file_id(bucket: str, key: str, version: str) -> str:
    """The identity of a file version: 16 hex digits."""
    return _digest(bucket, key, version)


def key_id(bucket: str, key: str) -> str:
    """The ledger key of the item that knows which version of `key` is the newest."""
    return "key#" + _digest(bucket, key)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def version_id_of(said: str) -> str | None:
    """A version id as S3 says it; None where it says that the key is not versioned: "null", or nothing."""
    return None if said in ("", "null") else said


def dataset_name(key: str) -> str:
    """The dataset of a decoded key: its first folder as `[a-z_][a-z0-9_]*`, or `default` without one."""
    folder, slash, _ = key.partition("/")
    if not slash or not folder.strip():
        return "default"
    ascii_text = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_text).strip("_")
    if not name or len(name) > LONGEST_DATASET:
        # Folders that share no readable name, or only its beginning, must not share a table.
        return f"{name[:LONGEST_DATASET] or 'dataset'}_{_digest(folder)[:8]}"
    return name if name[0].isalpha() else f"dataset_{name}"


def order_of(sequencer: str, event_time: datetime) -> str:
    """Text that sorts as the versions of one key do.

    S3 compares sequencers as hexadecimal text, the shorter one padded with zeros on the right. They begin with the
    seconds since 1970, so a time written the same way stands at the right place among them.
    """
    if sequencer:
        return sequencer.upper().ljust(ORDER_LENGTH, "0")
    seconds, fraction = divmod(event_time.timestamp(), 1)
    return f"{int(seconds):010X}{int(fraction * 2**32):08X}".ljust(ORDER_LENGTH, "0")


def second_of(order: str) -> str:
    """The part of an order that tells the second of the upload."""
    return order[:10]
