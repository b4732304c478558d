"""Make one version of a file the one that the table holds. The protocol and its proof: docs/adr/0004-publish.md.

A file version becomes visible by one atomic write of one object. The item of its key names, at any moment, every object
that may hold rows of that key, so that any later run can finish what a killed one began.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from glue_jobs.items import Item, Items
from glue_jobs.manifest import FileVersion

_MAY_ANNOUNCE = "attribute_not_exists(#newest) OR #newest = :newest OR #order < :order"


class SupersededError(Exception):
    """A newer version of the same key is known; this one has nothing to publish."""


@dataclass(frozen=True)
class KeyState:
    """What the item of a key says.

    `published` is the file_id that the table holds and `outputs` its objects; `announced` are objects that were
    about to become visible when their runs last wrote.
    """

    newest: str | None
    order: str
    published: str | None
    outputs: frozenset[str]
    announced: frozenset[str]

    @classmethod
    def from_item(cls, item: Item) -> KeyState:
        return cls(
            newest=item.get("newest"),
            order=item.get("order", ""),
            published=item.get("published"),
            outputs=frozenset(item.get("outputs", ())),
            announced=frozenset(item.get("announced", ())),
        )

    def supersedes(self, version: FileVersion) -> bool:
        return self.newest not in (None, version.file_id) and self.order >= version.order


class Publisher:
    """Publishes objects of one output bucket, fenced by the key items of the ledger table."""

    def __init__(self, s3: Any, items: Items, bucket: str) -> None:
        self._s3 = s3
        self._items = items
        self._bucket = bucket

    def key_states(self, versions: Iterable[FileVersion]) -> dict[str, KeyState]:
        """The state of the key of every version, by file_id."""
        key_ids = {version.file_id: key_id(version) for version in versions}
        items = self._items.read(key_ids.values())
        return {file_id: KeyState.from_item(items.get(item_id, {})) for file_id, item_id in key_ids.items()}

    def publish(self, version: FileVersion, name: str, make_visible: Callable[[], None]) -> None:
        """Show `name` in place of whatever the key had before.

        Args:
            version: The version that `name` holds the rows of.
            name: The object key of its output.
            make_visible: Writes that object, atomically; harmless when repeated.

        Raises:
            SupersededError: A newer version is known, and this one is not (or no longer) visible.

        """
        state = self._announce(version, name)
        make_visible()
        while True:
            self._delete((state.outputs | state.announced) - {name})
            if self._conclude(version, name, state):
                return
            state = self._state(version)
            if state.newest != version.file_id:
                self._delete({name})
                self._withdraw(version, {name})
                raise SupersededError

    def settle_superseded(self, version: FileVersion, state: KeyState) -> None:
        """Remove what a killed run of a version that is no longer the newest may have left visible."""
        own = {name for name in state.announced if f"/{version.file_id}-" in name}
        if not own:
            return
        # A killed run shows its own object before it deletes the older one. While that one is still there, or when the
        # newest is, ours goes; otherwise ours is all that the key has, and the newest version will replace it.
        if state.published == state.newest or self._all_exist(state.outputs):
            self._delete(own)
            self._withdraw(version, own)

    def _announce(self, version: FileVersion, name: str) -> KeyState:
        """Only the newest version may announce, so whoever announces later sees every name announced before."""
        item = self._items.update(
            key_id(version),
            "SET #newest = :newest, #order = :order ADD #announced :announced",
            condition=_MAY_ANNOUNCE,
            values={"newest": version.file_id, "order": version.order, "announced": {name}},
        )
        if item is None:
            raise SupersededError
        return KeyState.from_item(item)

    def _conclude(self, version: FileVersion, name: str, state: KeyState) -> bool:
        """False when another version was concluded since `state` was read."""
        unchanged = "#published = :before" if state.published else "attribute_not_exists(#published)"
        item = self._items.update(
            key_id(version),
            "SET #published = :published, #outputs = :outputs DELETE #announced :announced",
            condition=f"{unchanged} OR #published = :published",
            values={
                "before": state.published,
                "published": version.file_id,
                "outputs": [name],
                "announced": {name},
            },
        )
        return item is not None

    def _withdraw(self, version: FileVersion, names: set[str]) -> None:
        self._items.update(
            key_id(version),
            "DELETE #announced :announced",
            condition="attribute_exists(#announced)",
            values={"announced": names},
        )

    def _state(self, version: FileVersion) -> KeyState:
        return self.key_states([version])[version.file_id]

    def _delete(self, names: Iterable[str]) -> None:
        if objects := [{"Key": name} for name in sorted(names)]:
            answer = self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
            if errors := answer.get("Errors"):
                raise OSError(f"cannot delete s3://{self._bucket}/{errors[0]['Key']}: {errors[0].get('Message')}")

    def _all_exist(self, names: Iterable[str]) -> bool:
        """True when there is at least one name and none of them is missing."""
        found = []
        for name in names:
            listed = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=name, MaxKeys=1)
            found.append(any(each["Key"] == name for each in listed.get("Contents", ())))
        return bool(found) and all(found)


def key_id(version: FileVersion) -> str:
    """The `file_id` under which the ledger keeps what concerns a key rather than one version of it."""
    digest = hashlib.sha256(json.dumps([version.bucket, version.key]).encode()).hexdigest()
    return f"key#{digest[:16]}"
