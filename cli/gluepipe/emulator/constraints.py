"""Refuses requests that AWS itself would: names too long, numbers out of range, words that are none of the known ones.

Each service publishes a model of its requests, from which SDKs are made: which length, range, pattern or words a
parameter may have. Of SDKs, Terraform and moto, none holds requests against all of it, while the services do.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from gluepipe.emulator import limits, refusals, requests
from gluepipe.emulator.requests import SignedRequest, UnknownOperationError, WsgiApp

# Services that name it otherwise than their protocol's others.
CODES = {"codebuild": "InvalidInputException", "logs": "InvalidParameterException"}
SHOWN = 200
# What Java, whose patterns these are, spells otherwise than Python.
SPELLINGS = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"[\w-_]": r"[\w\-_]",
}

log = logging.getLogger(__name__)


def guard(application: WsgiApp) -> WsgiApp:
    """Answer what its service would refuse unseen; pass everything else on to `application`."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = requests.read(environ)
        if request is None or request.service == "s3":  # S3's model says next to nothing of its parameters
            return application(environ, start_response)
        refusal = _refusal(request)
        if refusal is None:
            return application(environ, start_response)
        log.warning("Refused: %s %s: %s", request.service, *refusal)
        return refusals.invalid(request, *refusal)(environ, start_response)

    return guarded


def _refusal(request: SignedRequest) -> tuple[str, str] | None:
    """Code and message of the error that a request ends in, None where its service takes it."""
    try:
        name, parameters = requests.operation(request)
        shape = requests.operation_model(request.service, name).input_shape
    except UnknownOperationError:
        return None
    found = list(violations(shape, parameters)) if shape else []
    if not found:
        return limits.exceeded(request, name, parameters)
    code = CODES.get(request.service, "ValidationError" if request.is_form else "ValidationException")
    return code, f"{len(found)} validation error{'s' * (len(found) > 1)} detected: {'; '.join(found)}"


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Yield, in AWS's words, what is wrong with a parameter (or all of a request's) of this shape."""
    kind, look = KINDS.get(shape.type_name, (object, _of_nothing))
    if isinstance(value, kind) and _says_something(shape):
        yield from look(shape, value, path)


def _of_structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        given = value.get(name, value.get(member.serialization.get("name", name)))
        yield from violations(member, given, f"{path}.{name[:1].lower()}{name[1:]}".removeprefix("."))


def _of_list(shape: Any, value: list[Any], path: str) -> Iterator[str]:
    yield from _of_length(shape, value, path)
    for number, item in enumerate(value, 1):
        yield from violations(shape.member, item, f"{path}.{number}.member")


def _of_map(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    yield from _of_length(shape, value, path)
    for key, item in value.items():
        yield from violations(shape.key, key, path)
        yield from violations(shape.value, item, f"{path}.{key}.member")


def _of_text(shape: Any, value: str, path: str) -> Iterator[str]:
    yield from _of_length(shape, value, path)
    pattern = shape.metadata.get("pattern")
    if pattern and (expression := _compiled(pattern)) and not expression.fullmatch(value):
        yield _violation(value, path, f"satisfy regular expression pattern: {pattern}")
    words = shape.metadata.get("enum")
    if words and value not in words:
        yield _violation(value, path, f"satisfy enum value set: [{', '.join(words)}]")


def _of_length(shape: Any, value: Any, path: str) -> Iterator[str]:
    yield from _of_size(shape, value, len(value), "length", path)


def _of_number(shape: Any, value: Any, path: str) -> Iterator[str]:
    yield from _of_size(shape, value, float(value), "value", path)


def _of_size(shape: Any, value: Any, size: float, what: str, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _violation(value, path, f"have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _violation(value, path, f"have {what} less than or equal to {most}")


def _of_nothing(_shape: Any, _value: Any, _path: str) -> Iterator[str]:
    yield from ()


# By the kind of a shape: what its values are like, and what is wrong with one. A number in an address is text.
KINDS: dict[str, tuple[Any, Callable[[Any, Any, str], Iterator[str]]]] = {
    "structure": (Mapping, _of_structure),
    "list": (list, _of_list),
    "map": (Mapping, _of_map),
    "string": (str, _of_text),
    **dict.fromkeys(("integer", "long", "float", "double"), ((int, float, str), _of_number)),
}


def _violation(value: Any, path: str, must: str) -> str:
    shown = str(value)
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {must}"


@cache
def _says_something(shape: Any) -> bool:
    """Whether there is any constraint on a shape or within it; where there is none, a walk is not worth its time."""
    seen: set[str] = set()
    waiting = [shape]
    while waiting:
        looked_at = waiting.pop()
        if looked_at.metadata.keys() & {"min", "max", "pattern", "enum"}:
            return True
        if looked_at.name not in seen:
            seen.add(looked_at.name)
            waiting += [getattr(looked_at, part) for part in ("member", "key", "value") if hasattr(looked_at, part)]
            waiting += getattr(looked_at, "members", {}).values()
    return False


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    for java, python in SPELLINGS.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None  # a class of signs that Python does not have
