"""No scanner is silenced without a reason beside it, and the quick one has nothing to say."""

import subprocess
import sys

import pytest

from tests.security.suppressions import REPOSITORY, in_repository, in_text


def test_every_suppression_names_its_rule_and_its_reason() -> None:
    found = list(in_repository())
    assert len(found) > 20
    assert not [each for each in found if not each.rules or len(each.reason.split()) < 2]


@pytest.mark.parametrize(
    "line",
    [
        "eval(x)  # noqa: S307",
        "eval(x)  # noqa: E501, S307",
        "eval(x)  # nosec",
        "eval(x)  # nosec B307",
        "eval(x)  # noqa: S307 # nosec B307",
        "  #checkov:skip=CKV_AWS_18",
        "  #checkov:skip=CKV_AWS_18:",
    ],
)
def test_one_without_is_found(line: str) -> None:
    found = list(in_text(line, "example"))
    assert found
    assert not any(each.reason for each in found)


@pytest.mark.parametrize(
    ("line", "rules", "reason"),
    [
        ("eval(x)  # noqa: S307 - our own text", "S307", "our own text"),
        ("eval(x)  # noqa: S307 # nosec B307 # our own text", "B307", "our own text"),
        ("  #checkov:skip=CKV_AWS_18:It is CloudTrail's", "CKV_AWS_18", "It is CloudTrail's"),
        ('    "B404", # each use is judged', "B404", "each use is judged"),
    ],
)
def test_rule_and_reason_are_read(line: str, rules: str, reason: str) -> None:
    found = [(each.rules, each.reason) for each in in_text(line, "example", lists_rules=True)]
    assert (rules, reason) in found


def test_bandit_finds_nothing() -> None:
    command = [sys.executable, "-m", "bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive"]
    scanned = ["cli", "glue_jobs", "lambda_trigger", "benchmarks"]
    done = subprocess.run([*command, *scanned], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr, done.stderr
