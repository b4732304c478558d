"""Races that moto loses, provoked by switching threads thousands of times more often than Python usually does.

Each one runs in a process of its own, because the gaps change moto for good.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

PREAMBLE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from gluepipe.emulator.gaps import dynamodb, s3, sqs

ACCOUNT, REGION = "222222222222", "eu-central-1"
dynamodb.make_writes_atomic()
s3.make_writes_atomic()
sqs.make_queues_thread_safe()
sys.setswitchinterval(1e-6)
"""


def output_of(script: str) -> str:
    code = PREAMBLE + textwrap.dedent(script)
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_one_of_many_claims_wins() -> None:
    winners = output_of("""
        from moto.dynamodb.models import dynamodb_backends
        from moto.dynamodb.exceptions import ConditionalCheckFailed
        backend = dynamodb_backends[ACCOUNT][REGION]
        backend.create_table(
            "claims", schema=[{"AttributeName": "id", "KeyType": "HASH"}],
            attr=[{"AttributeName": "id", "AttributeType": "S"}], throughput=None, global_indexes=None, indexes=None,
            streams=None, billing_mode="PAY_PER_REQUEST", sse_specification=None, tags=[],
            deletion_protection_enabled=None, warm_throughput=None)

        def claim(attempt):
            try:
                backend.put_item("claims", {"id": {"S": str(attempt // 8)}},
                                 condition_expression="attribute_not_exists(id)")
            except ConditionalCheckFailed:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            print(sum(pool.map(claim, range(8 * 100))))
    """)
    assert winners == "100"


def test_every_message_is_received_once() -> None:
    received = output_of("""
        from moto.sqs.models import sqs_backends
        backend = sqs_backends[ACCOUNT][REGION]
        backend.create_queue("busy")

        def send(worker):
            for number in range(200):
                backend.send_message("busy", f"{worker}-{number}")

        def receive(_):
            bodies, idle = [], 0
            while idle < 50:
                found = backend.receive_message("busy", 3, 0, 60)
                idle = 0 if found else idle + 1
                for message in found:
                    bodies.append(message.body)
                    backend.delete_message("busy", message.receipt_handle)
            return bodies

        with ThreadPoolExecutor(8) as pool:
            sending = [pool.submit(send, worker) for worker in range(4)]
            receiving = [pool.submit(receive, worker) for worker in range(4)]
            bodies = [body for future in receiving for body in future.result()]
            [future.result() for future in sending]
        bodies += receive(None)
        print(len(bodies), len(set(bodies)))
    """)
    assert received == "800 800"


def test_no_version_of_a_key_is_dropped() -> None:
    versions = output_of("""
        from moto.s3.models import s3_backends
        backend = s3_backends[ACCOUNT]["aws"]
        bucket = backend.create_bucket("bucket", REGION)
        bucket.versioning_status = "Enabled"
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: backend.put_object("bucket", f"k{n // 8}", b"x"), range(8 * 800)))
        print(sum(len(bucket.keys.getlist(f"k{n}")) for n in range(800)))
    """)
    assert versions == "6400"


def test_one_of_many_writers_of_a_new_object_wins() -> None:
    winners = output_of("""
        import time
        import boto3
        from moto import mock_aws
        from moto.s3.models import s3_backends
        from moto.s3.utils import _VersionedKeyStore

        class Slow(_VersionedKeyStore):
            def setlist(self, key, versions):
                time.sleep(0.01)
                super().setlist(key, versions)

        with mock_aws():
            s3 = boto3.client("s3", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
            s3.create_bucket(Bucket="bucket")
            s3_backends["123456789012"]["aws"].buckets["bucket"].keys = Slow()

            def create(_):
                try:
                    s3.put_object(Bucket="bucket", Key="k", Body=b"x", IfNoneMatch="*")
                except s3.exceptions.ClientError:
                    return False
                return True

            with ThreadPoolExecutor(8) as pool:
                print(sum(pool.map(create, range(8))))
    """)
    assert winners == "1"
