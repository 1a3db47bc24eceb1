"""Actions that fail and then pass on the same revision. Pure.

Two witnesses: a retry within one execution (same revisions, same structure) that passed, and two executions of the same
revisions of which the later one passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.profile.model import ActionRun, History, Node

__all__ = ["Flake", "Flaky", "flaky_actions"]

# Deployments and approvals fail for reasons outside of the revision; they are no flaky tests.
_JUDGED = frozenset({"Build", "Test", "Compute", "Invoke"})


@dataclass(frozen=True, slots=True)
class Flake:
    """One pair: the run that failed and the one that passed on the same revisions."""

    failed: ActionRun
    passed: ActionRun
    same_execution: bool


@dataclass(frozen=True, slots=True)
class Flaky:
    """An action with its flakes, newest first, and what they cost.

    Attributes:
        runs: how often the action ran to an end.
        lost_s: time from each failure's start to its pass's start, together.
    """

    node: Node
    flakes: tuple[Flake, ...]
    runs: int
    lost_s: float

    @property
    def rate(self) -> float:
        """Share of runs that failed and then passed."""
        return len(self.flakes) / self.runs if self.runs else 0.0


def flaky_actions(history: History) -> tuple[Flaky, ...]:
    """Return the actions that flipped on the same revisions, the most frequent first."""
    runs: dict[Node, int] = {}
    series: dict[tuple[Node, tuple[str, ...]], list[tuple[str, ActionRun]]] = {}
    for execution in reversed(history.runs):
        if execution.kind != "STANDARD":
            continue
        for action in execution.actions:
            if action.category not in _JUDGED or action.status not in {"Succeeded", "Failed"}:
                continue
            runs[action.node] = runs.get(action.node, 0) + 1
            key = execution.revisions or (f"execution={execution.id}",)
            series.setdefault((action.node, key), []).append((execution.id, action))
    found: dict[Node, list[Flake]] = {}
    for (node, _), each in series.items():
        found.setdefault(node, []).extend(_flips(each))
    made = [
        Flaky(
            node,
            tuple(sorted(flakes, key=lambda one: one.failed.started_at, reverse=True)),
            runs[node],
            sum(max(one.passed.started_at - one.failed.started_at, 0.0) for one in flakes if one.same_execution),
        )
        for node, flakes in found.items()
        if flakes
    ]
    return tuple(sorted(made, key=lambda each: (-len(each.flakes), each.node)))


def _flips(series: list[tuple[str, ActionRun]]) -> Iterator[Flake]:
    ordered = sorted(series, key=lambda each: each[1].started_at)
    failed: tuple[str, ActionRun] | None = None
    for execution_id, action in ordered:
        if action.status == "Failed":
            failed = failed or (execution_id, action)
        elif failed is not None:
            yield Flake(failed[1], action, failed[0] == execution_id)
            failed = None
