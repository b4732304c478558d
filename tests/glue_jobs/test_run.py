"""Runs over whole files: what stands in table, ledger, quarantine and catalog afterwards."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import boto3
import pytest

from tests.glue_jobs.lake import DATABASE, INPUT, OUTPUT, Lake

CASES = Path(__file__).parents[1] / "cases"
OWN_COLUMNS = ["_rescued_data", "processed_at", "source_file", "processing_job"]


def test_a_file_becomes_rows_and_its_figures_stand_in_the_ledger(lake: Lake) -> None:
    content = "Order ID,amount\n1,2.50\n2,\n3,1,4\n" + "".join(f"{n},9.99\n" for n in range(4, 30))
    version = lake.upload("orders/2024/may.csv", content)
    (outcome,) = lake.run(version)

    assert outcome.state == "succeeded"
    item = lake.item(version.file_id)
    assert item["state"] == "succeeded"
    assert item["state_shard"] == f"succeeded#{version.file_id[0]}"
    counts = {name: int(item[name]) for name in ("rows_read", "rows_written", "rows_quarantined", "rows_rescued")}
    assert counts == {"rows_read": 29, "rows_written": 28, "rows_quarantined": 1, "rows_rescued": 0}
    assert item["bytes_in"] == len(content)
    assert item["release"] == "release"
    (name,) = item["outputs"]
    assert lake.objects("orders/") == [name]
    assert name.startswith("orders/ingest_date=20")
    assert name.endswith(f"/{version.file_id}-0.parquet")
    assert lake.s3.head_object(Bucket=OUTPUT, Key=name)["ContentLength"] == item["bytes_out"]
    assert lake.rows("orders")[0]["source_file"] == f"s3://{INPUT}/orders/2024/may.csv"
    assert lake.rows("orders")[0]["processing_job"] == "file-processor"


def test_the_catalog_lists_the_columns_of_the_file_in_its_order(lake: Lake) -> None:
    lake.load("orders/a.csv", "Order ID,when,price,local\n1,2024-05-01T10:00:00Z,1.25,2024-05-01 10:00:00\n")

    assert lake.columns("orders") == [
        ("order_id", "bigint"),
        ("when", "timestamp"),
        ("price", "double"),
        ("local", "timestamp"),
        ("_rescued_data", "string"),
        ("processed_at", "timestamp"),
        ("source_file", "string"),
        ("processing_job", "string"),
    ]
    table = lake.glue.get_table(DatabaseName=DATABASE, Name="orders")["Table"]
    assert table["StorageDescriptor"]["Columns"][0]["Comment"] == "Order ID"
    assert table["PartitionKeys"] == [{"Name": "ingest_date", "Type": "string"}]
    assert list(lake.rows("orders")[0]) == [name for name, _ in lake.columns("orders")]


def test_a_time_without_zone_stays_one_in_later_files(lake: Lake) -> None:
    lake.load("orders/a.csv", "local\n2024-03-31 01:30:00\n")
    lake.load("orders/b.csv", "local\n2024-03-31 02:30:00\n")

    assert sorted(str(row["local"]) for row in lake.rows("orders")) == ["2024-03-31 01:30:00", "2024-03-31 02:30:00"]


def test_rows_that_cannot_be_loaded_are_in_quarantine(lake: Lake) -> None:
    version = lake.upload("orders/a.csv", b"id,v\n" + b"1,a\n" * 20 + b"2,\xff\xfe\n3,b,c\n" + "4,ü\n".encode())
    lake.run(version)

    body = lake.s3.get_object(Bucket=OUTPUT, Key=f"_quarantine/orders/{version.file_id}.jsonl")["Body"].read()
    undecodable, ragged = map(json.loads, body.splitlines())
    assert (undecodable["line"], undecodable["raw_base64"]) == (22, "Miz//g==")
    assert (ragged["line"], ragged["reason"], ragged["raw"]) == (23, "too_many_fields", "3,b,c")


def test_a_file_with_too_many_bad_rows_is_rejected_and_nothing_is_published(lake: Lake) -> None:
    version = lake.upload("orders/a.csv", "id,v\n" + "1,a\n" * 20 + "2,b,c\n" * 11)
    (outcome,) = lake.run(version)

    assert outcome.state == "failed"
    assert not outcome.needs_retry
    error = lake.item(version.file_id)["error"]
    assert (error["code"], error["line"], error["retryable"]) == ("too_many_bad_rows", 22, False)
    assert lake.objects("orders/") == []
    assert lake.glue.get_tables(DatabaseName=DATABASE)["TableList"] == []
    assert lake.objects("_quarantine/orders/") != []


def test_one_bad_file_does_not_fail_its_neighbours(lake: Lake) -> None:
    versions = [
        lake.upload("orders/good.csv", "id\n1\n"),
        lake.upload("orders/empty.csv", ""),
        lake.upload("orders/gone.csv", "id\n2\n"),
        lake.upload("orders/good_too.csv", "id\n3\n"),
    ]
    lake.s3.delete_object(Bucket=INPUT, Key="orders/gone.csv")
    outcomes = {outcome.version.key: outcome for outcome in lake.run(*versions)}

    assert {key: outcome.state for key, outcome in outcomes.items()} == {
        "orders/good.csv": "succeeded",
        "orders/empty.csv": "failed",
        "orders/gone.csv": "failed",
        "orders/good_too.csv": "succeeded",
    }
    assert outcomes["orders/empty.csv"].figures["error"]["code"] == "empty_file"
    assert outcomes["orders/gone.csv"].figures["error"]["code"] == "object_missing"
    assert not any(outcome.needs_retry for outcome in outcomes.values())
    assert lake.values("orders", "id") == [(1,), (3,)]


@pytest.mark.parametrize("order", [(1, 2, 3, 4), (4, 3, 2, 1)])
def test_files_that_drift_apart_keep_every_value_in_any_order(lake: Lake, order: tuple[int, ...]) -> None:
    case = CASES / "c05_schema_drift_between_files"
    for number in order:
        assert lake.load(f"drift/{number}.csv", (case / f"input_{number}.csv").read_bytes()).state == "succeeded"

    found = {str(row["id"]): row for row in lake.rows("drift")}
    types = dict(lake.columns("drift"))
    for row_id, expected in json.loads((case / "expected.json").read_text())["rows_by_id"].items():
        row = found.pop(row_id)
        rescued = json.loads(row["_rescued_data"] or "{}")
        for name, text in expected.items():
            value = row.get(name)
            assert (rescued.get(name) if value is None else str(value)) == text, (row_id, name)
    assert not found
    assert list(types)[-4:] == OWN_COLUMNS


def test_the_same_files_in_one_run_give_the_same_table(lake: Lake) -> None:
    case = CASES / "c05_schema_drift_between_files"
    versions = [lake.upload(f"drift/{n}.csv", (case / f"input_{n}.csv").read_bytes()) for n in (1, 2, 3, 4)]
    lake.run(*versions)

    assert lake.values("drift", "id") == [(1,), (2,), (3,), (4,), (5,)]
    assert [name for name, _ in lake.columns("drift")] == ["id", "amount", "region", "coupon", *OWN_COLUMNS]


def test_a_key_uploaded_again_replaces_its_rows_alone(lake: Lake) -> None:
    case = CASES / "c06_overwrite_loses_other_files"
    lake.load("incoming/one.csv", (case / "input_1.csv").read_bytes())
    lake.load("incoming/two.csv", (case / "input_2.csv").read_bytes())
    assert lake.values("incoming", "id") == [(1,), (2,), (3,)]

    version = lake.upload("incoming/one.csv", (case / "input_1_v2.csv").read_bytes())
    expected = [(1, "A"), (2, "B"), (3, "c"), (9, "Z")]
    for attempt in ("first", "again"):
        lake.run(version, manifest=f"manifests/{attempt}.json")
        assert lake.values("incoming", "id", "v") == expected


def test_an_older_version_that_comes_late_is_ignored(lake: Lake) -> None:
    first = lake.upload("incoming/one.csv", "id\n1\n")
    second = lake.upload("incoming/one.csv", "id\n2\n")
    lake.run(second)
    (outcome,) = lake.run(first)

    assert (outcome.state, outcome.figures["error"]["code"]) == ("ignored", "superseded")
    assert lake.item(first.file_id)["state"] == "ignored"
    assert lake.values("incoming", "id") == [(2,)]


def test_an_object_overwritten_before_it_was_read_is_left_to_its_own_event(lake: Lake) -> None:
    first = lake.upload("incoming/one.csv", "id\n1\n")
    lake.upload("incoming/one.csv", "id\n2\n", newest=False)
    (outcome,) = lake.run(first)

    assert outcome.state == "ignored"
    assert lake.rows("incoming") == []


def test_what_other_engines_left_behind_is_not_in_the_way(lake: Lake) -> None:
    case = CASES / "c07_temporary_files_left"
    lake.load("elsewhere/a.csv", "id,v\n7,stale\n")
    (name,) = lake.objects("elsewhere/")
    stale = lake.s3.get_object(Bucket=OUTPUT, Key=name)["Body"].read()
    for left in ("_temporary/0/task_x/part-00000.parquet", ".spark-staging-abc/part-00000.parquet", "_SUCCESS"):
        lake.s3.put_object(Bucket=OUTPUT, Key=f"stray/{left}", Body=stale if "parquet" in left else b"")

    assert lake.load("stray/input.csv", (case / "input.csv").read_bytes()).state == "succeeded"
    assert lake.values("stray", "id", "v") == [(1, "a"), (2, "b")]
    assert len(lake.objects("stray/")) == 4
    assert lake.objects("_staging/") == []


def test_keys_are_names_and_not_patterns(lake: Lake) -> None:
    case = CASES / "b15_glob_characters_in_key"
    right = {"sales[2024].csv", "{a,b}.csv", "q*.csv", "what?.csv"}
    versions = []
    for path in sorted(case.glob("bucket_*")):
        version = lake.upload(f"incoming/{path.name.removeprefix('bucket_')}", path.read_bytes())
        versions += [version] if version.key.removeprefix("incoming/") in right else []
    lake.run(*versions)

    assert {row["source_file"] for row in lake.rows("incoming")} == {f"s3://{INPUT}/incoming/{name}" for name in right}
    assert {row["v"] for row in lake.rows("incoming")} == {"right"}


@pytest.mark.parametrize(
    "name", ["a b.csv", "a+b.csv", "Umsätze.csv", "100%.csv", "a:b.csv", "_x=1.csv", "日本.csv.gz"]
)
def test_any_object_name_will_do(lake: Lake, name: str) -> None:
    content = b"id\n1\n"
    outcome = lake.load(f"incoming/{name}", gzip.compress(content) if name.endswith(".gz") else content)

    assert outcome.state == "succeeded"
    assert [(row["id"], row["source_file"]) for row in lake.rows("incoming")] == [(1, f"s3://{INPUT}/incoming/{name}")]


def test_a_header_alone_makes_a_table_without_rows_and_leaves_types_alone(lake: Lake) -> None:
    case = CASES / "a52_header_only"
    content = (case / "input.csv").read_bytes() if case.exists() else b"id,name,amount\n"
    assert lake.load("empty/a.csv", content).state == "succeeded"
    assert lake.columns("empty")[:3] == [("id", "string"), ("name", "string"), ("amount", "string")]
    assert lake.rows("empty") == []
    assert len(lake.objects("empty/")) == 1

    lake.load("typed/a.csv", "id,name,amount\n1,x,2.5\n")
    before = lake.columns("typed")
    lake.load("typed/b.csv", content)
    assert lake.columns("typed") == before


@pytest.mark.parametrize("unit_size", [1 << 20, 6 << 20], ids=["units too small for parts", "some large enough"])
def test_a_file_of_several_units_is_one_object(lake: Lake, monkeypatch: pytest.MonkeyPatch, unit_size: int) -> None:
    monkeypatch.setattr("glue_jobs.load.RANGE", unit_size)
    noise = random.Random(7)  # noqa: S311 - no secret
    lines = [f"{n},{noise.getrandbits(800):0200x}" for n in range(40_000)]
    version = lake.upload("wide/a.csv", "id,noise\n" + "\n".join(lines) + "\n")
    lake.run(version)

    item = lake.item(version.file_id)
    assert item["rows_written"] == 40_000
    assert [f"{row['id']},{row['noise']}" for row in lake.rows("wide")] == lines
    assert lake.objects() == item["outputs"]
    assert lake.s3.list_multipart_uploads(Bucket=OUTPUT).get("Uploads", []) == []
    assert lake.s3.head_object(Bucket=OUTPUT, Key=item["outputs"][0])["ContentLength"] == item["bytes_out"]


def test_a_large_file_that_is_rejected_leaves_nothing_behind(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glue_jobs.load.RANGE", 1 << 20)
    version = lake.upload("wide/a.csv", "id,text\n" + f"1,{'x' * 900}\n" * 2_000 + "1,2,3\n" * 500)
    (outcome,) = lake.run(version)

    assert outcome.figures["error"]["code"] == "too_many_bad_rows"
    assert lake.objects() == [f"_quarantine/wide/{version.file_id}.jsonl"]
    assert lake.s3.list_multipart_uploads(Bucket=OUTPUT).get("Uploads", []) == []


def test_a_file_is_not_processed_twice_for_one_claim(lake: Lake) -> None:
    version = lake.upload("orders/a.csv", "id\n1\n")
    lake.run(version, manifest="manifests/1.json", run_id="jr_1")
    (outcome,) = lake.run(version, manifest="manifests/1.json", run_id="jr_2")

    assert outcome.state == "skipped"
    assert lake.item(version.file_id)["run_id"] == "jr_1"


def test_a_file_claimed_for_another_run_is_left_alone(lake: Lake) -> None:
    version = lake.upload("orders/a.csv", "id\n1\n")
    lake.items.put_item(
        Item={"file_id": version.file_id, "state": "claimed", "manifest": "s3://assets/manifests/other.json"}
    )
    (outcome,) = lake.run(version)

    assert outcome.state == "skipped"
    assert lake.rows("orders") == []


def test_the_sums_of_a_run_are_metrics(lake: Lake) -> None:
    lake.load("orders/a.csv", "id\n1\n2\n")
    cloudwatch = boto3.client("cloudwatch")
    metrics = {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="GluePipe")["Metrics"]}

    assert {"FilesSucceeded", "FilesFailed", "RowsWritten", "RowsQuarantined"} <= metrics
