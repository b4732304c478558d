"""Where bytes come from."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from glue_jobs.source import LocalFile, MemoryFile, S3Object, Source, SourceStream

CONTENT = bytes(range(256))


def test_ranges_of_a_file_end_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a:b *.csv"
    path.write_bytes(CONTENT)
    source = LocalFile.of(path)

    assert (source.size, source.name) == (256, str(path))
    assert source.read(250, 100) == CONTENT[250:]
    assert source.read(300, 5) == b""


def test_an_object_is_read_by_range_in_the_version_asked_for() -> None:
    with mock_aws():
        client = boto3.client("s3", region_name="eu-central-1")
        client.create_bucket(Bucket="input", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        client.put_bucket_versioning(Bucket="input", VersioningConfiguration={"Status": "Enabled"})
        old = client.put_object(Bucket="input", Key="a/[x] ä+.csv", Body=CONTENT)["VersionId"]
        client.put_object(Bucket="input", Key="a/[x] ä+.csv", Body=b"newer")
        original = S3Object("input", "a/[x] ä+.csv", len(CONTENT), old)
        source = pickle.loads(pickle.dumps(original))  # noqa: S301 - as executors get it

        assert (source.size, source.name) == (256, "s3://input/a/[x] ä+.csv")
        assert source.read(10, 5) == CONTENT[10:15]
        assert source.read(250, 100) == CONTENT[250:]
        assert source.read(256, 1) == b""
        with pytest.raises(ClientError):
            S3Object("input", "missing", 5).read(0, 5)


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_a_stream_over_a_source_reads_and_seeks_like_a_file(chunk: int) -> None:
    source: Source = MemoryFile(CONTENT, "x")
    stream = io.BufferedReader(SourceStream(source, chunk))

    assert stream.read(3) == CONTENT[:3]
    assert stream.seek(-2, io.SEEK_END) == 254
    assert stream.read() == CONTENT[254:]
    stream.seek(100)
    assert stream.read(8) == CONTENT[100:108]
