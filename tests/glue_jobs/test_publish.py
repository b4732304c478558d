"""Versions of one key that overtake each other."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import boto3
import pytest

from glue_jobs.items import Items
from glue_jobs.manifest import FileVersion
from glue_jobs.publish import KeyState, Publisher, SupersededError
from tests.glue_jobs.lake import LEDGER, OUTPUT, Lake

KEY = "incoming/one.csv"


@pytest.fixture
def publisher(lake: Lake) -> Publisher:
    return Publisher(boto3.client("s3"), Items(boto3.client("dynamodb"), LEDGER), OUTPUT)


def name_of(version: FileVersion) -> str:
    return f"incoming/ingest_date=2024-05-01/{version.file_id}-0.parquet"


def showing(lake: Lake, version: FileVersion) -> Callable[[], None]:
    return lambda: lake.s3.put_object(Bucket=OUTPUT, Key=name_of(version), Body=b"rows")


def publish(publisher: Publisher, lake: Lake, version: FileVersion) -> None:
    publisher.publish(version, name_of(version), showing(lake, version))


def key_state(publisher: Publisher, version: FileVersion) -> KeyState:
    return publisher.key_states([version])[version.file_id]


def test_a_new_version_takes_the_place_of_the_old(lake: Lake, publisher: Publisher) -> None:
    first = lake.upload(KEY, "one")
    publish(publisher, lake, first)
    second = lake.upload(KEY, "two")
    publish(publisher, lake, second)

    assert lake.objects() == [name_of(second)]
    assert key_state(publisher, second) == KeyState(
        second.file_id, second.order, second.file_id, frozenset({name_of(second)}), frozenset()
    )


def test_publishing_again_changes_nothing(lake: Lake, publisher: Publisher) -> None:
    version = lake.upload(KEY, "one")
    publish(publisher, lake, version)
    before = key_state(publisher, version)
    publish(publisher, lake, version)

    assert lake.objects() == [name_of(version)]
    assert key_state(publisher, version) == before


def test_an_older_version_shows_nothing_once_a_newer_is_known(lake: Lake, publisher: Publisher) -> None:
    first, second = lake.upload(KEY, "one"), lake.upload(KEY, "two")
    publish(publisher, lake, second)

    with pytest.raises(SupersededError):
        publish(publisher, lake, first)
    assert lake.objects() == [name_of(second)]


def test_a_version_overtaken_while_it_becomes_visible_takes_itself_back(lake: Lake, publisher: Publisher) -> None:
    first = lake.upload(KEY, "one")
    overtaking: list[FileVersion] = []

    def show_late() -> None:
        overtaking.append(lake.upload(KEY, "two"))
        publish(publisher, lake, overtaking[0])
        showing(lake, first)()

    with pytest.raises(SupersededError):
        publisher.publish(first, name_of(first), show_late)

    assert lake.objects() == [name_of(overtaking[0])]
    assert key_state(publisher, first).announced == frozenset()


def test_the_newest_version_removes_one_that_ended_between_its_own_steps(lake: Lake, publisher: Publisher) -> None:
    first = lake.upload(KEY, "one")
    shown, go_on = Event(), Event()

    def show_first() -> None:
        showing(lake, first)()
        shown.set()
        go_on.wait(10)

    slow = Thread(target=publisher.publish, args=(first, name_of(first), show_first))
    slow.start()
    shown.wait(10)
    newest = lake.upload(KEY, "two")

    def show_newest() -> None:
        showing(lake, newest)()
        go_on.set()
        slow.join()
        assert key_state(publisher, first).published == first.file_id

    publisher.publish(newest, name_of(newest), show_newest)

    assert lake.objects() == [name_of(newest)]
    assert key_state(publisher, newest).published == newest.file_id


def test_without_a_key_item_versions_still_take_their_order(lake: Lake, publisher: Publisher) -> None:
    first, second = lake.upload(KEY, "one", newest=False), lake.upload(KEY, "two", newest=False)
    publish(publisher, lake, first)
    publish(publisher, lake, second)
    with pytest.raises(SupersededError):
        publish(publisher, lake, first)

    assert lake.objects() == [name_of(second)]


class TestSettlingWhatAKilledOlderVersionLeft:
    @pytest.fixture
    def killed(self, lake: Lake, publisher: Publisher) -> FileVersion:
        """A version whose run was killed after it had shown its object and before it deleted the older one."""
        publish(publisher, lake, lake.upload(KEY, "zero"))
        version = lake.upload(KEY, "one")

        def show_and_die() -> None:
            showing(lake, version)()
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            publisher.publish(version, name_of(version), show_and_die)
        return version

    def test_it_goes_while_the_published_one_is_there(
        self, lake: Lake, publisher: Publisher, killed: FileVersion
    ) -> None:
        lake.upload(KEY, "two")
        publisher.settle_superseded(killed, key_state(publisher, killed))

        assert name_of(killed) not in lake.objects()
        assert len(lake.objects()) == 1

    def test_it_stays_while_it_is_all_there_is(self, lake: Lake, publisher: Publisher, killed: FileVersion) -> None:
        (published,) = key_state(publisher, killed).outputs
        lake.s3.delete_object(Bucket=OUTPUT, Key=published)
        newest = lake.upload(KEY, "two")
        publisher.settle_superseded(killed, key_state(publisher, killed))
        assert lake.objects() == [name_of(killed)]

        publish(publisher, lake, newest)
        assert lake.objects() == [name_of(newest)]
