"""Durations over time in a few honest numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Series", "percentile", "series_of", "slope_per_week"]

_WEEK_S = 7 * 86_400.0
_MOST_PAIRS = 60  # points that the slope is taken from
# The newest runs count as changed from so many on, and by so much.
_RECENT, _LEAST_BEFORE = 10, 5
_CHANGED = 1.25
_LEAST_CHANGE_S = 10.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie, between neighbours by proportion.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def slope_per_week(points: Sequence[tuple[float, float]]) -> float:
    """Return the median slope between pairs of (epoch seconds, seconds): growth in seconds a week.

    Theil and Sen's estimator, which single slow runs do not bend; of long series every n-th point is taken.
    """
    step = max(1, len(points) // _MOST_PAIRS)
    taken = points[::step]
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, earlier in enumerate(taken)
        for later in taken[number + 1 :]
        if later[0] != earlier[0]
    ]
    return median(slopes) * _WEEK_S if slopes else 0.0


@dataclass(frozen=True, slots=True)
class Series:
    """Durations of one thing in its successful runs.

    Attributes:
        latest_s: the newest; `recent_s` the median of the newest ten, `before_s` of those before them (None: too few).
        growth_s_a_week: the trend.
        last_good_s: the newest within the median and its usual spread, to compare with.
    """

    count: int
    median_s: float
    p90_s: float
    latest_s: float
    recent_s: float
    before_s: float | None
    growth_s_a_week: float
    last_good_s: float
    before_high_s: float | None = None  # nine in ten of those before took no longer

    @property
    def slower(self) -> float:
        """How many times as long it takes lately as before; 1 where nothing changed or too little is known."""
        if self.before_s is None or self.before_s <= 0 or abs(self.recent_s - self.before_s) < _LEAST_CHANGE_S:
            return 1.0
        return self.recent_s / self.before_s

    @property
    def regressed(self) -> bool:
        """Whether it became clearly slower."""
        if self.before_high_s is None or self.recent_s <= self.before_high_s:
            return False  # within what it took before at times
        return self.slower >= _CHANGED


def series_of(points: Sequence[tuple[float, float]]) -> Series | None:
    """Return the numbers of (start in epoch seconds, duration in seconds) of successful runs, newest first.

    None where there are none.
    """
    if not points:
        return None
    durations = [seconds for _, seconds in points]
    middle = median(durations)
    recent, before = durations[:_RECENT], durations[_RECENT:]
    usual = percentile(durations, 0.75)
    return Series(
        count=len(durations),
        median_s=middle,
        p90_s=percentile(durations, 0.9),
        latest_s=durations[0],
        recent_s=median(recent),
        before_s=median(before) if len(before) >= _LEAST_BEFORE else None,
        growth_s_a_week=slope_per_week(sorted(points)),
        before_high_s=percentile(before, 0.9) if len(before) >= _LEAST_BEFORE else None,
        last_good_s=next((seconds for seconds in durations if seconds <= usual), durations[0]),
    )
