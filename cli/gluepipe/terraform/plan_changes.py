"""The changes in a plan, as `terraform show -json` tells them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One entry of `resource_changes` in a plan's JSON."""

    address: str
    type: str
    actions: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    unknown: Mapping[str, Any]
    secret: frozenset[str]

    @property
    def action(self) -> str:
        """`create`, `update`, `replace`, `delete`, or `none` for whatever changes nothing."""
        if {"create", "delete"} <= set(self.actions):
            return "replace"
        return self.actions[0] if self.actions[0] in ("create", "update", "delete") else "none"

    def differences(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield path, old and new value of each setting that changes to a value known now."""
        old, new, unknown = flat(self.before), flat(self.after), flat(self.unknown)
        for path in sorted(old.keys() | new.keys()):
            hidden = any(path == place or path.startswith(f"{place}.") for place, is_so in unknown.items() if is_so)
            if old.get(path) != new.get(path) and not hidden:
                yield path, old.get(path), new.get(path)


def read_change(entry: Mapping[str, Any]) -> Change:
    """Read one entry of `resource_changes`."""
    change = entry["change"]
    secrets = {
        path
        for side in ("before_sensitive", "after_sensitive")
        for path, is_so in flat(change.get(side)).items()
        if is_so
    }
    return Change(
        address=entry["address"],
        type=entry["type"],
        actions=tuple(change["actions"]),
        before=change.get("before") or {},
        after=change.get("after") or {},
        unknown=change.get("after_unknown") or {},
        secret=frozenset(secrets),
    )


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return nested objects and lists as one level of `a.0.b` → value; what is empty is left out."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(str(position), item) for position, item in enumerate(value)]
    else:
        return {path: value} if path else {}
    return {
        place: leaf for name, item in pairs for place, leaf in flat(item, f"{path}.{name}" if path else name).items()
    }
