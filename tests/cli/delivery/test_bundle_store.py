from pathlib import Path

import pytest

from gluepipe.delivery import bundle_store
from gluepipe.deployment import package
from gluepipe.errors import GluePipeError
from tests.cli.delivery.world import World


def test_the_same_bytes_come_back_elsewhere(world: World, tmp_path: Path) -> None:
    bundles = package.build(world.project.root)
    for kind, bundle in (("trigger", bundles.trigger), ("job", bundles.job)):
        bundle_store.keep(world.store("dev"), kind, bundle, world.project.root)
        bundle_store.copy(world.store("dev"), world.store("prod"), kind, bundle.digest)
        assert bundle_store.restore(world.store("prod"), kind, bundle.digest, tmp_path) == bundle
    for built in (world.project.root / "dist").rglob("*.zip"):
        assert (tmp_path / built.relative_to(world.project.root)).read_bytes() == built.read_bytes()


def test_a_bundle_is_kept_once(world: World) -> None:
    store, bundle = world.store("dev"), package.build(world.project.root).job
    bundle_store.keep(store, "job", bundle, world.project.root)
    key = f"bundles/job/{bundle.digest}/file_processor.py"
    store.write(key, b"as it was")
    bundle_store.keep(store, "job", bundle, world.project.root)
    assert store.read(key) == b"as it was"


def test_a_tampered_bundle_is_refused(world: World, tmp_path: Path) -> None:
    store, bundle = world.store("dev"), package.build(world.project.root).job
    bundle_store.keep(store, "job", bundle, world.project.root)
    store.write(f"bundles/job/{bundle.digest}/file_processor.py", b"import evil")
    with pytest.raises(GluePipeError, match="was tampered with"):
        bundle_store.restore(store, "job", bundle.digest, tmp_path / "tree")
    with pytest.raises(GluePipeError, match="was tampered with"):
        bundle_store.copy(store, world.store("prod"), "job", bundle.digest)
    assert not (tmp_path / "tree").exists()
    assert world.store("prod").keys("bundles/") == []


def test_a_bundle_that_was_never_kept_is_named(world: World, tmp_path: Path) -> None:
    with pytest.raises(GluePipeError, match="job bundle 0123456789abcdef is not in s3://gluepipe-dev-state"):
        bundle_store.restore(world.store("dev"), "job", "0123456789abcdef", tmp_path)
