"""The command line: this file only says which commands there are and where they stand.

Nothing is imported before a command is chosen, so `gluepipe --help` costs no more than Click itself.
"""

from pathlib import Path

import click

from gluepipe import __version__
from gluepipe.commands.group import LazyCommand, LazyGroup
from gluepipe.project import ROOT_VARIABLE

COMMANDS = {
    "Start here": {
        "demo": LazyCommand("demo:demo", "Deploy to the emulated account, drop CSVs in, show the tables."),
        "demo-delivery": LazyCommand(
            "demo_delivery:demo_delivery", "Promote, approve and roll back on emulated accounts."
        ),
        "doctor": LazyCommand("doctor:doctor", "Check this machine, the settings and the accounts."),
        "preview": LazyCommand("preview:preview", "Show what the job would make of a CSV, without deploying."),
        "emulator": LazyCommand("emulator:emulator", "Start, stop or inspect the emulated accounts."),
    },
    "Deploy": {
        "bootstrap": LazyCommand("bootstrap:bootstrap", "Prepare an account: state bucket, key, deploy role."),
        "package": LazyCommand("package:package", "Build the reproducible trigger and job bundles."),
        "init": LazyCommand("stacks:init", "Write each root's backend and variable files, run terraform init."),
        "plan": LazyCommand("stacks:plan", "Show what an apply would change."),
        "apply": LazyCommand("stacks:apply", "Deploy infrastructure, then application."),
        "destroy": LazyCommand("destroy:destroy", "Remove both stacks; refuses while buckets hold data."),
        "output": LazyCommand("stacks:output", "Show the outputs of the stacks."),
        "unlock": LazyCommand("unlock:unlock", "Release a state lock that a dead run left behind."),
    },
    "Deliver": {
        "releases": LazyCommand("releases:releases", "List what was released, by whom, and whether it works."),
        "smoke": LazyCommand("smoke:smoke", "Send a known file through an environment and clean up."),
        "promote": LazyCommand("promote:promote", "Bring a proven release to the next environment."),
        "plan-summary": LazyCommand("promote:plan_summary", "Show what a saved plan would do, the gravest first."),
        "approve": LazyCommand("promote:approve", "Approve a saved plan that somebody else made."),
        "reject": LazyCommand("promote:reject", "Reject a saved plan."),
        "rollback": LazyCommand("rollback:rollback", "Go back to an earlier release; never touches data."),
        "drift": LazyCommand("drift:drift", "Tell what was changed outside Terraform; exit 2 if anything."),
        "pipeline": LazyCommand("pipeline:pipeline", "Apply, watch and steer the delivery pipelines."),
    },
    "Run": {
        "status": LazyCommand("status:status", "Tell how an environment is; exit 1 when it is unhealthy."),
        "upload": LazyCommand("upload:upload", "Upload CSVs to the input bucket and follow them."),
        "files": LazyCommand("files:files", "List the files the pipeline has seen."),
        "file": LazyCommand("files:file", "Explain one file: its state, rows, outputs and error."),
        "tables": LazyCommand("tables:tables", "List the tables that the files became."),
        "table": LazyCommand("tables:table", "Show one table: its columns and some rows."),
        "runs": LazyCommand("runs:runs", "List job runs."),
        "logs": LazyCommand("runs:logs", "Show the bucket's events and the logs of trigger and job."),
        "cost": LazyCommand("cost:cost", "Tell what files cost, by dataset, and what a month would."),
        "report": LazyCommand("report:report", "Write a page about a period: charts, failures, cost."),
        "quarantine": LazyCommand("quarantine:quarantine", "Show the rows that were set aside, and why."),
        "replay": LazyCommand("replay:replay", "Process files again."),
        "pause": LazyCommand("replay:pause", "Stop starting job runs; files wait in the queue."),
        "resume": LazyCommand("replay:resume", "Start job runs again."),
    },
    "Shell": {
        "completion": LazyCommand("completion:completion", "Print the completion script of a shell."),
    },
}


@click.group(
    name="gluepipe",
    cls=LazyGroup,
    sections=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="ENV is an environment of gluepipe.toml, such as dev. "
    "Exit codes: 0 done, 1 failed, 2 used wrongly, 130 interrupted.",
)
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    envvar=ROOT_VARIABLE,
    show_envvar=True,
    help="Folder that holds gluepipe.toml.  [default: here or above]",
)
@click.version_option(__version__, prog_name="gluepipe", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, project: Path | None) -> None:
    """Turn CSVs dropped into S3 into typed Parquet tables: deploy, promote, run and explain the pipeline."""
    context.obj = context.obj or project
