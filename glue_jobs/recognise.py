"""Recognise a file's columns in its table by the text of their headers, where their names do not tell.

A name is made of the letters and digits of a header. Where there are none (`東京`), or another header has the same
(`a b` and `a-b`), its place in the file tells the columns apart, and the next file may have another order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from glue_jobs.catalog import Column, comment_of
from glue_jobs.columns import ColumnSpec
from glue_jobs.names import column_name


def under_known_names(found: Sequence[ColumnSpec], known: Sequence[Column]) -> tuple[ColumnSpec, ...]:
    """The file's columns, those under the table's names that the table knows.

    Args:
        found: The file's columns under the names that it would give a new table.
        known: The table's columns, whose comments are the header texts that they came with.

    """
    texts = [comment_of(column.source_name) for column in found]
    names = _by_text(texts, known)
    taken = {name for name in names if name}
    by_name = {column.name: column for column in known}
    unfree = {*by_name, *(column.name for column, name in zip(found, names, strict=True) if not name)}
    for index, column in enumerate(found):
        if names[index]:
            continue
        wrong = column.name in taken or is_stranger(column, by_name.get(column.name))
        name = next(_free(column.name, unfree)) if wrong else column.name
        names[index] = name
        taken.add(name)
        unfree.add(name)
    return tuple(replace(column, name=name) for column, name in zip(found, names, strict=True))


def is_stranger(found: ColumnSpec, known: Column | None) -> bool:
    """Whether a column of a file has the name of a table's column only because it stood in the same place."""
    if known is None or found.position is None or column_name(found.source_name):
        return False
    return known.comment != comment_of(found.source_name)


def _by_text(texts: Sequence[str], known: Sequence[Column]) -> list[str]:
    """For each text the name of the first column that came with it and was not given yet, else an empty one.

    A comment that does not go with the column's name was written by people and says nothing.
    """
    waiting: dict[str, list[str]] = {}
    for column in reversed(known):
        if column.comment and column.name.startswith(column_name(column.comment) or "column_"):
            waiting.setdefault(column.comment, []).append(column.name)
    return [waiting[text].pop() if waiting.get(text) else "" for text in texts]


def _free(name: str, unfree: set[str]) -> Iterator[str]:
    return (numbered for number in count(2) if (numbered := f"{name}_{number}") not in unfree)
