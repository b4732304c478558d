import json

import pytest

from gluepipe.delivery import contract_wait
from gluepipe.errors import GluePipeError
from tests.cli.delivery.world import World

STATE = "dev/infrastructure.tfstate"
READY = {"outputs": {"contract": {"value": {"version": 1}}}}
LOCK = {"Who": "anna@laptop", "Created": "now", "Operation": "OperationTypeApply"}


def wait(world: World, seconds: float) -> None:
    contract_wait.wait(world.project, world.environment("dev"), seconds, world.say)


def test_what_is_there_is_not_waited_for(world: World) -> None:
    world.store("dev").write_json(STATE, READY)
    wait(world, -1)
    assert world.said == []


@pytest.mark.parametrize("state", [None, {"outputs": {}}])
def test_a_missing_contract_is_named_with_its_producer(world: World, state: object) -> None:
    if state:
        world.store("dev").write_json(STATE, state)
    with pytest.raises(GluePipeError, match="infrastructure of dev has put out no contract") as caught:
        wait(world, -1)
    assert caught.value.fix == "Deploy it first: gluepipe apply dev --stack infrastructure"


def test_an_apply_under_way_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = world.store("dev")
    store.write_json(STATE, READY)
    store.write(f"{STATE}.tflock", json.dumps(LOCK).encode())
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            store.s3.delete_object(Bucket=store.bucket, Key=f"{STATE}.tflock")

    monkeypatch.setattr(contract_wait.time, "sleep", pause)
    wait(world, 60)
    assert len(pauses) == 3
    assert world.said == ["The infrastructure of dev is being changed by anna@laptop since now (apply); waiting"]
