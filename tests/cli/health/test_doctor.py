import json

import pytest
from click.testing import CliRunner

from gluepipe import java
from gluepipe.commands import cli
from gluepipe.errors import GluePipeError
from gluepipe.project import Project
from gluepipe.terraform import binary


def findings(*expected_missing: str) -> dict[str, dict[str, str]]:
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    found = {entry["name"]: entry for entry in json.loads(result.stdout)}
    assert [name for name, entry in found.items() if entry["level"] == "missing"] == list(expected_missing)
    assert result.exit_code == (1 if expected_missing else 0)
    return found


def test_a_machine_with_everything_is_fine(project: Project) -> None:
    found = findings()
    assert list(found) == ["python", "terraform", "aws provider", "java", "settings", "emulator"]
    assert found["emulator"]["level"] == "warning"
    assert found["emulator"]["detail"] == "not running"


def test_what_is_missing_is_named_with_the_repair(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_java() -> java.Java:
        raise GluePipeError("Java 17 is needed.", "Install it.")

    monkeypatch.setattr(java, "find", no_java)
    assert findings("java")["java"]["fix"] == "Install it."
    result = CliRunner().invoke(cli, ["doctor"])
    assert "java: Install it." in result.stderr
    assert result.exit_code == 1


def test_a_broken_settings_file_is_one_of_the_findings(project: Project) -> None:
    (project.root / "gluepipe.toml").write_text("projekt = 1\n")
    assert "projekt: unknown key" in findings("settings")["settings"]["detail"]


def test_where_nothing_is_on_path_the_bundled_ones_are_found(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project.root))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert binary.find().origin == "bundled"
    found = java.find()
    assert (found.origin, found.version.split(".")[0]) == ("bundled", "17")
