from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.cli.emulator.account import Account

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}]}


def test_policy_survives_a_change_of_another_attribute(account: Account) -> None:
    queue, sqs = account.queue("kept-policy", Policy=json.dumps(POLICY)), account.client("sqs")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "77"})
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "77"
    assert json.loads(attributes["Policy"])["Statement"] == POLICY["Statement"]


def test_policy_can_be_replaced_and_removed(account: Account) -> None:
    queue, sqs = account.queue("changed-policy", Policy=json.dumps(POLICY)), account.client("sqs")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
    assert "Policy" not in sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]


def test_work_per_message_does_not_grow_with_the_queue() -> None:
    """moto's clock tells how often it looks at a message. In a process of its own: the gap changes moto for good."""
    script = """
import moto.sqs.models as moto_sqs
from gluepipe.emulator import queue_messages
from gluepipe.emulator.gaps import sqs

sqs.make_queues_thread_safe()
sqs.count_messages_quickly()
looks, told = 0, moto_sqs.unix_time_millis

def told_and_counted():
    global looks
    looks += 1
    return told()

moto_sqs.unix_time_millis = told_and_counted
backend = moto_sqs.sqs_backends["222222222222"]["eu-central-1"]
queue = backend.create_queue("long")
for number in range(300):
    backend.send_message("long", str(number))
received = queue_messages.receive(queue, 300, 0, 1_000_000)
queue_messages.delete(queue, [message.receipt_handle for message in received])
print(len(received), len(queue._messages), looks < 300 * 10)
"""
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert finished.stdout.split() == ["300", "0", "True"], finished.stderr


def test_no_message_is_lost_or_received_twice_by_busy_threads(account: Account) -> None:
    """Sixteen threads send, receive and delete at once."""
    queue, sqs = account.queue("busy", VisibilityTimeout="60"), account.client("sqs")

    def send(worker: int) -> None:
        for number in range(40):
            sqs.send_message(QueueUrl=queue, MessageBody=f"{worker}-{number}")

    def receive(_: int) -> list[str]:
        bodies: list[str] = []
        idle = 0
        while idle < 2:
            found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=3, WaitTimeSeconds=1).get("Messages", [])
            idle = 0 if found else idle + 1
            for message in found:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    with ThreadPoolExecutor(16) as pool:
        senders = [pool.submit(send, worker) for worker in range(8)]
        receivers = [pool.submit(receive, worker) for worker in range(8)]
        received = [body for receiver in receivers for body in receiver.result()]
        for sender in senders:
            sender.result()
    assert sorted(received) == sorted(f"{worker}-{number}" for worker in range(8) for number in range(40))
