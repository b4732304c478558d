"""What doctor says of a deployed environment."""

from __future__ import annotations

import json

from tests.end_to_end.conftest import Checkout


def test_a_deployed_environment_is_in_order(deployed: Checkout) -> None:
    done = deployed.gluepipe("doctor", "--json")
    found = {finding["name"]: finding for finding in json.loads(done.stdout)}
    expected = ["account dev", "state dev", "lock dev", "dev notification", "dev queue", "dev glue"]
    assert {name: found[name]["level"] for name in expected} == dict.fromkeys(expected, "ok"), done.stdout
    assert done.returncode == 0
