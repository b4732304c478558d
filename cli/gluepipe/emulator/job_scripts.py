"""What a Glue job runs: its script and libraries, read from their bucket as the job's role."""

from __future__ import annotations

from pathlib import Path

from moto.glue.models import FakeJob
from moto.s3.models import s3_backends

from gluepipe.emulator.iam import accounts, enforcement


class ScriptNotFoundError(Exception):
    """The job names a script or library that is not in the bucket, or not for its role to read."""


def download(job: FakeJob, uri: str, folder: Path) -> Path:
    """Put the object at `uri` (s3://bucket/key) into `folder`; return the file.

    Raises:
        ScriptNotFoundError: It is not there, or the job's role may not read it.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not _may_read(role_arn(job), bucket, key):
        raise ScriptNotFoundError(f"The role {role_arn(job)} may not read {uri}")
    try:
        stored = s3_backends[job.backend.account_id]["aws"].get_object(bucket, key)
    except Exception as error:  # moto's own exception types are HTTP errors
        raise ScriptNotFoundError(f"File not found: {uri}") from error
    if stored is None:
        raise ScriptNotFoundError(f"File not found: {uri}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / Path(key).name
    target.write_bytes(stored.value)
    return target


def role_arn(job: FakeJob) -> str:
    """Return the job's role, which may be given by its name alone."""
    name = str(job.role)
    return name if name.startswith("arn:") else f"arn:aws:iam::{job.backend.account_id}:role/{name}"


def _may_read(role: str, bucket: str, key: str) -> bool:
    asked = [("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")]
    if encryption_key := accounts.bucket_key(bucket):
        asked.append(("kms:Decrypt", encryption_key))
    return all(enforcement.role_may(role, "GlueJobRunnerSession", *needed) for needed in asked)
