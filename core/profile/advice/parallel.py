"""Actions that need nothing of each other and run one after another."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from core.age import duration
from core.fact import Fact, Outcome
from core.profile.advice._words import advice_fix, names, worth
from core.profile.arrange import Place, arrange
from core.profile.case import Advice, Case, Saving
from core.profile.edit import moves, plan_moves, words
from core.profile.graph import Graph
from core.profile.model import Node
from core.profile.prices import prices
from core.profile.replay import Replay, replay
from core.profile.safety import broken_orders

__all__ = ["advise", "best_places", "not_read", "wasted"]

_URL = "https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"
not_read = Fact(0, "codepipeline", "GetPipeline", {}, Outcome.ERROR)
# An arrangement within the stages is preferred to one across them where it saves nearly as much.
_NEARLY = 0.97


def best_places(case: Case, graph: Graph | None = None) -> tuple[dict[Node, Place], Replay] | None:
    """Return the safe arrangement that saves most in the replay, with what it saves; None where none saves anything.

    `graph` is what must be kept, the case's own unless given.
    """
    kept = graph or case.graph
    found: list[tuple[dict[Node, Place], Replay]] = []
    for across in (False, True):
        places = arrange(case.definition, kept, case.usual_s, across=across)
        if places == case.places or broken_orders(case.definition, kept, places):
            continue
        outcome = replay(case.replayable, case.stages, case.places, places)
        if outcome is not None and outcome.saved_s > 0:
            found.append((places, outcome))
    if not found:
        return None
    most = max(outcome.saved_s for _, outcome in found)
    return next(each for each in found if each[1].saved_s >= _NEARLY * most)


def advise(case: Case) -> list[Advice]:
    """The edit of runOrder (and stages) that saves most, replayed on history."""
    best = best_places(case)
    if best is None:
        return []
    places, outcome = best
    if not worth(case, outcome.saved_s):
        return []
    changed = moves(case.places, places)
    current = case.facts.get("pipeline", not_read)
    plan = plan_moves(case.where, current, changed) if current.ok else None
    cost = case.cost(lambda run: prices().run(run, case.history, v2=case.definition.pipeline_type == "V2"))
    lost, spoiled = wasted(case, changed)
    gone = [stage for stage in case.stages if not any(place.stage == stage for place in places.values())]
    return [
        Advice(
            cause="perf.sequential-actions",
            title=f"Run {names(list(changed))} side by side: {duration(outcome.saved_s)} saved",
            summary=(
                "These actions need no artifact or variable of each other, and no approval, condition or deployment "
                "stands between them; only their order makes them wait. A good execution costs the same."
            ),
            saving=Saving(outcome.saved_s, outcome.low_s, outcome.high_s),
            basis=(
                f"replayed on {outcome.runs} execution{'' if outcome.runs == 1 else 's'}; "
                f"the model misses what they took by {outcome.error * 100:.0f}\u00a0%"
            ),
            nodes=tuple(changed),
            lines=(*words(case.places, changed), *spoiled, *_kept(case, changed), *_notes(case, changed, gone)),
            facts=(current.n,) if current.n else (),
            fixes=(
                advice_fix(
                    "perf.sequential-actions.order",
                    "Give them the same runOrder",
                    plan,
                    (*words(case.places, changed), "Save the pipeline; later executions use the new order."),
                    _URL,
                ),
            ),
            cost_before=cost,
            cost_after=None if cost is None else cost + lost,
        )
    ]


def _kept(case: Case, changed: Mapping[Node, Place]) -> tuple[str, ...]:
    """What still holds the moved actions back, so that the reader sees that it was looked at."""
    held: dict[str, None] = {}
    for (earlier, later), why in case.graph.ordered.items():
        if later in changed and case.actions[earlier].category != "Source":
            held.setdefault(f"{later[1]} stays after {earlier[1]}: {why}.")
    return tuple(held)[:4]


def wasted(case: Case, changed: Mapping[Node, Place]) -> tuple[float, tuple[str, ...]]:
    """Return what the moved actions would have cost where an earlier failure spared them, a run; and that in words."""
    table = prices()
    price: dict[Node, float] = {}
    for node in changed:
        costs = [cost for build in case.builds_of(node)[:20] if (cost := table.build(build)) is not None]
        price[node] = median(costs) if costs else 0.0
    spared = 0.0
    times = 0
    for run in case.history.runs:
        ran = {action.node for action in run.actions}
        idle = [node for node in changed if node not in ran]
        if run.status == "Failed" and idle and any(action.status == "Failed" for action in run.actions):
            times += 1
            spared += sum(price[node] for node in idle)
    if not times:
        return 0.0, ()
    count = len(case.history.runs)
    said = f"In {times} of {count} executions an earlier failure spared some of them; side by side they would have run."
    return spared / count, (said,)


def _notes(case: Case, changed: Mapping[Node, Place], gone: list[str]) -> tuple[str, ...]:
    notes = [f"Stage {name} becomes empty and goes, and the transition into it with it." for name in gone]
    projects: dict[str, int] = {}
    for node in changed:
        project = case.actions[node].configuration.get("ProjectName", "")
        limit = case.extras.project(project).get("concurrentBuildLimit") if project else None
        if isinstance(limit, int | float) and limit > 0:
            projects[project] = int(limit)
    notes += [f"Project {name} runs at most {limit} builds at a time." for name, limit in projects.items()]
    return tuple(notes)
