"""A profile: all figures of a pipeline's past, and the advice that follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from core.profile.advice import all_advice
from core.profile.case import Advice, Case
from core.profile.delivery import Delivery, delivery_of
from core.profile.flaky import Flaky, flaky_actions
from core.profile.model import Node, PastRun
from core.profile.numbers import Series, series_of
from core.profile.prices import Prices, prices
from core.profile.spans import Kind, Leg, breakdown, critical_path

__all__ = ["Profile", "profile_of"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of where the time goes.

    Attributes:
        whole: durations of good executions; None where none is known.
        stages: of each stage (from its first action's start to its last one's end), in the order of the definition.
        actions: of each action's successful runs.
        phases: of each build phase of each action that builds.
        kinds: mean seconds of a good execution by what they are spent on; together about what it takes.
        latest: the newest good execution, with its critical path.
        advice: what would make it shorter or steadier, most first.
        cost: US dollars of the median execution; None where a price is not known.
    """

    case: Case
    whole: Series | None
    stages: Mapping[str, Series]
    actions: Mapping[Node, Series]
    phases: Mapping[Node, Mapping[str, Series]]
    kinds: Mapping[Kind, float]
    delivery: Delivery
    flaky: tuple[Flaky, ...]
    latest: PastRun | None
    path: tuple[Leg, ...]
    advice: tuple[Advice, ...]
    cost: float | None
    prices: Prices


def profile_of(case: Case) -> Profile:
    """Compute the profile of a case."""
    history = case.history
    good = history.good
    shares = [breakdown(run, history) for run in good]
    table = prices()
    v2 = case.definition.pipeline_type == "V2"
    latest = good[0] if good else None
    return Profile(
        case=case,
        whole=series_of([(run.started_at, run.took_s) for run in good]),
        stages=_stages(case),
        actions=_actions(case),
        phases=_phases(case),
        kinds={kind: sum(each[kind] for each in shares) / len(shares) if shares else 0.0 for kind in Kind},
        delivery=delivery_of(history.runs, history.read_at),
        flaky=flaky_actions(history),
        latest=latest,
        path=critical_path(latest) if latest else (),
        advice=all_advice(case),
        cost=_cost([table.run(run, history, v2=v2) for run in good[:200]]),
        prices=table,
    )


def _cost(costs: list[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return median(known) if known and len(known) == len(costs) else None


def _stages(case: Case) -> dict[str, Series]:
    points: dict[str, list[tuple[float, float]]] = {name: [] for name in case.stages}
    for run in case.history.good:
        spans: dict[str, tuple[float, float]] = {}
        for action in run.actions:
            start, end = spans.get(action.stage, (action.started_at, 0.0))
            spans[action.stage] = min(start, action.started_at), max(end, action.ended_at or action.started_at)
        for stage, (start, end) in spans.items():
            points.setdefault(stage, []).append((start, end - start))
    return {name: series for name, each in points.items() if (series := series_of(each))}


def _actions(case: Case) -> dict[Node, Series]:
    found = {}
    for node in (*case.actions, *(each for each in case.runs_of if each not in case.actions)):
        if series := series_of([(run.started_at, run.took_s) for run in case.runs_of.get(node, ())]):
            found[node] = series
    return found


def _phases(case: Case) -> dict[Node, dict[str, Series]]:
    found: dict[Node, dict[str, Series]] = {}
    for node, builds in case.built():
        points: dict[str, list[tuple[float, float]]] = {}
        for build in builds:
            for name, seconds in build.phases:
                points.setdefault(name, []).append((build.started_at or 0.0, seconds))
        found[node] = {name: series for name, each in points.items() if (series := series_of(each))}
    return found
