"""Who is acting, for the records of releases and approvals."""

import getpass
import os

from gluepipe.project import Project
from gluepipe.settings import Target

ACTOR_VARIABLE = "GLUEPIPE_ACTOR"


def current(project: Project) -> str:
    """Return the caller's ARN on AWS; in the emulated accounts, which know no people, GLUEPIPE_ACTOR or the user."""
    if project.settings.target is Target.EMULATOR:
        return os.environ.get(ACTOR_VARIABLE) or getpass.getuser()
    import boto3

    return boto3.Session(region_name=project.settings.region).client("sts").get_caller_identity()["Arn"]
