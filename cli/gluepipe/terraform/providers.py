"""Finds where Terraform can get its providers without a registry, and writes the CLI configuration that says so."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from gluepipe import private_file
from gluepipe.errors import UsageProblem

MIRROR_VARIABLE = "GLUEPIPE_PROVIDER_MIRROR"
CONFIG_VARIABLE = "TF_CLI_CONFIG_FILE"
REGISTRY_HOST = "registry.terraform.io"
AWS_PROVIDER = f"{REGISTRY_HOST}/hashicorp/aws"
# Where add-on software stands by the Filesystem Hierarchy Standard; mirrors are looked for up to two levels down.
VENDOR_PREFIX = Path(os.sep, "opt")


def find_mirror(environ: Mapping[str, str], vendor_prefix: Path = VENDOR_PREFIX) -> Path | None:
    """Return a folder that holds the AWS provider, or None: Terraform then asks the registry.

    Precedence: GLUEPIPE_PROVIDER_MIRROR, Terraform's implied mirror folders, the vendor prefix. Raises UsageProblem
    when GLUEPIPE_PROVIDER_MIRROR names a folder without the provider.
    """
    named = environ.get(MIRROR_VARIABLE)
    if named:
        if not _holds_provider(Path(named)):
            fix = f"Point it at a folder that holds {AWS_PROVIDER}/, or unset it."
            raise UsageProblem(f"{MIRROR_VARIABLE}={named} holds no AWS provider.", fix)
        return Path(named).absolute()
    candidates = [*_implied_mirrors(environ), *_vendor_folders(vendor_prefix)]
    return next((folder for folder in candidates if _holds_provider(folder)), None)


def write_cli_config(path: Path, environ: Mapping[str, str], mirror: Path | None) -> None:
    """Write a CLI configuration: the person's own, plus the mirror unless theirs says where to install from."""
    own = _own_config(environ)
    parts = [own] if own else []
    if mirror and "provider_installation" not in own:
        parts.append(_installation(mirror))
    path.parent.mkdir(parents=True, exist_ok=True)
    private_file.write(path, "\n".join(parts).encode())  # the person's own may hold tokens of registries


def _installation(mirror: Path) -> str:
    quoted = str(mirror).replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${")
    mirrored = ", ".join(f'"{address}"' for address in _addresses(mirror))
    return f"""provider_installation {{
  filesystem_mirror {{
    path    = "{quoted}"
    include = [{mirrored}]
  }}
  direct {{
    exclude = [{mirrored}]
  }}
}}
"""


def _addresses(mirror: Path) -> list[str]:
    return sorted(
        f"{REGISTRY_HOST}/{provider.parent.name}/{provider.name}"
        for provider in (mirror / REGISTRY_HOST).glob("*/*")
        if provider.is_dir()
    )


def _holds_provider(folder: Path) -> bool:
    try:
        return any((folder / AWS_PROVIDER).iterdir())
    except OSError:
        return False


def _implied_mirrors(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME") or Path.home())
    yield home / ".terraform.d" / "plugins"
    yield Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "terraform" / "plugins"
    for folder in (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        yield Path(folder) / "terraform" / "plugins"


def _vendor_folders(prefix: Path) -> Iterator[Path]:
    for pattern in ("*", "*/*"):
        yield from sorted(prefix.glob(pattern))


def _own_config(environ: Mapping[str, str]) -> str:
    home = Path(environ.get("HOME") or Path.home())
    path = Path(environ.get(CONFIG_VARIABLE) or home / ".terraformrc")
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
