"""Every hostile file, the same at each call: what `tests/end_to_end/test_hostile_corpus.py` uploads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from tests.hostile import archives, keys, texts
from tests.hostile.hostile_file import HostileFile


def files() -> Iterator[HostileFile]:
    """Yield them, the small archives first."""
    return chain.from_iterable(family() for family in (*archives.FAMILIES, *texts.FAMILIES, keys.odd))
