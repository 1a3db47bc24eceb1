"""History replayed on a changed order of actions. Pure; the method stands in docs/profile.md.

Each past execution that went all the way without a retry is run again in the model, with the durations its own actions
had: a group ends with its longest action, and before each stage lies the wait that was recorded there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from core.profile.arrange import Place
from core.profile.model import Node, PastRun
from core.profile.numbers import percentile

__all__ = ["Replay", "fits", "replay", "simulated_s"]

_LEAST_GAP_S = 1.0
_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Replay:
    """What the replays say, in seconds of one execution.

    Attributes:
        saved_s: saved on the median execution; between `low_s` (tenth part of the replays, with every recorded wait
            kept) and `high_s` (nine tenths).
        before_s: median as it is; `after_s` as it would be.
        runs: executions replayed; `error` is by how much the model misses what they really took (median, share).
    """

    saved_s: float
    low_s: float
    high_s: float
    before_s: float
    after_s: float
    runs: int
    error: float

    @property
    def enough(self) -> bool:
        """Whether enough executions could be replayed to speak of a median."""
        return self.runs >= _ENOUGH


def fits(run: PastRun, nodes: Mapping[Node, Place]) -> bool:
    """Whether an execution ran exactly these actions, once each, to the end."""
    ran = [action.node for action in run.actions]
    return run.good and len(ran) == len(nodes) and set(ran) == set(nodes)


def replay(
    runs: Sequence[PastRun], stages: Sequence[str], before: Mapping[Node, Place], after: Mapping[Node, Place]
) -> Replay | None:
    """Replay the executions that fit the present structure; None where there is none.

    Args:
        runs: executions, in any order.
        stages: the stages' names in their order.
        before: places as they are.
        after: places as they would be.
    """
    saved, careful, olds, news, errors = [], [], [], [], []
    for run in runs:
        if not fits(run, before) or run.took_s <= 0:
            continue
        old = simulated_s(run, stages, before)
        new = simulated_s(run, stages, after)
        kept = simulated_s(run, stages, after, keep_waits=True)
        olds.append(old)
        news.append(new)
        saved.append(old - new)
        careful.append(old - kept)
        errors.append(abs(old - run.took_s) / run.took_s)
    if not saved:
        return None
    return Replay(
        saved_s=median(saved),
        low_s=max(min(percentile(careful, 0.1), median(saved)), 0.0),
        high_s=max(percentile(saved, 0.9), median(saved)),
        before_s=median(olds),
        after_s=median(news),
        runs=len(saved),
        error=median(errors),
    )


def simulated_s(
    run: PastRun,
    stages: Sequence[str],
    places: Mapping[Node, Place],
    *,
    keep_waits: bool = False,
    less: Mapping[Node, float] | None = None,
    no_waits: bool = False,
) -> float:
    """Return how long an execution would take with its actions at these places.

    Args:
        run: an execution that `fits`.
        stages: the stages' names in their order.
        places: where each action stands.
        keep_waits: whether the wait before a stage that is empty now is kept too (the careful figure).
        less: seconds by which actions would be shorter.
        no_waits: whether nothing would wait before a stage.
    """
    waits, between = ({}, 0.0) if no_waits else _waits(run)
    orders: dict[str, dict[int, float]] = {}
    for action in run.actions:
        node = action.stage, action.action
        place = places[node]
        took = (action.ended_at or action.started_at) - action.started_at
        if less and node in less:
            took -= less[node]
        row = orders.setdefault(place.stage, {})
        if took > row.get(place.order, -1.0):
            row[place.order] = max(took, 0.0)
    total = 0.0
    for stage in stages:
        if row := orders.get(stage, {}):
            total += waits.get(stage, 0.0) + sum(row.values()) + between * (len(row) - 1)
        elif keep_waits:
            total += waits.get(stage, 0.0)
    return total


def _waits(run: PastRun) -> tuple[dict[str, float], float]:
    """The recorded wait before each stage, and the usual one between groups of one stage."""
    waits: dict[str, float] = {}
    inside: list[float] = []
    ended, stage = run.started_at, ""
    for action in sorted(run.actions, key=lambda each: each.started_at):
        gap = max(action.started_at - ended, 0.0)
        if action.stage != stage:
            waits.setdefault(action.stage, gap)
            stage = action.stage
        elif action.started_at >= ended:
            inside.append(gap)
        ended = max(ended, action.ended_at or action.started_at)
    return waits, median(inside) if inside else _LEAST_GAP_S
