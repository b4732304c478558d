"""What is said of the packages must be true where the index serves advisories, and where it serves none."""

from typing import Any

from tests.security.audit import Findings


def words(*packages: dict[str, Any]) -> list[str]:
    findings = Findings()
    findings.add({"dependencies": list(packages)})
    return list(findings.words())


SOUND = {"name": "click", "version": "8.1", "vulns": []}
SKIPPED = {"name": "rich", "skip_reason": "not found"}


def test_a_vulnerability_is_told_with_its_repair() -> None:
    known = {"name": "jinja2", "version": "2.11", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.11.3"]}]}
    assert words(SOUND, known) == [
        "jinja2 2.11 PYSEC-1, fixed in: 2.11.3",
        "2 packages judged, 1 vulnerabilities known.",
    ]


def test_an_index_without_advisories_is_no_clean_bill() -> None:
    assert words(SKIPPED)[0].startswith("NOT JUDGED")


def test_single_packages_that_were_not_judged_are_named() -> None:
    assert words(SOUND, SKIPPED)[-1].endswith(": rich")
