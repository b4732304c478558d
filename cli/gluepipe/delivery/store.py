"""Where an account keeps what delivery must remember: releases, bundles, saved plans, beside its Terraform states."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gluepipe.access import open_account
from gluepipe.errors import GluePipeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

    from gluepipe.project import Project
    from gluepipe.settings import Account


@dataclass(frozen=True)
class DeliveryStore:
    """The state bucket of one account; its default encryption (the account's state key) covers all that is written."""

    s3: S3Client
    bucket: str

    def read(self, key: str) -> bytes | None:
        """Return an object's bytes, None where there is no such object."""
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise

    def read_json(self, key: str) -> Any:
        """Return a JSON object's value, None where there is no such object."""
        content = self.read(key)
        return None if content is None else json.loads(content)

    def write(self, key: str, content: bytes) -> None:
        """Write an object."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def write_json(self, key: str, value: object) -> None:
        """Write a value as JSON."""
        self.write(key, _json(value))

    def write_once(self, key: str, value: object) -> bool:
        """Write a value as JSON unless the object is there already; tell whether it was written."""
        request: PutObjectRequestTypeDef = {
            "Bucket": self.bucket,
            "Key": key,
            "Body": _json(value),
            "IfNoneMatch": "*",
        }
        try:
            self.s3.put_object(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict", "412", "409"):
                return False
            raise
        return True

    def keys(self, prefix: str) -> list[str]:
        """Return the keys under a prefix, sorted."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def open_store(project: Project, account: Account) -> DeliveryStore:
    """Open the store of an account; raises GluePipeError where there is none, or the credentials cannot act on it."""
    s3, bucket = open_account(project, account).s3, project.settings.account_names(account).state_bucket
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "403":
            reason = f"The state bucket {bucket} of {account.name} ({account.id}) cannot be read: access denied."
            fix = "Check its bucket policy, and whose credentials these are: gluepipe doctor"
            raise GluePipeError(reason, fix) from None
        if error.response["Error"]["Code"] != "404":
            raise
        raise GluePipeError(
            f"{account.name} ({account.id}) has no state bucket {bucket} yet.", account.remedy
        ) from None
    return DeliveryStore(s3, bucket)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
