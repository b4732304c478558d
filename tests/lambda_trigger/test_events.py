"""Messages in every wrapping, whole and broken."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_trigger.decide import Reason, Rules, plan_batch
from lambda_trigger.events import Message, parse_batch, parse_message
from lambda_trigger.file_version import dataset_name, file_id, key_id, order_of, second_of
from lambda_trigger.manifest import manifest_body
from tests.lambda_trigger.account import batch_of, s3_event, sqs_record

RULES = Rules("example-raw-in")
EVENTBRIDGE = {
    "version": "0",
    "source": "aws.s3",
    "detail-type": "Object Created",
    "time": "2024-05-01T10:00:00Z",
    "detail": {
        "bucket": {"name": "example-raw-in"},
        "object": {"key": "a/100%+1.csv", "size": 5, "etag": "e", "version-id": "v1", "sequencer": "00AB"},
        "reason": "PutObject",
    },
}


def parse(body: Any) -> Message:
    return parse_message(sqs_record(body))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_key_survives_the_way_s3_encodes_it(key: str) -> None:
    assert parse({"Records": [s3_event(key)]}).events[0].file.key == key


def test_a_notification_inside_sns_is_unwrapped() -> None:
    inner = json.dumps({"Records": [s3_event("a/b c.csv")]})
    assert parse({"Type": "Notification", "Message": inner}).events[0].file.key == "a/b c.csv"


def test_a_test_event_inside_sns_is_a_test_event() -> None:
    assert parse({"Type": "Notification", "Message": json.dumps({"Event": "s3:TestEvent"})}).is_test


def test_an_eventbridge_key_is_taken_as_it_is() -> None:
    event = parse(EVENTBRIDGE).events[0]
    assert (event.file.key, event.file.version_id, event.file.etag) == ("a/100%+1.csv", "v1", "e")
    assert plan_batch([parse(EVENTBRIDGE)], RULES).starts


@pytest.mark.parametrize(
    "body",
    [
        *("", "no json {", "null", "[]", '"text"', "{}", '{"hello": "world"}', '{"Records": {}}'),
        '{"Records": [{"eventSource": "aws:sns"}]}',
        '{"Records": [null]}',
        '{"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"bucket": {}}}]}',
        '{"Type": "Notification", "Message": "no json {"}',
        '{"source": "aws.s3", "detail": {}}',
    ],
)
def test_what_is_no_event_of_s3_has_a_problem_and_no_events(body: str) -> None:
    message = parse(body)
    assert message.problem
    assert not message.events


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


MEMBERS = ("eventName", "eventTime", "s3", "bucket", "object", "name", "key", "size", "eTag", "versionId", "sequencer")


@given(st.sampled_from(MEMBERS), ANYTHING)
@example("size", float("inf"))
@example("versionId", 1.5)
@example("eTag", ["e1"])
@example("key", "a/\ud800.csv")
def test_whatever_a_record_holds_the_others_of_its_batch_start(member: str, value: Any) -> None:
    record, good = s3_event("a/b.csv", versionId="v1"), s3_event("a/good.csv")
    objects = (record, record["s3"], record["s3"]["bucket"], record["s3"]["object"])
    next(each for each in objects if member in each)[member] = value
    plan = plan_batch([parse({"Records": [record, good]})], RULES)
    assert "a/good.csv" in [start.event.file.key for start in plan.starts]
    for start in plan.starts:
        assert isinstance(start.event.file.version_id, str | None)
        assert manifest_body([start.event])


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, '"\\ud800', "\ufeff{}"])
def test_what_breaks_a_parser_is_only_a_problem_of_its_message(body: str) -> None:
    assert parse(body).problem


@pytest.mark.parametrize("said", ["null", "", None])
def test_uploads_to_a_bucket_without_versions_are_told_apart(said: str | None) -> None:
    first, second = (s3_event("a/b.csv", versionId=said, sequencer=text) for text in ("0A", "0B"))
    files = [parse({"Records": [record]}).events[0].file for record in (first, second)]
    assert [file.version_id for file in files] == [None, None]
    assert files[0].file_id != files[1].file_id


def test_without_a_sequencer_the_time_decides_which_version_is_newer() -> None:
    early, late = (s3_event("a/b.csv", versionId=name, sequencer=None) for name in ("v1", "v2"))
    late["eventTime"] = "2024-05-01T10:00:00.001Z"
    plan = plan_batch(parse_batch(batch_of(late, early)), RULES)
    assert [start.event.file.version_id for start in plan.starts] == ["v2"]


def test_the_good_records_of_a_broken_message_are_kept() -> None:
    message = parse({"Records": [s3_event("a/good.csv"), {"eventSource": "aws:s3"}]})
    assert [event.file.key for event in message.events] == ["a/good.csv"]
    assert message.problem


def test_a_deletion_starts_nothing() -> None:
    record = s3_event("a/b.csv") | {"eventName": "ObjectRemoved:Delete"}
    [ignored] = plan_batch(parse_batch(batch_of(record)), RULES).ignored
    assert ignored.reason is Reason.NOT_CREATED


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_versions_in_a_batch_the_newer_starts_whatever_their_order(order: tuple[int, int]) -> None:
    records = [
        s3_event("a/b.csv", versionId="v1", sequencer="0A"),
        s3_event("a/b.csv", versionId="v2", sequencer="0A1"),
    ]
    plan = plan_batch(parse_batch(batch_of(*(records[number] for number in order))), RULES)
    assert [start.event.file.version_id for start in plan.starts] == ["v2"]
    assert [note.reason for note in plan.ignored] == [Reason.SUPERSEDED]


UPLOADS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5)), min_size=1, max_size=8)


@given(UPLOADS, st.randoms(use_true_random=False))
def test_what_starts_does_not_depend_on_order_or_repetition(uploads: list[tuple[str, int]], dice: Random) -> None:
    told = [s3_event(f"in/{key}.csv", versionId=f"v{at}", sequencer=f"0{at}") for key, at in uploads * 2]
    dice.shuffle(told)
    plan = plan_batch(parse_batch(batch_of(*told)), RULES)
    started = [(start.event.file.key, start.event.file.version_id) for start in plan.starts]
    newest = dict(sorted(uploads))
    assert sorted(started) == [(f"in/{key}.csv", f"v{at}") for key, at in sorted(newest.items())]
    assert len(plan.starts) + len(plan.ignored) == len(told)


def test_a_continued_claim_is_left_to_the_ledger() -> None:
    ours = s3_event("a/b.csv", versionId="v1", sequencer="01") | {"gluepipe": {"after": "b1", "order": "01"}}
    plan = plan_batch(parse_batch(batch_of(ours, s3_event("a/b.csv", versionId="v2", sequencer="02"))), RULES)
    assert [start.event.after for start in plan.starts] == ["b1", None]


@pytest.mark.parametrize("key", ["_x/a.csv", "a/_tmp/b.csv", "a/__pycache__/b.csv"])
def test_keys_under_a_reserved_folder_are_ignored(key: str) -> None:
    [ignored] = plan_batch(parse_batch(batch_of(s3_event(key))), RULES).ignored
    assert ignored.reason is Reason.OUTPUT_PREFIX


@pytest.mark.parametrize("key", ["a.csv", "a/_b.csv", "a/b.TSV.GZ", "a/b.zip", "a/b.psv", "/a.csv", "a//b.csv"])
def test_keys_that_are_input_start(key: str) -> None:
    assert len(plan_batch(parse_batch(batch_of(s3_event(key))), RULES).starts) == 1


@given(st.lists(st.text("0123456789ABCDEF", min_size=1, max_size=20), min_size=2, max_size=2))
def test_sequencers_are_compared_padded_on_the_right(pair: list[str]) -> None:
    left, right = (sequencer.ljust(20, "0") for sequencer in pair)
    epoch = datetime.fromtimestamp(0, UTC)
    assert (order_of(pair[0], epoch) < order_of(pair[1], epoch)) == (int(left, 16) < int(right, 16))


def test_a_time_stands_among_sequencers_where_it_belongs() -> None:
    moment = datetime.fromtimestamp(0x55AED6DC, UTC)
    assert second_of(order_of("0055AED6DCD90281E5", moment)) == second_of(order_of("", moment))


@pytest.mark.parametrize(
    ("key", "dataset"),
    [
        ("orders/a.csv", "orders"),
        ("Sales 2024/x/a.csv", "sales_2024"),
        ("Übersicht/a.csv", "ubersicht"),
        ("2024/a.csv", "dataset_2024"),
        ("a.csv", "default"),
        ("/a.csv", "default"),
    ],
)
def test_a_dataset_is_the_first_folder(key: str, dataset: str) -> None:
    assert dataset_name(key) == dataset


@given(st.text(min_size=1).filter(lambda text: "/" not in text))
def test_every_folder_has_a_name_a_table_can_have(folder: str) -> None:
    name = dataset_name(f"{folder}/a.csv")
    assert name.isidentifier()
    assert name.isascii()
    assert name == name.lower()


def test_folders_without_a_readable_name_do_not_share_a_table() -> None:
    assert dataset_name("東京/a.csv") != dataset_name("大阪/a.csv")


def test_ids_are_those_of_the_contract() -> None:
    assert file_id("in", "orders/ü.csv", "v1") == "873a60e9c750cd4b"
    assert key_id("in", "orders/ü.csv") == "key#3450084438305588"
