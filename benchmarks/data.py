"""Seeded CSV files of any size: 20 columns of the kinds that data teams send.

DuckDB makes them, because it writes a gigabyte in seconds; every value is a hash of its row number, so the same size
gives the same bytes on every machine and on any number of cores.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

BYTES_PER_ROW = 210  # about; with more rows the numbers grow longer

_WORDS = (
    "amber",
    "birch",
    "cobalt",
    "dune",
    "ember",
    "fjord",
    "grove",
    "harbour",
    "iris",
    "juniper",
    "kelp",
    "lumen",
)


def _pick(salt: int, modulus: int) -> str:
    return f"(hash(i, {salt}) % {modulus})::BIGINT"


def _text(salt: int, words: int, joint: str = " ") -> str:
    names = "[" + ", ".join(f"'{word}'" for word in _WORDS) + "]"
    parts = (f"{names}[1 + {_pick(salt + n, len(_WORDS))}]" for n in range(words))
    return f" || '{joint}' || ".join(parts)


def _columns(newlines: bool) -> dict[str, str]:
    moment = "TIMESTAMP '2020-01-01' + INTERVAL (hash(i, 9) % 150000000) SECOND"
    return {
        "order_id": "i",
        "postcode": f"lpad({_pick(1, 100000)}::VARCHAR, 5, '0')",
        "branch": f"lpad({_pick(2, 1000)}::VARCHAR, 4, '0')",
        "customer": _pick(3, 10**12),
        "quantity": _pick(4, 500),
        "unit_price": f"({_pick(5, 10**6)} / 100)::DECIMAL(12, 2)",
        "total": f"({_pick(6, 10**9)} / 100)::DECIMAL(14, 2)",
        "weight": f"round({_pick(7, 10**9)} / 1e5, 4)",
        "ratio": f"round({_pick(8, 10**9)} / 1e9, 9)",
        "latitude": f"round({_pick(10, 180 * 10**6)} / 1e6 - 90, 6)",
        "ordered_on": f"(DATE '2019-01-01' + {_pick(11, 2000)}::INTEGER)",
        "shipped_on": f"(DATE '2019-02-01' + {_pick(12, 2000)}::INTEGER)",
        "created_at": f"strftime({moment}, '%Y-%m-%d %H:%M:%S')",
        "updated_at": f"strftime({moment} + INTERVAL 1 HOUR, '%Y-%m-%d %H:%M:%S')",
        "paid": f"CASE WHEN {_pick(13, 2)} = 0 THEN 'true' ELSE 'false' END",
        "gift": f"CASE WHEN {_pick(14, 9)} = 0 THEN 'true' ELSE 'false' END",
        "status": _text(20, 1),
        "city": _text(30, 2, ", "),
        "code": f"'K' || {_pick(15, 10**8)}",
        "remark": _text(40, 4, "\n" if newlines else " "),
    }


def _sparse(name: str, expression: str) -> str:
    return f"CASE WHEN hash(i, '{name}') % 50 = 0 THEN NULL ELSE {expression} END"


def write_csv(path: Path, size: int, *, newlines: bool = False, first_row: int = 1) -> Path:
    """Write about `size` bytes of CSV to `path`, unless it is already there; 2 % of the values are empty.

    With `newlines`, the last column holds quoted line breaks.
    """
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    values = ", ".join(
        expression + f" AS {name}" if name == "order_id" else f"{_sparse(name, expression)} AS {name}"
        for name, expression in _columns(newlines).items()
    )
    rows = max(1, size // BYTES_PER_ROW)
    partial = path.with_suffix(".partial")
    query = f"FROM range({first_row}, {first_row + rows}) AS r(i) SELECT {values}"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{partial}' (FORMAT csv, HEADER)")
    partial.rename(path)
    return path


def write_small_files(folder: Path, count: int, size: int) -> list[Path]:
    """Write `count` files of about `size` bytes each, no two alike."""
    rows = size // BYTES_PER_ROW
    return [write_csv(folder / f"part-{n:04}.csv", size, first_row=1 + n * rows) for n in range(count)]
