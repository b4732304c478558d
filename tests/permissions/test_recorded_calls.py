import base64
import json
from typing import Any

import pytest

from tests.permissions.recorded_calls import Call, entries, read

ACCOUNT = "222222222222"


def request(service: str, method: str, path: str, body: str = "", **headers: str) -> dict[str, Any]:
    credential = f"AWS4-HMAC-SHA256 Credential=KEY/20261125/eu-central-1/{service}/aws4_request, Signature=x"
    return {
        "headers": {"Authorization": credential, **{name.replace("_", "-"): text for name, text in headers.items()}},
        "method": method,
        "url": f"http://127.0.0.1:1/{path}",
        "body": base64.b64encode(body.encode()).decode(),
        "body_encoded": True,
    }


def asked(entry: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    return [(call.action, call.resources) for call in read(entry, ACCOUNT)]


@pytest.mark.parametrize(
    ("method", "path", "action", "resource"),
    [
        ("PUT", "bucket", "s3:CreateBucket", "bucket"),
        ("GET", "bucket?versioning", "s3:GetBucketVersioning", "bucket"),
        ("PUT", "bucket?publicAccessBlock", "s3:PutBucketPublicAccessBlock", "bucket"),
        ("DELETE", "bucket?policy", "s3:DeleteBucketPolicy", "bucket"),
        ("GET", "bucket?list-type=2&prefix=a%2F", "s3:ListBucket", "bucket"),
        ("GET", "bucket?versions", "s3:ListBucketVersions", "bucket"),
        ("HEAD", "bucket/a/b%20c", "s3:GetObject", "bucket/a/b c"),
        ("GET", "bucket/a?versionId=1", "s3:GetObjectVersion", "bucket/a"),
        ("POST", "bucket/a?uploads", "s3:PutObject", "bucket/a"),
        ("DELETE", "bucket/a?uploadId=1", "s3:AbortMultipartUpload", "bucket/a"),
    ],
)
def test_s3_is_asked_about_settings_and_objects(method: str, path: str, action: str, resource: str) -> None:
    assert asked(request("s3", method, path)) == [(action, (f"arn:aws:s3:::{resource}",))]


def test_deleting_versions_is_another_permission_than_deleting_objects() -> None:
    plain, versions = "<Delete><Object><Key>a</Key>", "<Delete><Object><Key>a</Key><VersionId>1</VersionId>"
    assert asked(request("s3", "POST", "bucket?delete", plain))[0][0] == "s3:DeleteObject"
    assert asked(request("s3", "POST", "bucket?delete", versions))[0][0] == "s3:DeleteObjectVersion"


def test_each_protocol_is_understood() -> None:
    json_body = json.dumps({"TableName": "ledger", "IndexName": "by_state"})
    in_json = request("dynamodb", "POST", "", json_body, X_Amz_Target="DynamoDB_20120810.Query")
    assert asked(in_json) == [
        ("dynamodb:Query", ("arn:aws:dynamodb:eu-central-1:222222222222:table/ledger/index/by_state",))
    ]
    form = request("iam", "POST", "", "Action=GetRole&RoleName=worker")
    assert asked(form) == [("iam:GetRole", ("arn:aws:iam::222222222222:role/worker",))]
    rest = request("lambda", "GET", "2015-03-31/functions/trigger/policy")
    assert asked(rest) == [("lambda:GetPolicy", ("arn:aws:lambda:eu-central-1:222222222222:function:trigger",))]


def test_naming_a_role_needs_the_permission_to_pass_it() -> None:
    body = json.dumps({"Name": "job", "Role": "arn:aws:iam::222222222222:role/glue"})
    create, passed = read(request("glue", "POST", "", body, X_Amz_Target="AWSGlue.CreateJob"), ACCOUNT)
    assert create.action == "glue:CreateJob"
    passing = (("iam:PassedToService", "glue.amazonaws.com"),)
    assert passed == Call("KEY", "iam:PassRole", ("arn:aws:iam::222222222222:role/glue",), passing)


def test_a_request_without_signature_asks_nothing() -> None:
    assert list(read({"headers": {}, "method": "GET", "url": "http://127.0.0.1:1/"}, ACCOUNT)) == []


def test_concurrent_requests_may_stand_on_one_line() -> None:
    assert list(entries('{"a": 1}{"b": {}}\n\n{"c": 3}\n')) == [{"a": 1}, {"b": {}}, {"c": 3}]
