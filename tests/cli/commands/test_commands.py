"""The command line as people meet it: help, mistakes, exit codes."""

import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from click.testing import CliRunner

from gluepipe.commands import cli
from gluepipe.errors import GluePipeError
from gluepipe.project import Project


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(arguments))
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command(flag: str) -> None:
    code, out, _ = run(flag)
    assert code == 0
    for name in cli.list_commands(click.Context(cli)):
        assert f"  {name} " in out


@pytest.mark.parametrize("group", [[], ["emulator"], ["pipeline"], ["quarantine"]])
def test_a_group_by_itself_answers_with_its_help(group: list[str]) -> None:
    code, out, err = run(*group)
    assert (code, out) == (2, "")
    assert err == run(*group, "--help")[1]
    assert "..." not in err.replace("COMMAND [ARGS]...", "")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nsys.argv = ['gluepipe', '--help']\n"
        "from gluepipe.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'boto3', 'rich', 'pyarrow', 'moto', 'pyspark', 'python_terraform'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0, ran.stderr


def test_version() -> None:
    assert run("--version")[:2] == (0, "gluepipe 0.1.0\n")


def only_line(stderr: str) -> str:
    lines = stderr.splitlines()
    assert len(lines) == 1, stderr
    return lines[0]


def test_a_mistyped_command_is_answered_with_the_right_one(project: Project) -> None:
    code, out, err = run("uplaod", "dev")
    assert (code, out) == (2, "")
    assert "'upload'" in only_line(err)


def test_a_wrong_option_is_one_line(project: Project) -> None:
    code, _, err = run("plan", "dev", "--detailed")
    assert code == 2
    assert "--detailed-exitcode" in only_line(err)
    assert "gluepipe plan --help" in err


def test_a_wrong_environment_is_one_line(project: Project) -> None:
    for command in (["plan", "dve"], ["apply", "dve"], ["destroy", "dve"], ["output", "dve"]):
        code, _, err = run(*command)
        assert code == 2
        assert only_line(err) == 'Error: No environment "dve" in gluepipe.toml. Did you mean "dev"?'


def test_a_missing_file_is_one_line(project: Project) -> None:
    code, _, err = run("upload", "dev", "nothing.csv")
    assert code == 2
    assert only_line(err) == "Error: nothing.csv does not exist."


def test_a_folder_or_an_unknown_suffix_is_refused_before_anything_is_uploaded(project: Project) -> None:
    (project.root / "sheet.xlsx").touch()
    (project.root / "folder.csv").mkdir()
    assert "is a folder" in only_line(run("upload", "dev", "folder.csv")[2])
    code, _, err = run("upload", "dev", "sheet.xlsx")
    assert code == 2
    assert "would be ignored for its suffix" in only_line(err)


def test_a_broken_settings_file_is_one_line(project: Project) -> None:
    (project.root / "gluepipe.toml").write_text("project = \n")
    code, _, err = run("plan", "dev")
    assert code == 2
    assert "gluepipe.toml is not valid TOML" in only_line(err)


def test_outside_a_project_it_says_where_to_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run("plan", "dev")
    assert code == 2
    assert "No gluepipe.toml in" in only_line(err)


def test_the_project_is_found_from_a_folder_inside_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = project.root / "terraform" / "dev"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert 'No environment "x"' in run("plan", "x")[2]


def test_the_project_option_wins_over_the_variable(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLUEPIPE_PROJECT", str(tmp_path))
    assert 'No environment "x"' in run("--project", str(project.root), "plan", "x")[2]


def test_an_upload_without_an_emulator_says_how_to_start_it(project: Project) -> None:
    (project.root / "orders.csv").write_text("a\n1\n")
    code, _, err = run("upload", "dev", "orders.csv")
    assert code == 1
    assert "gluepipe emulator up" in only_line(err)


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (GluePipeError("It broke.", "Mend it."), 1, "Error: It broke. Mend it.\n"),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (PermissionError(13, "Permission denied", "dist"), 1, "Error: dist: Permission denied.\n"),
        (OSError(28, "No space left on device"), 1, "Error: No space left on device.\n"),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            1,
            "Error: AWS cannot be reached: Could not connect to the",
        ),
        (ProfileNotFound(profile="x"), 1, "Error: AWS does not accept these credentials: The config profile (x)"),
        (
            ClientError({"Error": {"Code": "ExpiredToken", "Message": "The token has expired."}}, "GetObject"),
            1,
            "The token has expired. Configure credentials (AWS_PROFILE, `aws sso login`, ...) and try again.",
        ),
        (S3UploadFailedError("Failed to upload a.csv: AccessDenied"), 1, "Error: AWS: Failed to upload a.csv: Acc"),
    ],
)
def test_failures_become_words_and_an_exit_code(
    project: Project, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, said: str
) -> None:
    def fail(_root: Path) -> None:
        raise raised

    monkeypatch.setattr("gluepipe.deployment.package.build", fail)
    result = run("package")
    assert result[0] == code
    assert said in result[2]


def test_a_defect_of_ours_keeps_its_traceback(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gluepipe.deployment.package.build", lambda _root: 1 / 0)
    assert isinstance(CliRunner().invoke(cli, ["package"]).exception, ZeroDivisionError)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_program(shell: str) -> None:
    code, out, _ = run("completion", shell)
    assert code == 0
    assert "_GLUEPIPE_COMPLETE" in out


def test_completion_offers_the_environments_of_the_project(project: Project) -> None:
    typed = {"_GLUEPIPE_COMPLETE": "bash_complete", "COMP_WORDS": "gluepipe plan ", "COMP_CWORD": "2"}
    result = CliRunner().invoke(cli, prog_name="gluepipe", env=typed)
    assert result.stdout.splitlines() == ["plain,dev", "plain,prod"]


def test_a_program_started_without_its_streams_ends_as_it_should(project: Project) -> None:
    command = f"{shlex.quote(sys.executable)} -m gluepipe emulator status"
    for closed in ("<&-", ">&-", "2>&-", ">&- 2>&-"):
        ran = subprocess.run(["sh", "-c", f"{command} {closed}"], capture_output=True, text=True, timeout=60)
        assert (ran.returncode, ran.stderr) == (1, ""), closed
