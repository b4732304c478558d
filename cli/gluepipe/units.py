"""Amounts as people read them: three significant digits and a unit."""

from __future__ import annotations

BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
THOUSANDS = ("", "k", "M", "G", "T")


def count(amount: float) -> str:
    """A whole number with separators: 50,000."""
    return f"{amount:,.0f}"


def short_count(amount: float) -> str:
    """A number that fits beside an axis: 1.2k."""
    return _scaled(amount, THOUSANDS, "")


def size(amount: float) -> str:
    """Bytes in powers of 1,000: 1.2 GB."""
    return _scaled(amount, BYTE_UNITS, " ")


def duration(seconds: float) -> str:
    """Seconds as 850 ms, 12.5 s, 3 min 20 s or 2 h 5 min."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds else "0 s"
    if seconds < 60:
        return f"{_three(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def dollars(amount: float) -> str:
    """US dollars and cents; below a dollar three significant digits."""
    text = f"{amount:,.2f}" if amount >= 1 or not amount else _three(amount)
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents:0<2}"


def percent(part: float, whole: float) -> str:
    """A share: 99.98 %; a dash where there is nothing to take it of. Never rounded to all or nothing."""
    if not whole:
        return "-"
    share = 100 * part / whole
    digits = next((digits for digits in (1, 2, 3) if round(share, digits) not in (0, 100)), 0)
    return f"{share:.{digits}f} %"


def _scaled(amount: float, units: tuple[str, ...], gap: str) -> str:
    power = 0
    while amount >= 999.5 and power < len(units) - 1:
        amount, power = amount / 1000, power + 1
    return f"{_three(amount)}{gap}{units[power]}"


def _three(amount: float) -> str:
    text = f"{amount:.3g}" if abs(amount) < 999.5 else f"{amount:,.0f}"
    return f"{float(text):.10f}".rstrip("0").rstrip(".") if "e" in text else text
