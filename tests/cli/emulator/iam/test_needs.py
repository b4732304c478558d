"""From requests to the permissions that they need."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pytest

from gluepipe.emulator import requests
from gluepipe.emulator.iam import needs
from gluepipe.emulator.iam.policies import Permission
from gluepipe.emulator.requests import SignedRequest, UnknownOperationError

ACCOUNT = "222222222222"
REGION = "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/glue"


def environ(service: str, method: str, path: str, body: str = "", **headers: str) -> dict[str, Any]:
    credential = f"AWS4-HMAC-SHA256 Credential=KEY/20261125/{REGION}/{service}/aws4_request, Signature=x"
    return {
        "HTTP_AUTHORIZATION": credential,
        "REQUEST_METHOD": method,
        "RAW_URI": f"/{path}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body.encode()),
        **{f"HTTP_{name.upper()}": text for name, text in headers.items()},
    }


def asked(*request: str, **headers: str) -> list[Permission]:
    found = requests.read(environ(*request, **headers))
    assert isinstance(found, SignedRequest)
    return needs.needed(found, ACCOUNT)


def in_json(service: str, operation: str, **parameters: Any) -> list[Permission]:
    return asked(service, "POST", "", json.dumps(parameters), x_amz_target=f"Prefix.{operation}")


def form(service: str, text: str) -> list[Permission]:
    request = environ(service, "POST", "", text) | {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}
    found = requests.read(request)
    assert found is not None
    return needs.needed(found, ACCOUNT)


def pairs(permissions: list[Permission]) -> list[tuple[str, str]]:
    return [(permission.action, permission.resource) for permission in permissions]


@pytest.mark.parametrize(
    ("method", "path", "action", "resource"),
    [
        ("GET", "", "ListAllMyBuckets", "*"),
        ("PUT", "bucket", "CreateBucket", "bucket"),
        ("GET", "bucket?versioning", "GetBucketVersioning", "bucket"),
        ("PUT", "bucket?publicAccessBlock", "PutBucketPublicAccessBlock", "bucket"),
        ("DELETE", "bucket?policy", "DeleteBucketPolicy", "bucket"),
        ("DELETE", "bucket?lifecycle", "PutLifecycleConfiguration", "bucket"),
        ("GET", "bucket?list-type=2&prefix=a%2F", "ListBucket", "bucket"),
        ("GET", "bucket?versions", "ListBucketVersions", "bucket"),
        ("GET", "bucket?uploads", "ListBucketMultipartUploads", "bucket"),
        ("HEAD", "bucket/a/b%20c", "GetObject", "bucket/a/b c"),
        ("GET", "bucket/a?versionId=1", "GetObjectVersion", "bucket/a"),
        ("GET", "bucket/a?uploadId=1", "ListMultipartUploadParts", "bucket/a"),
        ("PUT", "bucket/a?partNumber=1&uploadId=1", "PutObject", "bucket/a"),
        ("POST", "bucket/a?uploads", "PutObject", "bucket/a"),
        ("DELETE", "bucket/a?uploadId=1", "AbortMultipartUpload", "bucket/a"),
        ("DELETE", "bucket/a?versionId=1", "DeleteObjectVersion", "bucket/a"),
        ("DELETE", "bucket/a?tagging", "DeleteObjectTagging", "bucket/a"),
    ],
)
def test_s3_is_asked_about_settings_and_objects(method: str, path: str, action: str, resource: str) -> None:
    arn = "*" if resource == "*" else f"arn:aws:s3:::{resource}"
    assert pairs(asked("s3", method, path)) == [(f"s3:{action}", arn)]


def test_every_deleted_object_counts_and_versions_are_another_permission() -> None:
    body = "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;</Key><VersionId>1</VersionId></Object></Delete>"
    assert pairs(asked("s3", "POST", "bucket?delete", body)) == [
        ("s3:DeleteObject", "arn:aws:s3:::bucket/a"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::bucket/b&"),
    ]


def test_copying_reads_the_source() -> None:
    copied = asked("s3", "PUT", "bucket/to", x_amz_copy_source="other/from%20here?versionId=3")
    assert pairs(copied) == [
        ("s3:PutObject", "arn:aws:s3:::bucket/to"),
        ("s3:GetObjectVersion", "arn:aws:s3:::other/from here"),
    ]


def test_conditions_may_ask_for_the_listed_prefix_and_for_headers() -> None:
    assert ("s3:prefix", "a/") in asked("s3", "GET", "bucket?list-type=2&prefix=a%2F")[0].context
    sent = asked("s3", "PUT", "bucket/a", x_amz_server_side_encryption="aws:kms")[0].context
    assert ("s3:x-amz-server-side-encryption", "aws:kms") in sent


def test_each_protocol_is_understood() -> None:
    query = in_json("dynamodb", "Query", TableName="ledger", IndexName="by_state")
    assert pairs(query) == [("dynamodb:Query", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ledger/index/by_state")]
    assert pairs(form("iam", "Action=GetRole&RoleName=worker")) == [
        ("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/worker")
    ]
    rest = asked("lambda", "GET", "2015-03-31/functions/trigger/policy")
    assert pairs(rest) == [("lambda:GetPolicy", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:trigger")]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "resources"),
    [
        ("glue", "GetTable", {"DatabaseName": "d", "Name": "t"}, ["catalog", "database/d", "table/d/t"]),
        ("glue", "GetTables", {"DatabaseName": "d"}, ["catalog", "database/d", "table/d/*"]),
        (
            "glue",
            "DeleteDatabase",
            {"Name": "d"},
            ["catalog", "database/d", "table/d/*", "userDefinedFunction/d/*"],
        ),
        ("glue", "StartJobRun", {"JobName": "j"}, ["job/j"]),
        ("sqs", "SendMessage", {"QueueUrl": f"http://127.0.0.1:1/{ACCOUNT}/q"}, ["q"]),
        ("kms", "CreateAlias", {"AliasName": "alias/a", "TargetKeyId": "k"}, ["key/k", "alias/a"]),
        ("logs", "PutLogEvents", {"logGroupName": "g", "logStreamName": "s"}, ["log-group:g:log-stream:s"]),
        ("logs", "PutRetentionPolicy", {"logGroupName": "g"}, ["log-group:g:log-stream:"]),
        ("logs", "TagResource", {"resourceArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g"}, ["log-group:g"]),
        ("codebuild", "BatchGetProjects", {"names": ["a", "b"]}, ["project/a", "project/b"]),
        ("events", "PutTargets", {"Rule": "r", "Targets": []}, ["rule/r"]),
    ],
)
def test_resources_are_named_as_iam_names_them(
    service: str, operation: str, parameters: dict[str, Any], resources: list[str]
) -> None:
    expected = [f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}" for resource in resources]
    assert [permission.resource for permission in in_json(service, operation, **parameters)] == expected


def test_naming_a_role_needs_the_permission_to_pass_it() -> None:
    passing = Permission("iam:PassRole", ROLE, (("iam:PassedToService", "glue.amazonaws.com"),))
    assert in_json("glue", "CreateJob", Name="job", Role=ROLE)[1:] == [passing]
    assert in_json("glue", "CreateJob", Name="job", Role="glue")[1:] == [passing]
    assert in_json("glue", "UpdateJob", JobName="job", JobUpdate={"Role": ROLE})[1:] == [passing]
    targets = [{"Id": "1", "Arn": "a"}, {"Id": "2", "Arn": "b", "RoleArn": ROLE}]
    assert pairs(in_json("events", "PutTargets", Rule="r", Targets=targets))[1:] == [("iam:PassRole", ROLE)]


def test_subscriptions_are_no_resources() -> None:
    subscription = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic:00000000-0000-4000-8000-000000000000"
    for operation in ("GetSubscriptionAttributes", "Unsubscribe"):
        assert pairs(form("sns", f"Action={operation}&SubscriptionArn={subscription}")) == [(f"sns:{operation}", "*")]


def test_a_pipeline_takes_the_permission_to_pass_its_connection() -> None:
    arn = f"arn:aws:codestar-connections:{REGION}:{ACCOUNT}:connection/c"
    stages = [{"name": "Source", "actions": [{"name": "Source", "configuration": {"ConnectionArn": arn}}]}]
    asked_for = in_json("codepipeline", "UpdatePipeline", pipeline={"name": "p", "roleArn": ROLE, "stages": stages})
    passed = (("codestar-connections:PassedToService", "codepipeline.amazonaws.com"),)
    assert Permission("codestar-connections:PassConnection", arn, passed) in asked_for


def test_the_key_of_a_table_is_used_on_behalf_of_who_makes_the_table() -> None:
    made = in_json("dynamodb", "CreateTable", TableName="t", SSESpecification={"KMSMasterKeyId": "k"})
    through = (("kms:ViaService", f"dynamodb.{REGION}.amazonaws.com"),)
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
    for action in ("kms:CreateGrant", "kms:ReEncryptTo", "kms:GenerateDataKeyWithoutPlaintext"):
        assert Permission(action, key, through) in made


def test_making_something_with_tags_needs_the_permission_to_tag() -> None:
    made = in_json("kms", "CreateKey", Tags=[{"TagKey": "project", "TagValue": "p"}])
    tagged = (("aws:RequestTag/project", "p"),)
    assert made == [Permission("kms:CreateKey", "*", tagged), Permission("kms:TagResource", "*", tagged)]
    role = form("iam", "Action=CreateRole&RoleName=r&Tags.member.1.Key=k&Tags.member.1.Value=v&PermissionsBoundary=b")
    assert [permission.action for permission in role] == ["iam:CreateRole", "iam:TagRole"]
    assert dict(role[0].context) == {"aws:RequestTag/k": "v", "iam:PermissionsBoundary": "b"}


def test_a_function_needs_its_code_to_be_readable() -> None:
    body = json.dumps({"FunctionName": "f", "Code": {"S3Bucket": "assets", "S3Key": "f.zip"}})
    needed = asked("lambda", "POST", "2015-03-31/functions", body)
    assert ("s3:GetObject", "arn:aws:s3:::assets/f.zip") in pairs(needed)


def test_the_key_of_a_functions_variables_has_to_be_usable() -> None:
    key = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-4000-8000-000000000000"
    body = json.dumps({"FunctionName": "f", "KMSKeyArn": key})
    needed = pairs(asked("lambda", "PUT", "2015-03-31/functions/f/configuration", body))
    assert {("kms:CreateGrant", key), ("kms:Encrypt", key)} <= set(needed)


def test_whoever_asks_who_he_is_is_told() -> None:
    assert form("sts", "Action=GetCallerIdentity&Version=2011-06-15") == []


@pytest.mark.parametrize(
    "request_",
    [
        ("quantum", "POST", "", "{}"),
        ("glue", "POST", "", "{}"),
        ("lambda", "POST", "2015-03-31/no-such-thing"),
        ("s3", "PUT", "bucket?inventory"),
        ("s3", "POST", "bucket/a?select"),
    ],
)
def test_what_is_not_known_is_not_guessed(request_: tuple[str, ...]) -> None:
    with pytest.raises(UnknownOperationError):
        asked(*request_, x_amz_target="Prefix.CreateWormhole") if request_[3:] else asked(*request_)


def test_a_request_without_signature_asks_nothing_and_a_presigned_one_is_read() -> None:
    unsigned = environ("s3", "GET", "bucket/a") | {"HTTP_AUTHORIZATION": ""}
    assert requests.read(unsigned) is None
    presigned = f"bucket/a?X-Amz-Credential=KEY%2F20261125%2F{REGION}%2Fs3%2Faws4_request"
    found = requests.read(unsigned | {"RAW_URI": f"/{presigned}"})
    assert found is not None
    assert (found.access_key, found.service) == ("KEY", "s3")


def test_the_body_stays_readable() -> None:
    request = environ("glue", "POST", "", '{"JobName": "j"}', x_amz_target="AWSGlue.GetJob")
    requests.read(request)
    assert request["wsgi.input"].read() == b'{"JobName": "j"}'


def test_a_compressed_body_is_read_and_passed_on_as_it_came() -> None:
    compressed = gzip.compress(b'{"Namespace": "GluePipe"}')
    request = environ("monitoring", "POST", "", x_amz_target="Granite.PutMetricData", content_encoding="gzip")
    request |= {"CONTENT_LENGTH": str(len(compressed)), "wsgi.input": io.BytesIO(compressed)}
    found = requests.read(request)
    assert found is not None
    assert needs.needed(found, ACCOUNT) == [
        Permission("cloudwatch:PutMetricData", "*", (("cloudwatch:namespace", "GluePipe"),))
    ]
    assert request["wsgi.input"].read() == compressed
