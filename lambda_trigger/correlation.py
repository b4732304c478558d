"""The fields that every log line of a function has, so that one can be followed from function to function."""

from __future__ import annotations

import os

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext


def begin(logger: Logger, context: LambdaContext | None) -> None:
    """Let the lines to come name the invocation and the release."""
    logger.append_keys(request_id=context and context.aws_request_id, release=os.environ.get("RELEASE"))
