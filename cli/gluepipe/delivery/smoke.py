"""The smoke test of an environment: a known file goes in, is followed to its table, and is removed again."""

from __future__ import annotations

import io
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluepipe.access import Access, open_account
from gluepipe.delivery import releases, repair
from gluepipe.delivery.releases import BUNDLE_KINDS, Smoke, Standing
from gluepipe.delivery.store import DeliveryStore, open_store
from gluepipe.deployment import data_buckets
from gluepipe.errors import GluePipeError
from gluepipe.operations.upload import Outcome, Upload, follow, open_bucket
from lambda_trigger.file_version import key_id

if TYPE_CHECKING:
    from gluepipe.console import Say
    from gluepipe.names import EnvironmentNames
    from gluepipe.project import Project
    from gluepipe.settings import Environment

# Nobody else's data may go to datasets of this prefix: their tables are dropped.
DATASET_PREFIX = "gluepipe_smoke_"
FILE_NAME = "smoke.csv"
IDS = ["00501", "00502", "00503"]
TEXT = 'id,name,amount\n00501,Zoë,1.50\n00502,"quoted, with\na line end",2.25\n00503,,-3\n'
METADATA_COLUMNS = ["processed_at", "source_file", "processing_job"]
TIMEOUT_SECONDS = 900.0


class SmokeTestError(GluePipeError):
    """The smoke test of an environment failed."""


def check(project: Project, environment: Environment, say: Say, timeout: float = TIMEOUT_SECONDS) -> None:
    """Run the smoke test and mark the live releases of both stacks; raises SmokeTestError when it fails.

    A release is marked only where it is all there is: not beside a later one that did not end well, nor when another
    one was begun meanwhile. While one of the stacks was never released the other cannot be tested, and is marked so;
    raises GluePipeError where neither was.
    """
    store = open_store(project, environment.account)
    before = _standing(store, environment)
    if all(standing == Standing() for standing in before.values()):
        fix = f"Release something there first: gluepipe apply {environment.name}"
        raise GluePipeError(f"Nothing was ever released to {environment.name}.", fix)
    for standing in before.values():
        if standing.doubtful:
            say(repair.explain(project, standing.doubtful))
    if missing := [stack for stack, standing in before.items() if standing.live is None]:
        say(f"smoke test: not possible yet, {missing[0]} was never released to {environment.name}")
        _mark(store, before.values(), Smoke.NOT_POSSIBLE)
        return
    say(f"smoke test: following a known file through {environment.name}")
    problems = run(project, environment, timeout)
    after = _standing(store, environment)
    tested = {stack: standing for stack, standing in after.items() if standing == before[stack] and standing.is_certain}
    _mark(store, tested.values(), Smoke.FAILED if problems else Smoke.PASSED)
    if problems:
        raise _failed(environment, before, problems)
    untested = " and ".join(stack for stack in after if stack not in tested)
    say(f"smoke test: passed{f', which proves nothing about the {untested}' if untested else ''}")


def _standing(store: DeliveryStore, environment: Environment) -> dict[str, Standing]:
    return {stack: releases.standing(releases.newest_first(store, environment.name, stack)) for stack in BUNDLE_KINDS}


def _mark(store: DeliveryStore, found: Iterable[Standing], verdict: Smoke) -> None:
    for standing in found:
        if standing.live and standing.is_certain:
            releases.mark_smoke(store, standing.live, verdict)


def _failed(environment: Environment, standings: Mapping[str, Standing], problems: list[str]) -> SmokeTestError:
    newest = max(standings, key=lambda stack: standings[stack].newest_id)
    fix = f"Back to the {newest} release before it: gluepipe rollback {environment.name} --stack {newest}"
    return SmokeTestError(f"The smoke test of {environment.name} failed: {'; '.join(problems)}.", fix)


def run(project: Project, environment: Environment, timeout: float) -> list[str]:
    """Send the known file through an environment and clean up; return what was wrong, in words."""
    access, names = open_account(project, environment.account), project.settings.names(environment)
    dataset = f"{DATASET_PREFIX}{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="gluepipe-") as folder:
        file = Path(folder) / FILE_NAME
        file.write_text(TEXT, encoding="utf-8")
        uploaded = open_bucket(project, environment).upload(file, dataset)
    try:
        (outcome,) = follow(project, environment, [uploaded], timeout, lambda _outcomes: None)
        return _problems(access, names, outcome)
    finally:
        clean(access, names, uploaded)


def clean(access: Access, names: EnvironmentNames, uploaded: Upload) -> None:
    """Remove the file, its rows, its table and its ledger items."""
    for bucket in names.data_buckets:
        data_buckets.empty(access.s3, bucket, prefix=f"{uploaded.dataset}/")
    for item in (uploaded.file_id, key_id(uploaded.bucket, uploaded.key)):
        access.dynamodb.delete_item(TableName=names.ledger, Key={"file_id": {"S": item}})
    access.glue.batch_delete_table(DatabaseName=names.database, TablesToDelete=[uploaded.dataset])


def _problems(access: Access, names: EnvironmentNames, outcome: Outcome) -> list[str]:
    if not outcome.is_final:
        return [f"the file is still {outcome.state}"]
    if outcome.state != "succeeded":
        return [f"the file {outcome.state}: {outcome.reason or 'no reason given'}"]
    return [*_wrong_rows(access, outcome), *_wrong_table(access, names, outcome.upload)]


def _wrong_rows(access: Access, outcome: Outcome) -> list[str]:
    rows = [row for output in outcome.item.get("outputs") or [] for row in _read(access, output)]
    problems = []
    if (ids := sorted(str(row.get("id")) for row in rows)) != IDS:
        problems.append(f"the rows are {ids}, not {IDS}")
    if wrong := {row.get("source_file") for row in rows} - {outcome.upload.uri}:
        problems.append(f"source_file is {wrong.pop()}, not {outcome.upload.uri}")
    return problems


def _read(access: Access, uri: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as parquet

    bucket, key = uri.removeprefix("s3://").split("/", 1)
    content = access.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    rows: list[dict[str, Any]] = parquet.ParquetFile(io.BytesIO(content)).read().to_pylist()
    return rows


def _wrong_table(access: Access, names: EnvironmentNames, uploaded: Upload) -> list[str]:
    found = access.glue.get_tables(DatabaseName=names.database, Expression=f"^{uploaded.dataset}$")["TableList"]
    if not found:
        return [f"there is no table {names.database}.{uploaded.dataset}"]
    columns = [column["Name"] for column in found[0]["StorageDescriptor"]["Columns"]]
    if columns[-len(METADATA_COLUMNS) :] != METADATA_COLUMNS:
        return [f"the table's last columns are {columns[-len(METADATA_COLUMNS) :]}, not {METADATA_COLUMNS}"]
    return []
