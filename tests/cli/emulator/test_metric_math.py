from __future__ import annotations

import pytest

from gluepipe.emulator.metric_math import evaluate

METRICS = {"read": 40.0, "quarantined": 6.0, "silent": None}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("IF(read > 0, 100 * quarantined / read, 0)", 15),
        ("IF(read < 0, 1, 0)", 0),
        ("read / 0", None),
        ("read + silent", None),
        ("SUM(METRICS())", 46),
        ("MAX(METRICS())", 40),
    ],
)
def test_it_is_evaluated_as_cloudwatch_does(expression: str, value: float | None) -> None:
    assert evaluate(expression, METRICS) == value


@pytest.mark.parametrize("expression", ["unknown", "ANOMALY_DETECTION_BAND(read, 2)", "__import__('os')", "read ** 2"])
def test_what_is_not_emulated_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="not emulated"):
        evaluate(expression, METRICS)


def test_nothing_recorded_has_no_sum() -> None:
    assert evaluate("SUM(METRICS())", {"silent": None}) is None
