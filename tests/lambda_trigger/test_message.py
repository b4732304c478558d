"""What people read: the exact words, whatever a key or an error holds."""

from __future__ import annotations

from dataclasses import replace

from lambda_trigger.message import Affected, LogPlace, Problem

LOG = LogPlace("eu-central-1", "/aws-glue/jobs/gluepipe-dev-file-processor/output", "jr_1")
CONSOLE = "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#logsV2:log-groups/log-group/"
FILE = Affected(
    file_id="0123456789abcdef",
    key="orders/november.csv",
    source_file="s3://in/orders/november.csv",
    reason="missing_column: the contract wants the column id",
    run_id="jr_1",
    error="File failed: the contract wants the column id",
    log=LOG,
)
PROBLEM = Problem(
    environment="dev",
    name="failed-files",
    what="The job could not make files rows of a table.",
    look="files dev --state failed --since 1h",
    files=[FILE],
    error="",
    log=LogPlace("eu-central-1", "/aws/lambda/gluepipe-dev-trigger"),
    replay="replay dev --state failed --dry-run",
)


def test_a_message_holds_file_reason_run_error_log_and_what_to_run() -> None:
    assert PROBLEM.subject == "dev: failed-files. The job could not make files rows of a table."
    assert PROBLEM.text == (
        "The job could not make files rows of a table.\n"
        "\n"
        "File      s3://in/orders/november.csv\n"
        "Reason    missing_column: the contract wants the column id\n"
        "Run       jr_1\n"
        "Error     File failed: the contract wants the column id\n"
        f"Log       {CONSOLE}$252Faws-glue$252Fjobs$252Fgluepipe-dev-file-processor$252Foutput"
        "$3FlogStreamNameFilter$3Djr_1\n"
        "Replay    gluepipe replay dev orders/november.csv\n"
        "\n"
        "Runbook   docs/operations.md#failed-files\n"
        "Look      gluepipe files dev --state failed --since 1h"
    )


def test_where_no_file_is_known_the_function_has_the_last_word() -> None:
    text = replace(PROBLEM, files=[], error="boom").text
    assert (
        "File      none known\n"
        "Error     boom\n"
        f"Log       {CONSOLE}$252Faws$252Flambda$252Fgluepipe-dev-trigger\n"
        "Replay    gluepipe replay dev --state failed --dry-run\n"
    ) in text


def test_many_files_are_counted() -> None:
    text = replace(PROBLEM, files=[FILE] * 7).text
    assert text.count("File      ") == 5
    assert "\n\nAnd 2 more files.\n\n" in text


def test_a_key_is_quoted_and_one_that_cannot_be_typed_goes_by_its_id() -> None:
    quoted = replace(PROBLEM, files=[replace(FILE, key="orders/it's $(here).csv")]).text
    assert """Replay    gluepipe replay dev 'orders/it'"'"'s $(here).csv'\n""" in quoted
    strange = replace(FILE, key="orders/a\nReplay    rm.csv", source_file="s3://in/orders/a\nReplay    rm.csv")
    text = replace(PROBLEM, files=[strange]).text
    assert "File      s3://in/orders/a Replay    rm.csv\n" in text
    assert "Replay    gluepipe replay dev 0123456789abcdef\n" in text


def test_a_subject_is_one_short_line() -> None:
    subject = replace(PROBLEM, what="It failed.\nAnd " + "again " * 50).subject
    assert len(subject) < 100
    assert "\n" not in subject
