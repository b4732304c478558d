"""Pipelines that run: the stages of an execution in order, its builds, its approvals by people.

The source is the newest commit of the checkout that the emulated accounts belong to, whatever repository and branch the
pipeline names. ADR 11 lists what else is emulated, and how.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moto.codepipeline.models import PipelineExecution

from gluepipe.emulator import checkouts, source_artifact
from gluepipe.emulator.builds import Builds
from gluepipe.emulator.buildspec import resolved
from gluepipe.emulator.executions import (
    ABANDONED,
    FAILED,
    IN_PROGRESS,
    STOPPED,
    STOPPING,
    SUCCEEDED,
    SUPERSEDED,
    ActionRun,
    Delivery,
)
from gluepipe.emulator.role_credentials import client, role_environment
from gluepipe.errors import GluePipeError

SERVICE = "codepipeline.amazonaws.com"

# A stage: account, region, pipeline and name.
Place = tuple[str, str, str, str]

log = logging.getLogger(__name__)


class Deliveries:
    """Carries out the executions of every pipeline, each in a thread of its own."""

    def __init__(self, url: str, work_dir: Path, state_dir: Path) -> None:
        self._url = url
        self._state_dir = state_dir
        self._builds = Builds(url, work_dir, state_dir)
        self._all: dict[str, Delivery] = {}
        self._inside: dict[Place, str] = {}
        self._waiting: dict[Place, Delivery] = {}
        self._changed = threading.Condition()
        self._closed = False

    def start(self, account_id: str, region: str, pipeline: Mapping[str, Any], record: PipelineExecution) -> None:
        """Carry out a new execution."""
        delivery = Delivery(account_id, region, json.loads(json.dumps(pipeline)), record)
        delivery.variables["codepipeline.PipelineExecutionId"] = delivery.id
        delivery.status = IN_PROGRESS
        with self._changed:
            self._all[delivery.id] = delivery
        self._go_on(delivery, first=0)

    def of(self, account_id: str, region: str, name: str) -> list[Delivery]:
        """Return the executions of a pipeline, the oldest first."""
        with self._changed:
            found = list(self._all.values())
        return [each for each in found if (each.account_id, each.region, each.name) == (account_id, region, name)]

    def retry(self, delivery: Delivery, stage: str) -> None:
        """Run what failed in a stage again, and go on from there."""
        delivery.status = IN_PROGRESS
        self._go_on(delivery, first=[each["name"] for each in delivery.pipeline["stages"]].index(stage))

    def stop(self, delivery: Delivery) -> None:
        """Stop an execution once its present action has ended; what waits for approval is abandoned."""
        with self._changed:
            delivery.status = STOPPING
            self._changed.notify_all()

    def decide(self, run: ActionRun, approved: bool, summary: str, by: str) -> None:
        """Answer an approval that waits."""
        with self._changed:
            run.end(SUCCEEDED if approved else FAILED, summary, "" if approved else f"Rejected: {summary}", by)
            self._changed.notify_all()

    def close(self) -> None:
        """End every build."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._builds.close()

    def _go_on(self, delivery: Delivery, first: int) -> None:
        threading.Thread(target=self._run, args=(delivery, first), daemon=True).start()

    def _run(self, delivery: Delivery, first: int) -> None:
        for stage in delivery.pipeline["stages"][first:]:
            if not self._enter(delivery, stage["name"]):
                break
            outcome = self._stage(delivery, stage)
            self._leave(delivery, stage["name"], outcome)
            if outcome == FAILED:
                return
            if delivery.status == STOPPING:
                break
        with self._changed:
            if delivery.status == STOPPING:
                delivery.status = STOPPED
            elif delivery.status == IN_PROGRESS:
                delivery.status = SUCCEEDED

    def _enter(self, delivery: Delivery, stage: str) -> bool:
        """Wait until no other execution is in the stage; False when this one was stopped or superseded first."""
        place = (delivery.account_id, delivery.region, delivery.name, stage)
        with self._changed:
            earlier, self._waiting[place] = self._waiting.get(place), delivery
            if earlier and delivery.is_superseding:
                earlier.status = SUPERSEDED
                self._changed.notify_all()
            self._changed.wait_for(lambda: place not in self._inside or delivery.status != IN_PROGRESS or self._closed)
            if self._waiting.get(place) is delivery:
                del self._waiting[place]
            if delivery.status != IN_PROGRESS or self._closed:
                return False
            self._inside[place] = delivery.id
            delivery.stages[stage] = IN_PROGRESS
            return True

    def _leave(self, delivery: Delivery, stage: str, outcome: str) -> None:
        """Let the next execution in. Stage and execution fail at once: whoever sees the one may retry the other."""
        with self._changed:
            del self._inside[(delivery.account_id, delivery.region, delivery.name, stage)]
            delivery.stages[stage] = outcome
            if outcome == FAILED:
                delivery.status = FAILED
            self._changed.notify_all()

    def _stage(self, delivery: Delivery, stage: Mapping[str, Any]) -> str:
        for action in stage["actions"]:
            done = delivery.latest(stage["name"], action["name"])
            if done and done.status == SUCCEEDED:
                continue  # a retry runs only what failed
            run = ActionRun(stage["name"], action)
            with self._changed:
                delivery.runs.append(run)
            try:
                self._act(delivery, run)
            except Exception as error:  # whatever it was, the execution has to end and say so
                log.exception("%s: %s failed", delivery.name, run.stage)
                run.end(FAILED, error=str(error))
            if run.status != SUCCEEDED:
                return STOPPED if run.status == ABANDONED else FAILED
        return SUCCEEDED

    def _act(self, delivery: Delivery, run: ActionRun) -> None:
        category, provider = run.action["actionTypeId"]["category"], run.action["actionTypeId"]["provider"]
        given = run.action["configuration"].items()
        configuration = {name: resolved(value, delivery.variables) for name, value in given}
        if category == "Source":
            commit, subject = checkouts.newest_commit(checkouts.find(self._state_dir))
            source_artifact.put(
                delivery.pipeline, delivery.artifact_key, commit, configuration, self._as_pipeline(delivery)
            )
            run.end(SUCCEEDED, summary=f"{commit[:12]} {subject}")
        elif category == "Approval":
            self._ask(delivery, run, configuration)
        elif provider == "CodeBuild":
            run.exported = self._builds.run(delivery, run, configuration)
            namespace = run.action.get("namespace")
            delivery.variables |= {f"{namespace}.{name}": value for name, value in run.exported.items()}
            run.end(SUCCEEDED)
        else:
            raise GluePipeError(f"The emulated CodePipeline has no actions of {category} {provider}.")

    def _ask(self, delivery: Delivery, run: ActionRun, configuration: Mapping[str, str]) -> None:
        """Tell the approvers over SNS, as the service does, and wait for one of them."""
        approval = {
            "pipelineName": delivery.name,
            "stageName": run.stage,
            "actionName": run.action["name"],
            "token": str(uuid.uuid4()),
            "customData": configuration.get("CustomData", ""),
        }
        run.summary = approval["customData"].partition("\n")[0]
        run.token = approval["token"]  # from here on it can be answered
        if topic := configuration.get("NotificationArn"):
            client("sns", self._as_pipeline(delivery)).publish(
                TopicArn=topic,
                Subject=f"APPROVAL NEEDED: {delivery.name}"[:99],
                Message=json.dumps({"region": delivery.region, "approval": approval}),
            )
        with self._changed:
            self._changed.wait_for(lambda: run.status != IN_PROGRESS or delivery.status == STOPPING or self._closed)
            if run.status == IN_PROGRESS:
                run.end(ABANDONED)

    def _as_pipeline(self, delivery: Delivery) -> dict[str, str]:
        """Let the service take the pipeline's role; raises RoleRefusedError where the role does not trust it."""
        arn = f"arn:aws:codepipeline:{delivery.region}:{delivery.account_id}:{delivery.name}"
        role = delivery.pipeline["roleArn"]
        return role_environment(role, delivery.name, delivery.region, self._url, SERVICE, arn)
