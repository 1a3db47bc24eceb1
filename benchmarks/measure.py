"""How all benchmarks measure: sides interleaved, the ratio taken within each round, the machine's own drift beside it.

The machines this runs on drift by up to 1.8 times within minutes. Absolute times are therefore only information; what
counts is a ratio within a round, or a share of rounds. A spin loop, timed in every round, says how far the machine
itself moved; a run in which it moved by more than `VOID_ABOVE` times says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TypeVar

__all__ = ["ROUNDS", "VOID_ABOVE", "Result", "Row", "Spin", "interleaved", "percentile", "ratios", "row"]

ROUNDS = 7
VOID_ABOVE = 2.0
_SPIN_STEPS = 400_000

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: the median and extremes of what was measured, and the most it may be (None: only reported)."""

    name: str
    median: float
    low: float
    high: float
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """``ok``, ``MISSED``, or nothing where there is no target."""
        if self.target is None:
            return ""
        return "ok" if self.median <= self.target else "MISSED"


@dataclass(frozen=True, slots=True)
class Result:
    """What a benchmark found; `spins` are the times of the spin loop, one a round (s)."""

    name: str
    rows: tuple[Row, ...]
    spins: tuple[float, ...] = ()

    @property
    def drift(self) -> float:
        """How far the machine moved while it ran: slowest spin over fastest."""
        return max(self.spins) / min(self.spins) if self.spins else 1.0

    @property
    def void(self) -> bool:
        """Whether it moved so far that the figures say nothing."""
        return self.drift > VOID_ABOVE


@dataclass(slots=True)
class Spin:
    """The machine's own speed, timed beside each round: the best of three, so that one interruption does not count."""

    times: list[float] = field(default_factory=list)

    def turn(self) -> None:
        """Time the loop once more."""
        self.times.append(min(_spin() for _ in range(3)))


def _spin() -> float:
    began = time.perf_counter()
    total = 0
    for number in range(_SPIN_STEPS):
        total += number & 7
    return time.perf_counter() - began


def interleaved(sides: Sequence[Callable[[], A]], spin: Spin, rounds: int = ROUNDS) -> list[tuple[A, ...]]:
    """Run the sides in turn, A B A B …, after one round that does not count; return what they gave, by round."""
    for side in sides:
        side()
    found = []
    for _ in range(rounds):
        spin.turn()
        found.append(tuple(side() for side in sides))
    return found


def ratios(rounds: Sequence[tuple[float, float]]) -> list[float]:
    """First side over second, within each round."""
    return [first / second for first, second in rounds]


def row(name: str, values: Sequence[float], unit: str, target: float | None = None, note: str = "") -> Row:
    """A row from what was measured, one value a round."""
    return Row(name, median(values), min(values), max(values), unit, target, note)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed (1 to 99)."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]
