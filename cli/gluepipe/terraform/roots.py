"""Terraform's root folders: the backend and variable files each one gets, and Terraform ready to run in it."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gluepipe.console import Show, to_stdout
from gluepipe.errors import UsageProblem
from gluepipe.names import Role
from gluepipe.project import Project
from gluepipe.settings import Account, Target
from gluepipe.terraform import checkout_lock
from gluepipe.terraform.runner import Terraform, write_variables
from gluepipe.terraform.toolchain import Toolchain

BACKEND_FILE = "backend.hcl"
VARIABLES_FILE = "gluepipe.auto.tfvars.json"
DECLARATION = re.compile(r'^variable\s+"([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Root:
    """One folder under `terraform/`: one state, in the state bucket of `account`.

    `values` are offered; the folder takes those that it declares as variables. `role` is what Terraform acts as, None
    only where the account's roles may not exist yet. `unlock` is the command that releases the state's lock `{id}`.
    """

    name: str
    account: Account
    state_key: str
    values: Mapping[str, Any]
    unlock: str
    role: Role | None = Role.DEPLOY


def write_files(project: Project, root: Root) -> Path:
    """Write the (ignored) backend and variable files of a root; return its folder."""
    folder = project.root / "terraform" / root.name
    if not any(folder.glob("*.tf")):
        fix = "Copy another environment's folder there and set its values in terraform.tfvars."
        raise UsageProblem(f"There is no Terraform configuration in terraform/{root.name}.", fix)
    (folder / BACKEND_FILE).write_text(_backend(project, root), encoding="utf-8")
    declared = set(DECLARATION.findall("\n".join(_texts(folder.glob("*.tf")))))
    values = {**_common_values(project, root), **root.values}
    write_variables(folder / VARIABLES_FILE, {name: values[name] for name in sorted(declared & set(values))})
    return folder


def prepare(project: Project, root: Root, toolchain: Toolchain, show: Show = to_stdout) -> Terraform:
    """Write a root's files, run `terraform init` where something changed, and return Terraform for it."""
    with checkout_lock.held(project):
        terraform = Terraform(
            command=toolchain.binary.command,
            folder=configure(project, root),
            environment=toolchain.environment,
            lock_timeout=project.settings.lock_timeout,
            unlock=root.unlock,
            show=show,
        )
        _init(project, root, terraform, toolchain)
    return terraform


def configure(project: Project, root: Root) -> Path:
    """Write a root's files; return the folder to run Terraform in, a staged copy where the accounts are emulated."""
    folder = write_files(project, root)
    return _staged(project, root) if project.settings.target is Target.EMULATOR else folder


def _staged(project: Project, root: Root) -> Path:
    """Copy the configuration to where it is adapted to the emulated accounts; return the copy of the root."""
    from gluepipe.emulator.terraform import stage

    folder = stage(project.root, project.state_folder / "staged").folder / "terraform" / root.name
    (folder / VARIABLES_FILE).chmod(0o600)
    return folder


def _common_values(project: Project, root: Root) -> dict[str, Any]:
    settings = project.settings
    names = settings.account_names(root.account)
    return {
        "project": settings.project,
        "region": settings.region,
        "account": root.account.name,
        "account_id": root.account.id,
        "deploy_role_arn": names.role_arn(root.role) if root.role else None,
        "external_id": names.external_id if root.role else None,
        "state_bucket": names.state_bucket,
        "emulated": settings.target is Target.EMULATOR,
    }


def _backend(project: Project, root: Root) -> str:
    names = project.settings.account_names(root.account)
    lines = [
        f"bucket       = {json.dumps(names.state_bucket)}",
        f"key          = {json.dumps(root.state_key)}",
        f"region       = {json.dumps(project.settings.region)}",
        "use_lockfile = true",
    ]
    if project.settings.target is Target.EMULATOR:
        lines.append("use_path_style = true")
    if root.role:
        role, external_id = json.dumps(names.role_arn(root.role)), json.dumps(names.external_id)
        lines.append(f"assume_role  = {{ role_arn = {role}, external_id = {external_id} }}")
    return "\n".join(lines) + "\n"


def _init(project: Project, root: Root, terraform: Terraform, toolchain: Toolchain) -> None:
    record = project.state_folder / "init" / f"{root.name.replace('/', '-')}.sha256"
    fingerprint = _fingerprint(project, terraform, toolchain)
    initialised = (terraform.folder / ".terraform").is_dir() and record.is_file()
    if initialised and record.read_text(encoding="utf-8") == fingerprint:
        return
    terraform.init(backend_config=terraform.folder / BACKEND_FILE)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(fingerprint, encoding="utf-8")


def _fingerprint(project: Project, terraform: Terraform, toolchain: Toolchain) -> str:
    """Digest of all that `terraform init` looks at."""
    config = Path(toolchain.environment["TF_CLI_CONFIG_FILE"])
    files = [*terraform.folder.glob("*.tf"), *(project.root / "modules").rglob("*.tf"), config]
    seen = [toolchain.binary.version, str(terraform.folder), *_texts(sorted(files))]
    seen += _texts([terraform.folder / BACKEND_FILE])
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _texts(files: Iterable[Path]) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in files]
