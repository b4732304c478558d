"""Keeps bundles under their digest in an account's delivery store, so that later deployments use the same bytes."""

from pathlib import Path

from gluepipe.delivery.store import DeliveryStore
from gluepipe.deployment.package import JOB_PACKAGE, JOB_SCRIPT, Bundle, digest, job_bundle, trigger_bundle
from gluepipe.errors import GluePipeError

TRIGGER = "trigger"
JOB = "job"
FILES = {TRIGGER: ("trigger.zip",), JOB: (JOB_SCRIPT, JOB_PACKAGE)}


def keep(store: DeliveryStore, kind: str, bundle: Bundle, root: Path) -> None:
    """Keep a bundle that was built under `root`; one that is kept already is left alone."""
    kept = set(store.keys(_prefix(kind, bundle.digest)))
    for key, file in zip(_keys(kind, bundle.digest), _files(kind, bundle, root), strict=True):
        if key not in kept:
            store.write(key, file.read_bytes())


def restore(store: DeliveryStore, kind: str, name: str, root: Path) -> Bundle:
    """Write the kept bundle of that digest under `root`; raises GluePipeError where its bytes are not what it says."""
    bundle = trigger_bundle(name) if kind == TRIGGER else job_bundle(name)
    for file, content in zip(_files(kind, bundle, root), _verified(store, kind, name), strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return bundle


def copy(source: DeliveryStore, target: DeliveryStore, kind: str, name: str) -> None:
    """Copy a kept bundle to another account; raises GluePipeError where its bytes are not what it says."""
    for key, content in zip(_keys(kind, name), _verified(source, kind, name), strict=True):
        target.write(key, content)


def _verified(store: DeliveryStore, kind: str, name: str) -> list[bytes]:
    parts = [store.read(key) for key in _keys(kind, name)]
    place = f"s3://{store.bucket}/{_prefix(kind, name)}"
    present = [part for part in parts if part is not None]
    if len(present) < len(parts):
        raise GluePipeError(f"The {kind} bundle {name} is not in {place}.", "Apply its release again to keep it.")
    if digest(present) != name:
        fix = "Delete it there and apply its release again; find out who wrote to that bucket."
        raise GluePipeError(f"The {kind} bundle in {place} was tampered with: its digest is {digest(present)}.", fix)
    return present


def _files(kind: str, bundle: Bundle, root: Path) -> list[Path]:
    path = root / bundle.path
    return [path] if kind == TRIGGER else [path / name for name in FILES[kind]]


def _keys(kind: str, name: str) -> list[str]:
    return [_prefix(kind, name) + file for file in FILES[kind]]


def _prefix(kind: str, name: str) -> str:
    return f"bundles/{kind}/{name}/"
