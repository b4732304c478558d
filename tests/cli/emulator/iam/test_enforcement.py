"""Refusals as callers see them: each service's own error, with the role, the action and the resource in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from gluepipe.emulator import control
from tests.cli.emulator.account import ACCOUNTS, REGION, Account, eventually

DEV = ACCOUNTS["dev"]
ROOT = {"AWS": f"arn:aws:iam::{DEV}:root"}
Act = Callable[..., Account]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


def trust(**more: Any) -> str:
    return document({"Action": "sts:AssumeRole", "Principal": ROOT, **more})


@pytest.fixture
def act_as(account: Account) -> Iterator[Act]:
    """Make a role with these statements and act as it."""
    iam, made = account.client("iam"), []

    def act(*statements: dict[str, Any], name: str = "actor") -> Account:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
        made.append(name)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document(*statements))
        return assumed(account, name)

    yield act
    for name in made:
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)


def assumed(account: Account, role: str, **options: str) -> Account:
    taken = account.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{DEV}:role/{role}", RoleSessionName="test", **options
    )["Credentials"]
    return Account(session(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"]), account.url)


def session(access_key: str, secret: str, token: str | None = None) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=access_key, aws_secret_access_key=secret, aws_session_token=token, region_name=REGION
    )


def refusal(call: Callable[..., object], **parameters: Any) -> tuple[str, str]:
    """Code and message of the error that a call must end in."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_each_service_refuses_with_its_own_error(act_as: Act) -> None:
    actor = act_as()
    who = f"User: arn:aws:sts::{DEV}:assumed-role/actor/test is not authorized to perform: "
    for service, operation, parameters, code, told in (
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}, "AccessDenied", "s3:GetObject on resource: arn:aws:s3:::b/k"),
        ("glue", "get_job", {"JobName": "j"}, "AccessDeniedException", "glue:GetJob on resource: "),
        ("dynamodb", "scan", {"TableName": "t"}, "AccessDeniedException", "dynamodb:Scan on resource: "),
        ("sqs", "get_queue_url", {"QueueName": "q"}, "AccessDeniedException", "sqs:GetQueueUrl on resource: "),
        ("iam", "get_role", {"RoleName": "actor"}, "AccessDenied", "iam:GetRole on resource: "),
        ("sns", "create_topic", {"Name": "t"}, "AuthorizationError", "sns:CreateTopic on resource: "),
        ("lambda", "get_function", {"FunctionName": "f"}, "AccessDeniedException", "lambda:GetFunction on resource: "),
    ):
        found = refusal(getattr(actor.client(service), operation), **parameters)
        assert found[0] == code
        assert found[1].startswith(who + told)
        assert found[1].endswith(f"because no identity-based policy allows the {told.split(' ')[0]} action")


def test_what_the_policy_allows_is_let_through(account: Account, act_as: Act) -> None:
    bucket = account.bucket("readable")
    account.client("s3").put_object(Bucket=bucket, Key="open/a", Body=b"x")
    account.client("s3").put_object(Bucket=bucket, Key="closed/a", Body=b"x")
    s3 = act_as({"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"}).client("s3")
    assert s3.get_object(Bucket=bucket, Key="open/a")["Body"].read() == b"x"
    assert refusal(s3.get_object, Bucket=bucket, Key="closed/a")[0] == "AccessDenied"
    assert refusal(s3.head_object, Bucket=bucket, Key="closed/a")[0] == "403"
    # Who may not list is not told whether there is anything.
    assert "s3:ListBucket" in refusal(s3.get_object, Bucket=bucket, Key="open/nothing")[1]


def test_a_changed_policy_counts_at_once(account: Account, act_as: Act) -> None:
    actor = act_as({"Sid": "Jobs", "Action": "glue:ListJobs", "Resource": "*"})
    actor.client("glue").list_jobs()
    account.client("iam").put_role_policy(
        RoleName="actor", PolicyName="may", PolicyDocument=document({"Action": "glue:GetJob", "Resource": "*"})
    )
    assert refusal(actor.client("glue").list_jobs)[0] == "AccessDeniedException"


