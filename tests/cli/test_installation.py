"""What an installation that is not this checkout holds."""

import tomllib

from setuptools import find_packages

from tests.places import REPOSITORY


def test_every_folder_of_python_files_is_installed() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    places = [REPOSITORY / place for place in settings["where"]]
    installed = {name for place in places for name in find_packages(place, include=settings["include"])}
    folders = {
        ".".join(file.parent.relative_to(place).parts)
        for place in places
        for pattern in settings["include"]
        for root in place.glob(pattern)
        for file in root.rglob("*.py")
    }
    assert installed == folders
