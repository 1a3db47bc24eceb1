"""How deliveries went over a time: failures, success rate, lead time, time to restore, slow and flaky ones. Pure.

It looks at whole executions, as ListPipelineExecutions gives them; what single actions do is core/profile's.
Superseded, stopped and cancelled executions are no failures and count nowhere. Times are epoch seconds, durations
seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from core.pipeline import Execution

__all__ = ["Figures", "Past", "Pulse", "Rated", "Run", "grouped", "pulse", "run_of"]

_SLOW_RUNS = 3  # so few successes say nothing of a usual duration
_LISTED = 12
# What the watch reads of each pipeline; fewer known runs than this are all there are.
_PAGE = 25


@dataclass(frozen=True, slots=True)
class Run:
    """One execution as far as it counts here; `revision` joins the ids of what its sources brought."""

    id: str
    status: str
    started_at: float
    ended_at: float | None = None
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of one pipeline's executions, newest first; `name` is what a reader calls it by."""

    key: str
    name: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Rated:
    """A pipeline with a figure: seconds or a share; `count` of runs that it rests on."""

    key: str
    name: str
    value: float
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a time comes to; None where nothing can be said.

    Attributes:
        lead_s: median from a revision's first start to its first success, failed tries between included.
        restore_s: median from the end of a first failure to the end of the next success.
    """

    succeeded: int = 0
    failed: int = 0
    lead_s: float | None = None
    restore_s: float | None = None

    @property
    def success_rate(self) -> float | None:
        """Share of successes among executions that succeeded or failed."""
        ended = self.succeeded + self.failed
        return self.succeeded / ended if ended else None


@dataclass(frozen=True, slots=True)
class Pulse:
    """The figures of a time, those of as long before it, and what stands out.

    Attributes:
        failures, successes: by slice of the time, the oldest first; an execution counts where it ended.
        slowest: by the median duration of successes.
        flakiest: by the share of failures that the same revision passed later.
        covered, covered_before: share of the pipelines whose known past reaches back through that time.
    """

    since: float
    until: float
    now: Figures
    before: Figures
    failures: tuple[int, ...]
    successes: tuple[int, ...]
    slowest: tuple[Rated, ...]
    flakiest: tuple[Rated, ...]
    covered: float
    covered_before: float


def run_of(execution: Execution) -> Run | None:
    """Return an execution as a run; None where it has no start."""
    if execution.started_at is None:
        return None
    ended = None if execution.status in {"InProgress", "Stopping"} else execution.updated_at
    revision = ",".join(sorted(each.id for each in execution.revisions if each.id))
    return Run(execution.id, execution.status, execution.started_at, ended, revision)


def pulse(pasts: Sequence[Past], until: float, window_s: float, slices: int) -> Pulse:
    """Return how the time of `window_s` up to `until` went, in so many slices."""
    since = until - window_s
    failures, successes = [0] * slices, [0] * slices
    for past in pasts:
        for run in past.runs:
            if run.ended_at is not None and since < run.ended_at <= until:
                at = min(int((run.ended_at - since) / window_s * slices), slices - 1)
                failures[at] += run.status == "Failed"
                successes[at] += run.status == "Succeeded"
    return Pulse(
        since,
        until,
        _figures(pasts, since, until),
        _figures(pasts, since - window_s, since),
        tuple(failures),
        tuple(successes),
        _slowest(pasts, since, until),
        _flakiest(pasts, since, until),
        _covered(pasts, since),
        _covered(pasts, since - window_s),
    )


def _covered(pasts: Sequence[Past], since: float) -> float:
    """Share of pipelines of which all is known since then; one of fewer runs than a page has no more past to know."""
    known = sum(len(past.runs) < _PAGE or past.runs[-1].started_at <= since for past in pasts)
    return known / len(pasts) if pasts else 1.0


def grouped(pasts: Iterable[Past], names: Mapping[str, str]) -> dict[str, list[Past]]:
    """Return pasts by group; `names` gives each pipeline's group by its key."""
    found: dict[str, list[Past]] = {}
    for past in pasts:
        found.setdefault(names.get(past.key, ""), []).append(past)
    return found


def _figures(pasts: Iterable[Past], since: float, until: float) -> Figures:
    succeeded = failed = 0
    leads: list[float] = []
    restores: list[float] = []
    for past in pasts:
        within = [run for run in past.runs if run.ended_at is not None and since < run.ended_at <= until]
        succeeded += sum(run.status == "Succeeded" for run in within)
        failed += sum(run.status == "Failed" for run in within)
        leads += _leads(past, since, until)
        restores += _restores(past, since, until)
    return Figures(succeeded, failed, median(leads) if leads else None, median(restores) if restores else None)


def _ends(past: Past) -> list[tuple[float, Run]]:
    """Runs that succeeded or failed with when they ended, in that order."""
    found = [(run.ended_at, run) for run in past.runs if run.ended_at is not None]
    return sorted(((at, run) for at, run in found if run.status in {"Succeeded", "Failed"}), key=lambda pair: pair[0])


def _leads(past: Past, since: float, until: float) -> list[float]:
    first: dict[str, float] = {}
    for run in past.runs:
        if run.revision:
            first[run.revision] = min(run.started_at, first.get(run.revision, run.started_at))
    found, delivered = [], set[str]()
    for at, run in _ends(past):
        if run.status != "Succeeded" or (run.revision and run.revision in delivered):
            continue
        delivered.add(run.revision)
        if since < at <= until:
            found.append(at - first.get(run.revision, run.started_at))
    return found


def _restores(past: Past, since: float, until: float) -> list[float]:
    found = []
    broken_at: float | None = None
    for at, run in _ends(past):
        if run.status == "Failed":
            broken_at = at if broken_at is None else broken_at
        elif broken_at is not None:
            if since < at <= until:
                found.append(at - broken_at)
            broken_at = None
    return found


def _slowest(pasts: Iterable[Past], since: float, until: float) -> tuple[Rated, ...]:
    found = []
    for past in pasts:
        took = [at - run.started_at for at, run in _ends(past) if run.status == "Succeeded" and since < at <= until]
        if len(took) >= _SLOW_RUNS:
            found.append(Rated(past.key, past.name, median(took), len(took)))
    return tuple(sorted(found, key=lambda one: (-one.value, one.name))[:_LISTED])


def _flakiest(pasts: Iterable[Past], since: float, until: float) -> tuple[Rated, ...]:
    found = []
    for past in pasts:
        ends = [(at, run) for at, run in _ends(past) if since < at <= until]
        passed = {run.revision: at for at, run in ends if run.status == "Succeeded" and run.revision}
        flips = sum(run.status == "Failed" and passed.get(run.revision, 0.0) > at for at, run in ends)
        if flips:
            found.append(Rated(past.key, past.name, flips / len(ends), len(ends)))
    return tuple(sorted(found, key=lambda one: (-one.value, one.name))[:_LISTED])
