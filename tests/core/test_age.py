from __future__ import annotations

import pytest

from core.age import age, duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0s"), (0, "0.0s"), (0.44, "0.4s"), (1, "1s"), (59.9, "59s"), (60, "1m"), (200, "3m 20s"),
        (3600, "1h"), (3659, "1h"), (7500, "2h 5m"), (86400, "1d"), (3 * 86400 + 4 * 3600 + 59, "3d 4h"),
    ],
)  # fmt: skip
def test_durations_have_two_units_at_most(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("then", "said"),
    [(None, ""), (100.0, "0s"), (105.0, "0s"), (41.0, "59s"), (40.0, "1m"), (-3500.0, "1h"), (-172700.0, "2d")],
)
def test_ages_have_one_unit_and_are_never_negative(then: float | None, said: str) -> None:
    assert age(then, 100.0) == said
