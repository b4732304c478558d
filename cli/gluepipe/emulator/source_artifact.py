"""What a pipeline's source hands to its builds: no files, but which commit of which repository they have to clone.

CodePipeline calls that form CODEBUILD_CLONE_REF. The service puts it into the artifact bucket as the pipeline's role, a
build reads it as its own, and both need the right to use the connection to the repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gluepipe.emulator.role_credentials import client, require

USE_CONNECTION = "codestar-connections:UseConnection"


def put(
    pipeline: Mapping[str, Any], key: str, commit: str, source: Mapping[str, str], credentials: Mapping[str, str]
) -> None:
    """Keep the artifact of a source action, whose configuration is `source`, as the pipeline's role.

    Raises GluePipeError or ClientError where that role may not.
    """
    require(pipeline["roleArn"], pipeline["name"], USE_CONNECTION, source["ConnectionArn"])
    store = pipeline["artifactStore"]
    key_id = store.get("encryptionKey", {}).get("id")
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
    body = json.dumps({**source, "CommitId": commit}).encode()
    client("s3", credentials).put_object(Bucket=store["location"], Key=key, Body=body, **encryption)


def commit_of(pipeline: Mapping[str, Any], key: str, role: str, session: str, credentials: Mapping[str, str]) -> str:
    """Return the commit that a build has to clone, read as the build's role; raises as `put` does."""
    body = client("s3", credentials).get_object(Bucket=pipeline["artifactStore"]["location"], Key=key)["Body"]
    artifact = json.loads(body.read())
    require(role, session, USE_CONNECTION, artifact["ConnectionArn"])
    return str(artifact["CommitId"])
