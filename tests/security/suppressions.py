"""Finds where a scanner is told to be silent, and the reason that is given beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.places import REPOSITORY

SCANNED = ("benchmarks", "cli", "glue_jobs", "lambda_trigger", "modules", "terraform", "tests")
SUFFIXES = (".py", ".tf", ".toml")

# A finding of ruff's security rules, of bandit, of checkov. Each names its rules; what follows them is the reason.
PATTERNS = (
    re.compile(r"#\s*noqa:\s*(?P<rules>(?:[A-Z]+\d+,?\s*)*\bS\d+(?:,\s*[A-Z]+\d+)*)(?P<reason>.*)"),
    re.compile(r"#\s*nosec\b(?P<rules>(?:\s+B\d+,?)*)(?P<reason>.*)"),
    re.compile(r"checkov:skip=(?P<rules>\w*):?(?P<reason>.*)"),
)
LISTED = re.compile(r'^\s*"(?P<rules>[SB]\d{3})",(?P<reason>.*)')
OTHER_SUPPRESSION = re.compile(r"#\s*(?:nosec|noqa)\b[:\sA-Z\d,]*")


@dataclass(frozen=True)
class Suppression:
    """One place where a scanner is silenced; `rules` and `reason` are empty where none is written."""

    place: str
    rules: str
    reason: str


def in_text(text: str, name: str, *, lists_rules: bool = False) -> Iterator[Suppression]:
    """Yield the suppressions of one file; in settings, those in lists of rules too."""
    patterns = (*PATTERNS, LISTED) if lists_rules else PATTERNS
    for number, line in enumerate(text.splitlines(), 1):
        for found in (match for pattern in patterns for match in pattern.finditer(line)):
            reason = OTHER_SUPPRESSION.sub("", found["reason"]).strip(" #-")
            yield Suppression(f"{name}:{number}", found["rules"].strip(" ,"), reason)


def in_repository() -> Iterator[Suppression]:
    """Yield all suppressions; this package, which writes about them, is left out."""
    for folder in SCANNED:
        for file in sorted((REPOSITORY / folder).rglob("*")):
            if file.suffix in SUFFIXES and not {".terraform", "cases", "security"} & set(file.parts):
                yield from in_text(file.read_text(encoding="utf-8"), file.relative_to(REPOSITORY).as_posix())
    yield from in_text((REPOSITORY / "pyproject.toml").read_text(), "pyproject.toml", lists_rules=True)
