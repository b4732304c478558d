"""docs/files.md explains why a file is ignored; tests/glue_jobs/test_reason_codes.py holds the rest of it."""

from lambda_trigger.decide import EXPLANATIONS
from tests.places import REPOSITORY

PAGE = (REPOSITORY / "docs" / "files.md").read_text(encoding="utf-8")


def test_every_reason_that_the_ledger_keeps_is_explained() -> None:
    ignored = PAGE.partition("## Files that are ignored")[2]
    assert [reason for reason in EXPLANATIONS if f"`{reason}`" not in ignored] == []
