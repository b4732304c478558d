"""Writes docs/permissions.md: python -m tests.security.permissions_page > docs/permissions.md (`make docs`)."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.security.permissions import Policy, Statement, boundaries, guarded, roles
from tests.security.rendering import CONFIGURATIONS, render
from tests.security.reviewed import REVIEWED
from tests.terraform.conftest import Terraform, stage, without_account

HEAD = """\
# Who may do what

Generated from the Terraform configuration by `make docs`; do not edit. Names in braces are what a project, an account,
an environment is called. A role of a job or a function may do what both its own statements and its boundary allow.
"""
EXCEPTIONS = """\
## Reviewed exceptions

Every other statement spells its actions out and names resources that begin with the project's name. These cannot, or
need not, and a test refuses any that is not listed here.
"""


def policies(terraform: Terraform, staged: Path) -> dict[str, list[Policy]]:
    """Return the policies of all configurations, by the part of the page that they stand in."""
    rendered = [render(terraform, staged, configuration) for configuration in CONFIGURATIONS]
    readers = {"Roles": roles, "Boundaries": boundaries, "Keys, buckets, queues, topics and log groups": guarded}
    return {part: [policy for each in rendered for policy in read(each)] for part, read in readers.items()}


def exceptions(parts: dict[str, list[Policy]]) -> set[tuple[str, str, str]]:
    """Return what reaches beyond the project's own names: holder, statement, and the action, resource or caller."""
    return {
        (policy.holder, statement.sid, what)
        for policy in (policy for part in parts.values() for policy in part)
        for statement in policy.statements
        for what in statement.open_to()
    }


def page(parts: dict[str, list[Policy]]) -> str:
    """Return the whole page as Markdown."""
    lines = [HEAD]
    for part, found in parts.items():
        lines += [f"## {part}", ""]
        for holders, policy in _alike(found):
            lines += [f"### {', '.join(f'`{holder}`' for holder in holders)}", "", *_about(policy), *_table(policy), ""]
    lines += [EXCEPTIONS, "| where | statement | what | why |", "|---|---|---|---|"]
    lines += [f"| `{holder}` | {sid} | `{what}` | {why} |" for (holder, sid, what), why in sorted(REVIEWED.items())]
    return "\n".join(lines)


def _alike(found: Sequence[Policy]) -> Iterator[tuple[list[str], Policy]]:
    """Yield policies with the names of all that have them."""
    seen: dict[tuple[Statement, ...], list[Policy]] = {}
    for policy in found:
        seen.setdefault((*policy.statements, *policy.trust), []).append(policy)
    for same in seen.values():
        yield [policy.holder for policy in same], same[0]


def _about(policy: Policy) -> Iterator[str]:
    if policy.description:
        yield f"{policy.description}.{f' Boundary: `{policy.boundary}`.' if policy.boundary else ''}"
        yield ""
    for statement in policy.trust:
        only = f", only if {_code(statement.conditions, ' and ')}" if statement.conditions else ""
        yield f"Taken by {_code(statement.principals, ', ')}{only}."
        yield ""


def _table(policy: Policy) -> Iterator[str]:
    by_caller = any(statement.principals for statement in policy.statements)
    yield f"| statement |{' who |' if by_caller else ''} may | on | only if |"
    yield f"|---|{'---|' if by_caller else ''}---|---|---|"
    for statement in policy.statements:
        who = f" {_code(statement.principals)} |" if by_caller else ""
        never = "never " if statement.effect == "Deny" else ""
        cells = [never + _code(statement.actions, ", "), _code(statement.resources), _code(statement.conditions)]
        yield f"| {statement.sid} |{who} {' | '.join(cells)} |"


def _code(texts: Iterable[str], between: str = "<br>") -> str:
    return between.join(f"`{text}`" for text in texts)


def main() -> None:
    """Print the page."""
    with tempfile.TemporaryDirectory() as folder:
        (top := Path(folder) / "configuration").mkdir()
        sys.stdout.write(page(policies(without_account(Path(folder)), stage(top))) + "\n")


if __name__ == "__main__":
    main()
