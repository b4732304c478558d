"""A checkout: its root folder and its settings."""

import atexit
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gluepipe import settings as settings_file
from gluepipe.errors import UsageProblem
from gluepipe.settings import Settings

ROOT_VARIABLE = "GLUEPIPE_PROJECT"


@dataclass(frozen=True)
class Project:
    """The root folder (the one that holds gluepipe.toml) and what the file says.

    `emulator` is set where a tree of an earlier commit uses the emulated accounts of the checkout it came from.
    """

    root: Path
    settings: Settings
    emulator: Path | None = None

    @property
    def state_folder(self) -> Path:
        """Ignored folder for what this machine keeps: emulator state, staged roots, generated configuration."""
        return self.root / ".gluepipe"

    def plan_file(self, name: str) -> Path:
        """Where this process keeps a plan until it ends; no other command's plan can take its place."""
        folder = self.state_folder / "plans"
        # A plan holds every value it was made from.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{name}-{os.getpid()}.tfplan"
        atexit.register(file.unlink, missing_ok=True)
        return file

    @property
    def emulator_folder(self) -> Path:
        """Where the emulated accounts keep their state."""
        return self.emulator or self.state_folder / "emulator"


def load(start: Path | None = None, environ: Mapping[str, str] = os.environ) -> Project:
    """Open the project. Precedence: `start` (--project), then GLUEPIPE_PROJECT, then the folders upward from here.

    Raises UsageProblem when no gluepipe.toml is found, SettingsError when it cannot be used.
    """
    named = start or (Path(environ[ROOT_VARIABLE]) if environ.get(ROOT_VARIABLE) else None)
    root = _named_root(named) if named else _root_above(Path.cwd())
    return Project(root, settings_file.load(root / settings_file.FILE_NAME))


def _named_root(folder: Path) -> Path:
    if not (folder / settings_file.FILE_NAME).is_file():
        fix = f"Point --project or {ROOT_VARIABLE} at the folder that holds it."
        raise UsageProblem(f"No {settings_file.FILE_NAME} in {folder}.", fix)
    return folder.resolve()


def _root_above(folder: Path) -> Path:
    for candidate in (folder, *folder.parents):
        if (candidate / settings_file.FILE_NAME).is_file():
            return candidate
    fix = f"Run gluepipe inside a checkout, or point --project or {ROOT_VARIABLE} at one."
    raise UsageProblem(f"No {settings_file.FILE_NAME} in {folder} or above it.", fix)
