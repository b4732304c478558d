"""Asks for known vulnerabilities of every pinned package, and says so where the index in use knows of none at all.

`make scan` runs it in the scanners' environment: python tests/security/audit.py requirements/*.txt
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

AUDIT = ["-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]


@dataclass
class Findings:
    """What was said of all packages: each `name version`, and what is known against it."""

    judged: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    vulnerable: dict[str, str] = field(default_factory=dict)

    def add(self, report: dict[str, Any]) -> None:
        """Take in one of pip-audit's JSON reports."""
        for package in report["dependencies"]:
            if "skip_reason" in package:
                self.unknown.add(package["name"])
                continue
            name = f"{package['name']} {package['version']}"
            self.judged.add(name)
            for known in package["vulns"]:
                self.vulnerable[f"{name} {known['id']}"] = ", ".join(known["fix_versions"]) or "none yet"

    def words(self) -> Iterator[str]:
        """Yield what to tell people, a line each."""
        for vulnerability, fixed in self.vulnerable.items():
            yield f"{vulnerability}, fixed in: {fixed}"
        if not self.judged:
            yield f"NOT JUDGED: the package index in use serves no advisories for any of {len(self.unknown)} packages."
            yield "Run this where the public index can be reached."
            return
        yield f"{len(self.judged)} packages judged, {len(self.vulnerable)} vulnerabilities known."
        if self.unknown:
            yield f"Not judged, because the index does not know them: {', '.join(sorted(self.unknown))}"


def main(locks: Iterable[str]) -> int:
    """Audit lock files; 1 where a vulnerability is known or a lock cannot be read, 0 else."""
    findings = Findings()
    for lock in locks:
        done = subprocess.run([sys.executable, *AUDIT, "-r", lock], capture_output=True, text=True, check=False)
        if not done.stdout.startswith("{"):
            print(f"{Path(lock).name} could not be audited: {done.stderr.strip()[-500:]}")  # noqa: T201 # a script
            return 1
        findings.add(json.loads(done.stdout))
    print("\n".join(findings.words()))  # noqa: T201 # a script
    return 1 if findings.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
