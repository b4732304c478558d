"""Uploads files to the input bucket and follows them through the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gluepipe import __version__
from gluepipe.access import open_account
from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.operations import ledger
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import ROW_COUNTS, Item
from gluepipe.project import Project
from gluepipe.settings import Environment
from lambda_trigger.decide import ACCEPTED_SUFFIXES
from lambda_trigger.file_version import dataset_name, file_id
from lambda_trigger.ledger_item import State

if TYPE_CHECKING:
    pass

FINAL_STATES = frozenset({State.SUCCEEDED, State.FAILED, State.IGNORED})
POLL_SECONDS = 0.5
SINGLE_PUT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """One uploaded file version."""

    file: Path
    dataset: str
    bucket: str
    key: str
    version_id: str
    file_id: str
    size: int

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Outcome:
    """Where an upload has got to: its state in the ledger (`waiting` before the trigger saw it) and the item."""

    upload: Upload
    state: str = "waiting"
    item: Item = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def reason(self) -> str:
        """Why it failed or was ignored, in words."""
        error = self.item.get("error") or {}
        line = f" (line {error['line']})" if error.get("line") else ""
        return ": ".join(str(error[name]) for name in ("code", "message") if error.get(name)) + line

    def as_document(self) -> dict[str, Any]:
        """Return everything for `--json`."""
        upload = self.upload
        facts = {
            "file": str(upload.file),
            "dataset": upload.dataset,
            "source_file": upload.uri,
            "version_id": upload.version_id,
            "file_id": upload.file_id,
            "state": self.state,
        }
        shown = (*ROW_COUNTS, "outputs", "error", "run_id")
        return facts | {name: self.item[name] for name in shown if name in self.item}


def check_files(files: Iterable[Path], dataset: str | None = None) -> list[tuple[Path, str]]:
    """Pair each file with the first segment of its key; raises UsageProblem for what would be ignored, or lost."""
    if dataset is not None and (not dataset.strip() or "/" in dataset):
        raise UsageProblem(f'"{dataset}" cannot be a dataset.', "Name one without a slash, such as orders.")
    keys: dict[str, tuple[Path, str]] = {}
    for file in files:
        if not file.is_file():
            what = "is a folder; name the files in it" if file.is_dir() else "does not exist"
            raise UsageProblem(f"{file} {what}.")
        if not file.name.lower().endswith(ACCEPTED_SUFFIXES):
            fix = f"Rename it; accepted: {' '.join(ACCEPTED_SUFFIXES)}."
            raise UsageProblem(f"{file} would be ignored for its suffix.", fix)
        name = dataset_name(f"{dataset or _stem(file)}/")
        twin, _ = keys.setdefault(f"{name}/{file.name}", (file, name))
        if twin is not file:
            fix = "Upload them one after the other, rename one, or give them datasets of their own."
            raise UsageProblem(f"{twin} and {file} would both be {name}/{file.name}, and replace each other.", fix)
    return list(keys.values())


@dataclass(frozen=True)
class InputBucket:
    """Where an environment takes files in, opened once for any number of them."""

    deployed: Deployed

    def upload(self, file: Path, dataset: str, report: Callable[[int], None] = lambda _count: None) -> Upload:
        """Upload one file as `{dataset}/{file name}`; `report` is given each number of bytes that are there."""
        from boto3.s3.transfer import TransferConfig

        s3, bucket, key = self.deployed.access.s3, self.deployed.names.input_bucket, f"{dataset}/{file.name}"
        extra = {"Metadata": {"uploaded-by": f"gluepipe {__version__}"}, "ContentType": "text/csv"}
        # Below the threshold one PutObject: a multipart upload costs more calls and is announced differently.
        config = TransferConfig(multipart_threshold=SINGLE_PUT_BYTES)
        s3.upload_file(str(file), bucket, key, ExtraArgs=extra, Config=config, Callback=report)
        head = s3.head_object(Bucket=bucket, Key=key)
        version = head.get("VersionId", "null")
        return Upload(file, dataset, bucket, key, version, file_id(bucket, key, version), head["ContentLength"])

    def follow(
        self, uploads: Iterable[Upload], timeout: float, report: Callable[[list[Outcome]], None] = lambda _latest: None
    ) -> list[Outcome]:
        """Wait until every upload has a final state or `timeout` seconds are over; `report` sees every change."""
        outcomes = [Outcome(upload) for upload in uploads]
        deadline = time.monotonic() + timeout
        while True:
            latest = _look(self.deployed, outcomes)
            if latest != outcomes:
                report(latest)
            outcomes = latest
            if all(outcome.is_final for outcome in outcomes) or time.monotonic() > deadline:
                return outcomes
            time.sleep(POLL_SECONDS)


def open_bucket(project: Project, environment: Environment) -> InputBucket:
    """Open the input bucket of an environment; raises GluePipeError where that is not deployed."""
    deployed = Deployed(open_account(project, environment.account), project.settings.names(environment))
    bucket = deployed.names.input_bucket
    try:
        deployed.access.s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
            fix = f"Deploy it first: gluepipe apply {environment.name}"
            raise GluePipeError(f"{environment.name} has no input bucket {bucket}.", fix) from None
        raise
    return InputBucket(deployed)


def _look(deployed: Deployed, outcomes: list[Outcome]) -> list[Outcome]:
    """The same outcomes, those that are not final as the ledger has them now."""
    waited_for = [outcome.upload.file_id for outcome in outcomes if not outcome.is_final]
    items = ledger.read(deployed.ledger, waited_for)
    return [
        outcome if outcome.is_final else _outcome(deployed, outcome.upload, items.get(outcome.upload.file_id, {}))
        for outcome in outcomes
    ]


def _outcome(deployed: Deployed, upload: Upload, item: Item) -> Outcome:
    if "outputs" in item:
        outputs = [f"s3://{deployed.names.output_bucket}/{output}" for output in item["outputs"]]
        item = {**item, "outputs": outputs}
    return Outcome(upload, item.get("state", "waiting"), item)


def _stem(file: Path) -> str:
    """Return the file name without its accepted suffixes: `orders.csv.gz` is `orders`."""
    name = file.name
    while suffix := next((s for s in sorted(ACCEPTED_SUFFIXES, key=len) if name.lower().endswith(s)), None):
        name = name[: -len(suffix)]
    return name
