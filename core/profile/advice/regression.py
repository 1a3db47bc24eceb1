"""Actions that became slower than they were."""

from __future__ import annotations

from statistics import median

from core.age import duration
from core.profile.advice._words import MIN_SAVED_S, by_hand
from core.profile.case import Advice, Case, Saving
from core.profile.model import ActionRun, Node, PastBuild, label
from core.profile.numbers import Series, series_of

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codepipeline/latest/userguide/monitoring.html"
_IGNORED = frozenset({"Approval", "Source"})
_STEP = 5  # runs on either side of the moment in which it became slower


def advise(case: Case) -> list[Advice]:
    """One piece of advice for each action whose newest runs take clearly longer than those before."""
    found = []
    for node, runs in case.runs_of.items():
        if node not in case.actions or case.actions[node].category in _IGNORED:
            continue
        series = series_of([(run.started_at, run.took_s) for run in runs])
        if series is None or series.before_s is None or not series.regressed:
            continue
        grown = series.recent_s - series.before_s
        if grown < MIN_SAVED_S or grown < 0.02 * case.median_s:
            continue
        found.append(_advice(case, node, runs, series, grown))
    return found


def _advice(case: Case, node: Node, runs: tuple[ActionRun, ...], series: Series, grown: float) -> Advice:
    before = series.before_s or 0.0
    first = _first_slow(runs)
    lines = [f"Its newest ten runs take {duration(series.recent_s)}, those before {duration(before)}."]
    execution = next((run for run in case.history.runs if first in run.actions), None)
    if execution:
        lines.append(f"It began with execution {execution.id}: compare its revisions with the one before.")
    builds = case.builds_of(node)
    if len(builds) > 2 * _STEP:
        lines += _phases(builds[:10], builds[10:])
    return Advice(
        cause="perf.regression",
        title=f"{label(node)} became slower: {duration(before)} → {duration(series.recent_s)}",
        summary="It takes clearly longer than its own history. What changed then is the likeliest reason.",
        saving=case.saving({node: grown}, 0.5, 1.2) or Saving(0.0, 0.0, grown),
        basis=f"measured on {series.count} runs",
        nodes=(node,),
        lines=tuple(lines),
        fixes=(
            by_hand(
                f"perf.regression.{node[1]}",
                "Compare with the run before it became slow",
                ("Open both executions (key e) and compare revisions, image, variables and the log's phases.",),
                _URL,
            ),
        ),
    )


def _first_slow(runs: tuple[ActionRun, ...]) -> ActionRun | None:
    """The run from which on it is slower: the largest step between the runs on both sides, by median, then by mean."""
    ordered = list(reversed(runs))
    took = [run.took_s for run in ordered]
    steps = []
    for number in range(_STEP, len(ordered) - _STEP + 1):
        after, before = took[number : number + _STEP], took[number - _STEP : number]
        steps.append((median(after) - median(before), (sum(after) - sum(before)) / _STEP, number))
    most = max((step for step, _, _ in steps), default=0.0)
    if most <= 0:
        return None
    return ordered[max((mean, number) for step, mean, number in steps if step >= 0.9 * most)[1]]


def _phases(recent: tuple[PastBuild, ...], before: tuple[PastBuild, ...]) -> list[str]:
    def usual(builds: tuple[PastBuild, ...]) -> dict[str, float]:
        held: dict[str, list[float]] = {}
        for build in builds:
            for name, seconds in build.phases:
                held.setdefault(name, []).append(seconds)
        return {name: median(values) for name, values in held.items()}

    now, then = usual(recent), usual(before)
    grown = {name: now[name] - then.get(name, 0.0) for name in now}
    name = max(grown, key=lambda each: grown[each], default="")
    if not name or grown[name] < MIN_SAVED_S:
        return []
    return [f"Most of it is in phase {name}: {duration(then.get(name, 0.0))} → {duration(now[name])}."]
