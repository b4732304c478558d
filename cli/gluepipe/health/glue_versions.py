"""When AWS ends its Glue versions: the one place for these dates.

Taken from https://docs.aws.amazon.com/glue/latest/dg/glue-version-support-policy.html in November 2026. After its end
of support a version gets no security patches; after its end of life no run of it starts.
"""

from dataclasses import dataclass
from datetime import date

SOURCE = "https://docs.aws.amazon.com/glue/latest/dg/glue-version-support-policy.html"


@dataclass(frozen=True)
class End:
    """When a version's support and its life end; None while AWS has announced nothing."""

    support: date | None = None
    life: date | None = None


ENDS = {
    "0.9": End(support=date(2022, 6, 1), life=date(2026, 4, 1)),
    "1.0": End(support=date(2022, 9, 30), life=date(2026, 4, 1)),
    "2.0": End(support=date(2024, 1, 31), life=date(2026, 4, 1)),
    "3.0": End(),
    "4.0": End(),
    "5.0": End(),
    "5.1": End(),
    "6.0": End(),
}
