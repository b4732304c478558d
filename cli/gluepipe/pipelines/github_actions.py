"""The two delivery pipelines as GitHub Actions workflows, for teams without CodePipeline.

Made from the very configuration of the CodePipelines (paths, branch, stages), with the same make targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gluepipe.names import Stack

FOLDER = Path(".github/workflows")
# Pinned by commit, because a tag can be moved; the comment beside it is for people and bots.
CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"
PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065"
CREDENTIALS = "aws-actions/configure-aws-credentials@ececac1a45f3b08a01d2dd070d28d111c5fe6722"
VERSIONS = {CHECKOUT: "v4.2.2", PYTHON: "v5.6.0", CREDENTIALS: "v4.1.0"}
# Set as a variable of the repository: the pipeline account's role, which trusts GitHub's OIDC provider.
ROLE = "${{ vars.GLUEPIPE_PIPELINE_ROLE }}"
APPROVALS = '"repos/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/approvals"'
GH_READS = "GH_TOKEN"  # the variable that the command gh takes its credentials from
HEADER = "# Written by `gluepipe pipeline export github`; change that and write it again.\n"

PATHS = {
    Stack.INFRASTRUCTURE: [
        "cli/**", "gluepipe.toml", "lambda_trigger/**", "modules/**", "requirements/**", "terraform/**",
        "!modules/application/**", "!modules/glue_job/**", "!terraform/*/application/**",
    ],
    Stack.APPLICATION: ["glue_jobs/**", "modules/application/**", "modules/glue_job/**", "terraform/*/application/**"],
}  # fmt: skip

Step = dict[str, Any]


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes texts of several lines as blocks, which is how people write scripts in YAML."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def export(root: Path, region: str, first: str, following: str, branch: str = "main") -> list[Path]:
    """Write both workflows below `root`; return the files."""
    written = []
    for stack in PATHS:
        file = root / FOLDER / f"{stack}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(render(workflow(stack, region, first, following, branch)), encoding="utf-8")
        written.append(file)
    return written


def workflow(stack: Stack, region: str, first: str, following: str, branch: str) -> dict[str, Any]:
    """Return the workflow that delivers a stack to `first` and, once approved, to the environment `following` it."""
    jobs: dict[str, Any] = {"build": _job([_run("make setup-dev"), _run("make check"), _run("make test")])}
    before = "build"
    if stack == Stack.APPLICATION:
        keep = _run(f'make package ARGS="--keep {first}"')
        jobs["assets"] = _job([_credentials(region), _run("make setup"), keep], needs=before)
        before = "assets"
    jobs[f"deploy-{first}"] = _deploy_first(stack, region, first, following, needs=before)
    jobs[f"deploy-{following}"] = _deploy_next(region, first, following)
    return {
        "name": str(stack),
        "on": {"push": {"branches": [branch], "paths": PATHS[stack]}, "workflow_dispatch": {}},
        "permissions": {"contents": "read"},
        "concurrency": {"group": str(stack), "cancel-in-progress": False},
        "jobs": jobs,
    }


def render(document: Mapping[str, Any]) -> str:
    """Return a workflow as YAML."""
    text: str = yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, width=200, allow_unicode=True)
    for action, version in VERSIONS.items():
        text = text.replace(action, f"{action} # {version}")
    # YAML 1.1 reads a bare `on` as true, so the writer quotes it; GitHub wants the word.
    return HEADER + text.replace("'on':", "on:", 1)


def _deploy_first(stack: Stack, region: str, first: str, following: str, needs: str) -> dict[str, Any]:
    promote = f'make --silent promote FROM={first} TO={following} ARGS="--stack {stack} --save"'
    plan = [
        f'PLAN="$({promote})"',
        'echo "plan=$PLAN" >> "$GITHUB_OUTPUT"',
        'test -z "$PLAN" || make --silent plan-summary PLAN="$PLAN" >> "$GITHUB_STEP_SUMMARY"',
    ]
    steps = [
        _credentials(region),
        _run("make setup"),
        _run(f'make apply ENV={first} ARGS="--stack {stack} --yes --wait 1800"'),
        _run(f"make smoke ENV={first}"),
        {"name": f"Plan {following}", "id": "promote", "run": "\n".join(plan)},
    ]
    return {**_job(steps, needs, environment=first), "outputs": {"plan": "${{ steps.promote.outputs.plan }}"}}


def _deploy_next(region: str, first: str, following: str) -> dict[str, Any]:
    # The environment's required reviewers approve; whoever they were is read from the run, not believed.
    approve = [
        f'REVIEWERS="$(gh api {APPROVALS} --jq \'[.[].user.login] | join(", ")\')"',
        'make approve PLAN="$PLAN" ARGS="--reason \'approved by $REVIEWERS\'"',
    ]
    steps = [
        _credentials(region, session="approved-${{ github.run_id }}"),
        _run("make setup"),
        {"name": "Record the approval", "run": "\n".join(approve)},
        _run(f'make apply ENV={following} ARGS="--saved $PLAN"'),
    ]
    plan = f"needs.deploy-{first}.outputs.plan"
    job = _job(steps, needs=f"deploy-{first}", environment=following)
    job["permissions"] |= {"actions": "read"}
    environment = {"PLAN": f"${{{{ {plan} }}}}", GH_READS: "${{ github.token }}"}
    return {"if": f"{plan} != ''", **job, "env": environment}


def _job(steps: list[Step], needs: str | None = None, environment: str | None = None) -> dict[str, Any]:
    checkout = {"uses": CHECKOUT, "with": {"fetch-depth": 0, "persist-credentials": False}}
    python = {"uses": PYTHON, "with": {"python-version": "3.11"}}
    rights = {"contents": "read"}
    if any(step.get("uses") == CREDENTIALS for step in steps):
        rights["id-token"] = "write"
    job: dict[str, Any] = {"needs": needs, "environment": environment, "runs-on": "ubuntu-24.04", "permissions": rights}
    return {name: value for name, value in job.items() if value} | {"steps": [checkout, python, *steps]}


def _credentials(region: str, session: str = "delivery-${{ github.run_id }}") -> Step:
    given = {"role-to-assume": ROLE, "role-session-name": session, "aws-region": region}
    return {"uses": CREDENTIALS, "with": given}


def _run(command: str) -> Step:
    return {"run": command}
