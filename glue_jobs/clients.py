"""The AWS clients of this process, each made once, when it is first needed, and never pickled."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

CONNECTIONS = 32
REGION = "AWS_DEFAULT_REGION"


def use_region(region: str) -> None:
    """Make clients of a region, unless the environment names one: Glue does not promise that it does."""
    os.environ.setdefault(REGION, region)


@lru_cache
def client(service: str) -> Any:
    """The client of a service; clients may be shared by threads. AWS_ENDPOINT_URL is heeded."""
    import boto3  # local previews never need it
    from botocore.config import Config

    make: Any = boto3.client  # its type stubs want a literal
    return make(service, config=Config(max_pool_connections=CONNECTIONS))


def s3() -> Any:
    """The client of S3."""
    return client("s3")
