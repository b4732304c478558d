"""`*` and `?`, the wildcards of policies; unlike in file names, nothing else is special and `*` also passes `/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def match(pattern: str, text: str) -> bool:
    """Tell whether the whole text is as the pattern says."""
    return _compiled((pattern,)).fullmatch(text) is not None


def compiled(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return one expression for all patterns, to be tried with `fullmatch`."""
    return _compiled(tuple(patterns))


@lru_cache(maxsize=4096)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = (re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") for pattern in patterns)
    return re.compile("|".join(alternatives), re.DOTALL)
