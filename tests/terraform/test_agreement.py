"""What the functions and the job need is what the configuration gives them."""

import re
from importlib import import_module
from pathlib import Path

from glue_jobs.settings import REQUIRED
from lambda_trigger.config import Config
from tests.places import REPOSITORY
from tests.terraform.configuration import parse, typed_blocks

MODULES = REPOSITORY / "modules"
ACTION = re.compile(r'"([a-z0-9]+:[A-Z][A-Za-z0-9*]+|[a-z0-9]+:\*)"')
GIVEN_BY_GLUE = {"JOB_NAME"}
GIVEN_BY_THE_TRIGGER = {"manifest"}
SET_BY_THE_MODULE = {"release"}


def actions(*files: Path) -> set[str]:
    return {action for file in files for action in ACTION.findall(file.read_text(encoding="utf-8"))}


def test_the_functions_find_all_their_settings() -> None:
    function = next(
        body for kind, _, body in typed_blocks(MODULES / "file_trigger", "resource") if kind == "aws_lambda_function"
    )
    given = function["environment"][0]["variables"]
    assert Config.from_environment(dict.fromkeys(given, "example"))


def test_the_functions_handlers_exist() -> None:
    locals_ = parse(MODULES / "file_trigger" / "functions.tf")["locals"][0]
    for function in locals_["functions"].values():
        module, _, name = function["handler"].rpartition(".")
        assert callable(getattr(import_module(module), name))


def test_the_job_finds_all_its_arguments() -> None:
    arguments = parse(MODULES / "application" / "main.tf")["module"][0]["file_processor"]["arguments"]
    assert set(arguments) == set(REQUIRED) - GIVEN_BY_GLUE - GIVEN_BY_THE_TRIGGER - SET_BY_THE_MODULE


def test_the_boundary_leaves_room_for_the_roles_and_for_nothing_else() -> None:
    files = ("file_trigger/iam.tf", "glue_role/policy.tf", "monitoring/alert_role.tf")
    roles = actions(*(MODULES / file for file in files)) - {"sts:AssumeRole"}
    assert actions(MODULES / "deploy_role" / "boundary.tf") == roles
