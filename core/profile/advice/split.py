"""A pipeline that is several: branches that share nothing but the source and the order."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from core.age import duration
from core.profile.advice._words import by_hand, worth
from core.profile.case import Advice, Case, Saving
from core.profile.model import Node, PastRun, label
from core.profile.numbers import percentile
from core.profile.replay import simulated_s

__all__ = ["advise", "halves"]

_URL = "https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html"


def halves(case: Case) -> tuple[tuple[Node, ...], ...]:
    """Return the branches that each end in a deployment of their own and have nothing of each other; else nothing.

    Actions that belong to no such branch (a test of the whole source, an approval) go with every one of them.
    """
    graph = case.graph
    ends = sorted({graph.branch[node] for node in graph.effects if node in graph.branch}, key=str)
    made = []
    for root in ends:
        branch = tuple(node for group in graph.groups for node in group if graph.branch.get(node) == root)
        if any(node not in graph.effects for node in branch):
            made.append(branch)
    return tuple(made) if len(made) >= 2 and len(made) == len(ends) else ()


def advise(case: Case) -> list[Advice]:
    """The proposed halves, with the time until the slowest of them has delivered."""
    branches = halves(case)
    if not branches or not case.replayable:
        return []
    mine = [set(branch) for branch in branches]
    every = {node for node in case.actions if not any(node in branch for branch in mine)}
    parts = [[_of(case, run, branch | every) for branch in mine] for run in case.replayable]
    whole = [simulated_s(run, case.stages, case.places) for run in case.replayable]
    saved = [before - max(each) for before, each in zip(whole, parts, strict=True)]
    # A change to one branch alone waits for that branch only.
    first = [before - min(each) for before, each in zip(whole, parts, strict=True)]
    middle = median(saved)
    if not worth(case, middle):
        return []
    lines = []
    for number, branch in enumerate(branches):
        took = median(each[number] for each in parts)
        lines.append(f"{'ABCDEFGH'[number % 8]}: {', '.join(map(label, branch))} ({duration(took)})")
    shared = [label(node) for node in every if case.actions[node].category != "Source"]
    if shared:
        lines.append(f"In each: {', '.join(shared)}")
    return [
        Advice(
            cause="perf.sequential-actions",
            title=f"Split the pipeline into {len(branches)}: {duration(middle)} saved until all is delivered",
            summary=(
                f"The definition holds {len(branches)} branches that share nothing but the source. Each waits for the "
                "others, and a failure in one holds up all. As pipelines of their own they run side by side, and with "
                "trigger filters on file paths only the branch that changed runs."
            ),
            saving=Saving(middle, max(percentile(saved, 0.1), 0.0), max(percentile(first, 0.9), middle)),
            basis=case.basis("replayed"),
            nodes=tuple(node for branch in branches for node in branch),
            lines=tuple(lines),
            fixes=(
                by_hand(
                    "perf.split",
                    "Make a pipeline of each branch",
                    (
                        "Save the structure: aws codepipeline get-pipeline.",
                        "Make a copy of it for each branch, with the source, the branch's actions and what is in each.",
                        "Give each copy a trigger filter on the branch's file paths (V2).",
                        "Disable the first transition of the old pipeline, watch the new ones deliver, then delete it.",
                    ),
                    _URL,
                ),
            ),
        )
    ]


def _of(case: Case, run: PastRun, nodes: set[Node]) -> float:
    part = replace(run, actions=tuple(action for action in run.actions if action.node in nodes))
    return simulated_s(part, case.stages, case.places, no_waits=True)