def test_encrypted_objects_take_the_key_as_well(account: Account, act_as: Act) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    bucket = account.bucket("encrypted")
    account.client("s3").put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}]
        },
    )
    objects = {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*"}
    through = {"Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}}
    s3 = act_as(objects, {"Action": "kms:GenerateDataKey", "Resource": key, **through}).client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert f"kms:Decrypt on resource: {key}" in refusal(s3.get_object, Bucket=bucket, Key="k")[1]
    s3.head_object(Bucket=bucket, Key="k")
    assert refusal(s3.head_object, Bucket=bucket, Key="k", ChecksumMode="ENABLED")[0] == "403"


def test_items_of_an_encrypted_table_take_its_key_as_well(account: Account, act_as: Act) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.client("dynamodb").create_table(
        TableName="encrypted",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    items = {"Action": ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:PutItem"], "Resource": "*"}
    through = {"Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}}}
    without = act_as(items, name="without-key").client("dynamodb")
    with_key = act_as(items, {"Action": "kms:Decrypt", "Resource": key, **through}, name="with-key").client("dynamodb")
    wanted = {"RequestItems": {"encrypted": {"Keys": [{"id": {"S": "a"}}]}}}

    without.describe_table(TableName="encrypted")
    assert f"kms:Decrypt on resource: {key}" in refusal(without.batch_get_item, **wanted)[1]
    with_key.put_item(TableName="encrypted", Item={"id": {"S": "a"}})
    assert with_key.batch_get_item(**wanted)["Responses"] == {"encrypted": [{"id": {"S": "a"}}]}


def test_giving_a_role_to_a_service_takes_the_permission_to_pass_it(account: Account, act_as: Act) -> None:
    role = f"arn:aws:iam::{DEV}:role/actor"
    passing = {"Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}
    actor = act_as(
        {"Action": "glue:CreateJob", "Resource": "*"}, {"Action": "iam:PassRole", "Resource": role, **passing}
    )
    job = {"Name": "j", "Role": role, "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k"}}
    assert f"iam:PassRole on resource: {role}" in refusal(actor.client("glue").create_job, **job)[1]


def test_a_role_is_taken_only_by_whom_it_trusts(account: Account, act_as: Act) -> None:
    iam, condition = account.client("iam"), {"StringEquals": {"sts:ExternalId": "secret"}}
    act_as({"Action": "*", "Resource": "*"}, name="trusting")
    iam.update_assume_role_policy(RoleName="trusting", PolicyDocument=trust(Condition=condition))
    code, message = refusal(assumed, account=account, role="trusting")
    assert (code, "sts:AssumeRole on resource: " in message) == ("AccessDenied", True)
    assumed(account, "trusting", ExternalId="secret")
    assert refusal(assumed, account=account, role="nobody")[0] == "AccessDenied"


def test_an_administrator_of_another_account_reaches_nothing_here(account: Account, state_dir: Path) -> None:
    bucket = account.bucket("ours-alone")
    other = Account(boto3.Session(**control.administrator(state_dir, ACCOUNTS["prod"])), account.url)
    code, message = refusal(other.client("s3").list_objects_v2, Bucket=bucket)
    assert (code, "because no resource-based policy allows" in message) == ("AccessDenied", True)
    role = f"arn:aws:iam::{DEV}:role/worker"
    assert refusal(other.client("sts").assume_role, RoleArn=role, RoleSessionName="test")[0] == "AccessDenied"


def test_what_is_not_known_is_refused_to_everybody(account: Account) -> None:
    code, message = refusal(account.client("athena").list_work_groups)
    assert code == "AccessDeniedException"
    assert "does not know which permission athena POST" in message


def test_keys_that_nobody_has_are_refused(account: Account) -> None:
    stranger = Account(session("AKIANOBODY", "x"), account.url)
    assert refusal(stranger.client("glue").list_jobs)[0] == "UnrecognizedClientException"
    assert refusal(stranger.client("iam").list_roles)[0] == "InvalidClientTokenId"
    assert refusal(stranger.client("s3").list_buckets)[0] == "InvalidAccessKeyId"


def test_the_journal_tells_which_statement_allowed_what(account: Account, act_as: Act, state_dir: Path) -> None:
    actor = act_as({"Sid": "Look", "Action": "glue:Get*", "Resource": "*"}, name="noted")
    refusal(actor.client("glue").get_job, JobName="none")
    refusal(actor.client("glue").delete_job, JobName="none")
    uses = [use for use in control.permissions_used(state_dir) if use["caller"].endswith("role/noted")]
    assert [(use["action"], use["allowed_by"], use["refused"]) for use in uses] == [
        ("glue:GetJob", ["may/Look"], False),
        ("glue:DeleteJob", [], True),
    ]


def serving(service: str) -> str:
    return document({"Action": "sts:AssumeRole", "Principal": {"Service": service}})


@pytest.fixture
def worker_may(account: Account) -> Iterator[Callable[..., None]]:
    """Give the role of functions and jobs these statements instead of all."""
    iam = account.client("iam")

    def allow(*statements: dict[str, Any]) -> None:
        iam.put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=document(*statements))

    yield allow
    allow({"Action": "*", "Resource": "*"})


def test_functions_and_their_queues_are_served_as_their_role(account: Account, worker_may: Callable[..., None]) -> None:
    account.function("watched", "def handler(event, context):\n    print('seen')\n")
    queue = account.queue("watched")
    worker_may({"Action": "sqs:ReceiveMessage", "Resource": "*"})
    account.mapping("watched", queue)
    account.client("sqs").send_message(QueueUrl=queue, MessageBody="m")
    account.client("lambda").invoke(FunctionName="watched", Payload="{}")
    assert account.queue_counts(queue) == (1, 0)
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/watched")["logGroups"]
    assert groups == []
    worker_may({"Action": ["sqs:*", "logs:*"], "Resource": "*"})
    assert eventually(lambda: account.queue_counts(queue) == (0, 0))
    assert "seen" in "".join(account.log_lines("/aws/lambda/watched"))


def test_a_job_reads_its_script_as_its_role(account: Account, worker_may: Callable[..., None]) -> None:
    account.job("scripted", "print('ran')\n")
    worker_may({"Action": "logs:*", "Resource": "*"})
    ended = account.run("scripted")
    assert ended["JobRunState"] == "FAILED"
    assert "may not read s3://scripted-assets/script.py" in ended["ErrorMessage"]


def test_a_service_takes_only_roles_that_trust_it(account: Account) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName="of-glue", AssumeRolePolicyDocument=serving("glue.amazonaws.com"))
    role = f"arn:aws:iam::{DEV}:role/of-glue"
    account.function("misled", "def handler(event, context):\n    return 1\n")
    account.client("lambda").update_function_configuration(FunctionName="misled", Role=role)
    answer = json.loads(account.client("lambda").invoke(FunctionName="misled")["Payload"].read())
    assert f"The role {role} cannot be assumed by lambda.amazonaws.com" in answer["errorMessage"]


def test_glue_does_not_say_for_whom_it_takes_a_role(account: Account) -> None:
    ours = {"Condition": {"StringEquals": {"aws:SourceAccount": DEV}}}
    policy = document({"Action": "sts:AssumeRole", "Principal": {"Service": "glue.amazonaws.com"}, **ours})
    account.client("iam").create_role(RoleName="of-our-glue", AssumeRolePolicyDocument=policy)
    account.client("iam").put_role_policy(
        RoleName="of-our-glue", PolicyName="p", PolicyDocument=document({"Action": "s3:*", "Resource": "*"})
    )
    account.job("kept-out", "print('ran')\n")
    command = {"Name": "glueetl", "ScriptLocation": "s3://kept-out-assets/script.py"}
    account.client("glue").update_job(JobName="kept-out", JobUpdate={"Role": "of-our-glue", "Command": command})
    assert "cannot be assumed by glue.amazonaws.com" in account.run("kept-out")["ErrorMessage"]


def test_a_boundary_that_a_role_has_does_not_count_when_it_is_made_anew(account: Account, act_as: Act) -> None:
    boundary = account.client("iam").create_policy(
        PolicyName="boundary", PolicyDocument=document({"Action": "*", "Resource": "*"})
    )["Policy"]["Arn"]
    bounded = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}}}
    iam = act_as({"Action": "iam:*", "Resource": "*", **bounded}, name="maker").client("iam")
    role = {"RoleName": "bounded", "AssumeRolePolicyDocument": trust()}
    assert refusal(iam.create_role, **role)[0] == "AccessDenied"
    iam.create_role(**role, PermissionsBoundary=boundary)
    assert refusal(iam.create_role, **role)[0] == "AccessDenied"
    iam.put_role_policy(RoleName="bounded", PolicyName="p", PolicyDocument=document({"Action": "*", "Resource": "*"}))
    iam.delete_role_policy(RoleName="bounded", PolicyName="p")
    account.client("iam").delete_role(RoleName="bounded")
