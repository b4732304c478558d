"""Column names: lower snake case, unique, legal in Parquet, Glue and Athena, the same on every run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from glue_jobs.metadata import RESERVED_NAMES

_LONGEST = 200
# Normalising takes the square of a run of accents' length; nobody's header is that long.
_READ = 4096
_WORD_START = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_ILLEGAL = re.compile(r"[^a-z0-9]+")
# Letters that Unicode does not decompose into a base letter and an accent.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "Oe", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
)


def column_names(header: Sequence[str]) -> list[str]:
    """One name per header cell.

    The first of several equal names keeps it, the others get the lowest free `_2`, `_3` ...; a cell with nothing
    to keep becomes `column_<position>`. Names of metadata columns are never given.
    """
    bases = [column_name(text) or f"column_{position}" for position, text in enumerate(header, start=1)]
    taken = {*RESERVED_NAMES, *bases}
    given: set[str] = set(RESERVED_NAMES)
    next_number: dict[str, int] = {}  # where the search goes on: thousands of names may be equal
    names = []
    for base in bases:
        name = base
        if base in given:
            number = next_number.get(base, 2)
            while (name := f"{base}_{number}") in taken:
                number += 1
            next_number[base] = number + 1
            taken.add(name)
        given.add(name)
        names.append(name)
    return names


def column_name(text: str) -> str:
    """`text` as a lower snake case name, empty when no letter or digit of it can be kept."""
    # Joiners, zero-width spaces and byte order marks are invisible in a header: they must not split a word.
    visible = "".join(c for c in text[:_READ] if unicodedata.category(c) != "Cf")
    decomposed = unicodedata.normalize("NFKD", visible.strip().translate(_PLAIN))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    words = _ILLEGAL.sub("_", _WORD_START.sub("_", letters).lower()).strip("_")[:_LONGEST]
    leading = "_" if words[:1].isdigit() or (words and text.strip().startswith("_")) else ""
    return leading + words
