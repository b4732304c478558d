"""A plan as an approver needs it: what is dangerous first, the rest counted, short enough for an approval mail."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gluepipe.delivery.plan_findings import Finding, Risk, find
from gluepipe.terraform.plan_changes import read_change

MAIL_LIMIT = 1000  # characters that CodePipeline takes as an approval's text
ACTIONS = {"create": "to create", "update": "to change", "replace": "to replace", "delete": "to destroy"}


@dataclass(frozen=True)
class PlanSummary:
    """`counts` holds how many resources are created, updated, replaced and deleted; `findings` the gravest first."""

    counts: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def changes(self) -> int:
        """How many resources change at all."""
        return sum(self.counts.values())

    def at_risk(self, risk: Risk) -> list[Finding]:
        """Return the findings of one kind."""
        return [finding for finding in self.findings if finding.risk is risk]

    def text(self, limit: int | None = None) -> str:
        """Return it for people; cut after a whole line, and said so, where it would exceed `limit` characters."""
        lines = [self._counted()]
        for risk in Risk:
            found = self.at_risk(risk)
            lines += [f"{risk} ({len(found)}):"] if found else []
            lines += [f"  {finding.address}: {finding.detail}" for finding in found]
        if not self.findings:
            lines.append("Nothing touches data, permissions, public access, encryption or the job's defaults.")
        return _cut(lines, limit)

    def _counted(self) -> str:
        if not self.changes:
            return "No changes."
        return ", ".join(f"{self.counts[action]} {words}" for action, words in ACTIONS.items()) + "."


NOTHING = PlanSummary(dict.fromkeys(ACTIONS, 0), ())


def summarise(plan: Mapping[str, Any]) -> PlanSummary:
    """Summarise the JSON of `terraform show -json PLAN`."""
    entries = [entry for entry in plan.get("resource_changes", []) if entry.get("mode", "managed") == "managed"]
    changes = [change for change in map(read_change, entries) if change.action != "none"]
    counted = Counter(change.action for change in changes)
    findings = [finding for change in changes for finding in find(change)]
    gravity = list(Risk)
    findings.sort(key=lambda finding: (gravity.index(finding.risk), finding.address))
    return PlanSummary({action: counted[action] for action in ACTIONS}, tuple(findings))


def from_document(document: Mapping[str, Any]) -> PlanSummary:
    """Read back what `asdict` made of one."""
    findings = (Finding(Risk(each["risk"]), each["address"], each["detail"]) for each in document["findings"])
    return PlanSummary(dict(document["counts"]), tuple(findings))


def _cut(lines: list[str], limit: int | None) -> str:
    text = "\n".join(lines)
    if limit is None or len(text) <= limit:
        return text
    for kept in range(len(lines) - 1, 0, -1):
        text = "\n".join([*lines[:kept], f"… and {len(lines) - kept} more lines."])
        if len(text) <= limit:
            return text
    return lines[0][:limit]
