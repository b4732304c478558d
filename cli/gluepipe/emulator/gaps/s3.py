"""S3: conditional writes that hold under threads, and event notifications that carry what S3's do."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from moto.iam.access_control import PermissionResult
from moto.s3 import notifications
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, FakeKey, S3Backend
from moto.s3.responses import S3Response

from gluepipe.emulator.gaps.patching import replaces, take_turns
from gluepipe.emulator.iam import enforcement

if TYPE_CHECKING:
    from gluepipe.emulator.targets import Targets

_writing = threading.RLock()
_sequence = itertools.count()


def make_writes_atomic() -> None:
    """moto checks If-Match and If-None-Match before it writes, and lets simultaneous writes drop a version."""
    take_turns(lambda *_, **__: _writing, S3Response, "put_object", "copy_object", "delete_object")
    take_turns(lambda *_, **__: _writing, S3Backend, "put_object")


def complete_notifications(targets: Targets) -> None:
    """moto's records lack sequencer and version id, and encode `/`; its EventBridge form has a fixed sequencer."""
    incomplete = notifications._get_s3_event

    @replaces(notifications, "_get_s3_event")
    def get_s3_event(event_name: str, bucket: FakeBucket, key: Any, notification_id: str) -> dict[str, Any]:
        event: dict[str, Any] = incomplete(event_name, bucket, key, notification_id)
        described = event["Records"][0]["s3"]["object"]
        described["key"] = quote_plus(key.name, safe="/")
        described["sequencer"] = _sequencer(key)
        if bucket.is_versioned:
            described["versionId"] = key.version_id
        return event

    @replaces(notifications, "_send_event_bridge_message")
    def send_event_bridge_message(account_id: str, bucket: FakeBucket, event_name: str, key: Any) -> None:
        detail_type, detail = notifications._detail_type(event_name), _detail(account_id, bucket, event_name, key)
        targets.put(account_id, bucket.region_name, "aws.s3", detail_type, detail, bucket.arn)


def notify_once_per_multipart_upload() -> None:
    """moto sends both ObjectCreated:Put and ObjectCreated:CompleteMultipartUpload for one upload."""
    notifying = S3Backend.put_object

    @replaces(S3Backend)
    def put_object(self: S3Backend, *args: Any, **kwargs: Any) -> FakeKey:
        if kwargs.get("multipart") is not None:
            kwargs["disable_notification"] = True
        return notifying(self, *args, **kwargs)


def show_event_bridge_in_notifications() -> None:
    """moto keeps that a bucket tells EventBridge, and leaves it out when it is asked."""
    leaving_out = S3Response.get_bucket_notification

    @replaces(S3Response)
    def get_bucket_notification(self: S3Response) -> tuple[int, dict[str, Any], str]:
        status, headers, body = leaving_out(self)
        configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if configuration is None or configuration.event_bridge is None:
            return status, headers, body
        end = "</NotificationConfiguration>"
        whole = body if end in body else f"{body.rstrip().removesuffix('/>')}>{end}"
        return status, headers, whole.replace(end, f"<EventBridgeConfiguration/>{end}")


def tell_of_no_tags_where_there_are_none() -> None:
    """moto tells of tags that were added with every object, also where none were."""
    tagging = S3Backend.put_object_tagging

    @replaces(S3Backend)
    def put_object_tagging(self: S3Backend, key: FakeKey, tags: dict[str, str] | None) -> FakeKey:
        if not tags and not self.get_object_tagging(key)["Tags"]:
            return key
        tagged: FakeKey = tagging(self, key, tags)
        return tagged


def ask_the_queue() -> None:
    """moto lets every queue be notified, and notifies it, whatever the queue's policy says of S3."""
    setting, sending = FakeBucket.set_notification_configuration, notifications._send_sqs_message

    @replaces(FakeBucket)
    def set_notification_configuration(self: FakeBucket, notification_config: dict[str, Any] | None) -> None:
        for queue in (notification_config or {}).get("QueueConfiguration", []):
            if not _may_send(queue["Queue"], self.name):
                message = "Unable to validate the following destination configurations"
                raise S3ClientError("InvalidArgument", message)
        setting(self, notification_config)

    @replaces(notifications, "_send_sqs_message")
    def send_sqs_message(account_id: str, event_body: Any, queue_name: str, region_name: str) -> None:
        record = event_body.get("Records", [{}])[0]
        bucket = record["s3"]["bucket"]["name"] if record else event_body["Bucket"]
        if _may_send(f"arn:aws:sqs:{region_name}:{account_id}:{queue_name}", bucket):
            sending(account_id, event_body, queue_name, region_name)


def tell_nothing_of_encrypted_content() -> None:
    """moto's ETags are MD5 digests of the content also where a key of KMS encrypts it."""
    digest: Any = FakeKey.etag

    def etag(self: FakeKey) -> str:
        if self._etag is None and (self.encryption or "").startswith("aws:kms"):
            self._etag = uuid.uuid4().hex
        told: str = digest.fget(self)
        return told

    replaces(FakeKey)(property(etag))


def leave_permissions_to_iam() -> None:
    """moto evaluates bucket policies by itself, and then not their conditions; `iam` did so before it is asked."""

    @replaces(FakeBucket)
    def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
        return PermissionResult.NEUTRAL


def _may_send(queue_arn: str, bucket: str) -> bool:
    return enforcement.service_may("s3.amazonaws.com", "sqs:SendMessage", queue_arn, f"arn:aws:s3:::{bucket}")


def _sequencer(key: Any) -> str:
    """Text that compares, among the versions of one key, in the order in which they were written."""
    with _writing:
        if not hasattr(key, "sequencer"):
            # As S3 has it: the second of the upload first, so that it can be compared with times.
            key.sequencer = f"{int(time.time()):010X}{next(_sequence):08X}"
        return str(key.sequencer)


def _detail(account_id: str, bucket: FakeBucket, event_name: str, key: Any) -> dict[str, Any]:
    """What S3 says of an object on the event bus."""
    described = {"key": key.name, "size": key.size, "etag": key.etag.strip('"'), "sequencer": _sequencer(key)}
    if bucket.is_versioned:
        described["version-id"] = key.version_id
    return {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": described,
        "requester": account_id,
        "reason": event_name.removeprefix("s3:").split(":")[0],
    }
