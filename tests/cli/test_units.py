import pytest

from gluepipe import units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (units.count(50000), "50,000"),
        (units.short_count(0), "0"),
        (units.short_count(999), "999"),
        (units.short_count(1234), "1.23k"),
        (units.short_count(999_600), "1M"),
        (units.size(0), "0 B"),
        (units.size(1_230_000_000), "1.23 GB"),
        (units.size(5e18), "5,000 PB"),
        (units.duration(0), "0 s"),
        (units.duration(0.0123), "12 ms"),
        (units.duration(12.34), "12.3 s"),
        (units.duration(59.9), "59.9 s"),
        (units.duration(200), "3 min 20 s"),
        (units.duration(3600), "1 h"),
        (units.duration(7505), "2 h 5 min"),
        (units.dollars(0), "$0.00"),
        (units.dollars(1234.5), "$1,234.50"),
        (units.dollars(0.6), "$0.60"),
        (units.dollars(0.01466), "$0.0147"),
        (units.dollars(0.0000001234), "$0.000000123"),
        (units.percent(1, 0), "-"),
        (units.percent(0, 9), "0 %"),
        (units.percent(9, 9), "100 %"),
        (units.percent(1, 8), "12.5 %"),
        (units.percent(9_999, 10_000), "99.99 %"),
        (units.percent(1, 10_000), "0.01 %"),
    ],
)
def test_amounts_are_short_and_carry_their_unit(text: str, expected: str) -> None:
    assert text == expected
