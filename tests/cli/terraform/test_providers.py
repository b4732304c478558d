import os
from pathlib import Path

import pytest

from gluepipe.errors import UsageProblem
from gluepipe.terraform import providers

AWS = "registry.terraform.io/hashicorp/aws"


def mirror(folder: Path) -> Path:
    (folder / AWS / "5.100.0").mkdir(parents=True)
    return folder


def test_the_named_mirror_wins(tmp_path: Path) -> None:
    home, named = mirror(tmp_path / "home" / ".terraform.d" / "plugins"), mirror(tmp_path / "named")
    environ = {"HOME": str(tmp_path / "home"), "GLUEPIPE_PROVIDER_MIRROR": str(named)}
    assert providers.find_mirror(environ, tmp_path / "none") == named
    del environ["GLUEPIPE_PROVIDER_MIRROR"]
    assert providers.find_mirror(environ, tmp_path / "none") == home


@pytest.mark.parametrize("depth", ["one", "one/two"])
def test_a_mirror_under_the_vendor_prefix_is_found(tmp_path: Path, depth: str) -> None:
    found = mirror(tmp_path / "vendor" / depth)
    environ = {"HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path)}
    assert providers.find_mirror(environ, tmp_path / "vendor") == found


def test_without_any_mirror_the_registry_is_asked(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path)}
    assert providers.find_mirror(environ, tmp_path / "vendor") is None
    providers.write_cli_config(tmp_path / "rc", environ, None)
    assert (tmp_path / "rc").read_text() == ""


def test_a_named_mirror_without_the_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="holds no AWS provider"):
        providers.find_mirror({"GLUEPIPE_PROVIDER_MIRROR": str(tmp_path)})


def test_a_configuration_file_that_does_not_exist_is_survived(tmp_path: Path) -> None:
    found = mirror(tmp_path / "a mirror")
    environ = {"TF_CLI_CONFIG_FILE": str(tmp_path / "missing"), "HOME": os.devnull}
    providers.write_cli_config(tmp_path / "rc", environ, found)
    text = (tmp_path / "rc").read_text()
    assert f'path    = "{found}"' in text
    assert text.count(f'["{AWS}"]') == 2


def test_a_persons_own_configuration_is_kept(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text('plugin_cache_dir = "cache"\n')
    providers.write_cli_config(tmp_path / "rc", {"TF_CLI_CONFIG_FILE": str(own)}, mirror(tmp_path / "m"))
    assert "plugin_cache_dir" in (tmp_path / "rc").read_text()
    assert "filesystem_mirror" in (tmp_path / "rc").read_text()
    own.write_text("provider_installation {\n  direct {}\n}\n")
    providers.write_cli_config(tmp_path / "rc", {"TF_CLI_CONFIG_FILE": str(own)}, tmp_path / "m")
    assert (tmp_path / "rc").read_text() == own.read_text()


def test_a_persons_own_tokens_are_copied_for_their_eyes_only(tmp_path: Path) -> None:
    own, copy = tmp_path / "own", tmp_path / "rc"
    own.write_text('credentials "registry.example" {\n  token = "secret"\n}\n')
    copy.touch(0o644)  # from a version that did not care
    providers.write_cli_config(copy, {"TF_CLI_CONFIG_FILE": str(own)}, None)
    assert "secret" in copy.read_text()
    assert copy.stat().st_mode & 0o077 == 0
