"""How a pipeline delivers: failure rate, time to restore, lead time, frequency. Pure.

The four figures as https://dora.dev/guides/dora-metrics-four-keys/ defines them, as far as a pipeline's own history can
tell: lead time counts from the first execution that carried a revision, not from the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from core.profile.model import PastRun

__all__ = ["Delivery", "delivery_of"]

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Figures of a span of time.

    Attributes:
        failure_rate: failed executions among those that succeeded or failed, 0 to 1; None where none ended so.
        restore_s: median time from a failure (after a success) to the next success; None where that never happened.
        lead_s: median time from a revision's first execution to its first success.
        a_week: successes a week.
        days: how long the span is.
    """

    executions: int
    succeeded: int
    failed: int
    superseded: int
    failure_rate: float | None
    restore_s: float | None
    lead_s: float | None
    a_week: float
    days: float


def delivery_of(runs: Sequence[PastRun], now: float) -> Delivery:
    """Return the figures of executions, in any order; `now` is epoch seconds."""
    ordered = sorted(runs, key=lambda run: run.started_at)
    good = [run for run in ordered if run.good]
    bad = [run for run in ordered if run.status == "Failed"]
    judged = len(good) + len(bad)
    span_s = max(now - ordered[0].started_at, _DAY_S) if ordered else _DAY_S
    restores, leads = _restores(ordered), _leads(ordered)
    return Delivery(
        executions=len(ordered),
        succeeded=len(good),
        failed=len(bad),
        superseded=sum(run.status == "Superseded" for run in ordered),
        failure_rate=len(bad) / judged if judged else None,
        restore_s=median(restores) if restores else None,
        lead_s=median(leads) if leads else None,
        a_week=len(good) / (span_s / (7 * _DAY_S)),
        days=span_s / _DAY_S,
    )


def _restores(ordered: Sequence[PastRun]) -> list[float]:
    """Seconds from each first failure to the success that ended the trouble."""
    found: list[float] = []
    broken_at: float | None = None
    for run in sorted(ordered, key=lambda each: each.ended_at or 0.0):
        if run.status == "Failed" and broken_at is None:
            broken_at = run.ended_at
        elif run.good and broken_at is not None:
            found.append(max((run.ended_at or broken_at) - broken_at, 0.0))
            broken_at = None
    return found


def _leads(ordered: Sequence[PastRun]) -> list[float]:
    first: dict[tuple[str, ...], float] = {}
    done: dict[tuple[str, ...], float] = {}
    for run in ordered:
        if not run.revisions:
            continue
        first.setdefault(run.revisions, run.started_at)
        if run.good and run.ended_at is not None and run.revisions not in done:
            done[run.revisions] = run.ended_at - first[run.revisions]
    return list(done.values())
