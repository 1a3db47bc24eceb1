"""Which action of a pipeline is asked about: the one named, one of a past execution, or one that needs attention. Pure.

Raises UsageError wherever the user named something that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.attention import FocusPoint, assess, focus_of
from core.errors import UsageError
from core.pipeline import (
    ActionDecl,
    ActionExecution,
    ActionState,
    Definition,
    Execution,
    PipelineSnapshot,
    PipelineState,
    StageDecl,
)
from core.text import sanitize

__all__ = ["Point", "chosen_execution", "point_of_past", "point_of_present"]


@dataclass(frozen=True, slots=True)
class Point:
    """An action as declared and as it ran; `execution` is the pipeline's execution in which it did."""

    stage: StageDecl
    action: ActionDecl
    ran: ActionState
    execution: Execution | None


def chosen_execution(executions: Iterable[Execution], wanted: str, pipeline: str) -> Execution:
    """Return the execution whose id is `wanted` or alone begins with it."""
    listed = list(executions)
    matching = [each for each in listed if each.id == wanted] or [each for each in listed if each.id.startswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    names = ", ".join(each.id for each in (matching or listed)[:5]) or "none"
    if matching:
        raise UsageError(f"Several executions of {pipeline} begin with {sanitize(wanted)!r}: {names}.")
    raise UsageError(f"{pipeline} has no execution {sanitize(wanted)!r}. The newest: {names}.")


def point_of_present(
    definition: Definition, snapshot: PipelineSnapshot, executions: Iterable[Execution], stage: str, action: str
) -> Point:
    """Return the action named by stage or action name, else the one that the present state draws attention to."""
    state = snapshot.state or PipelineState(definition.name, definition.version, ())
    if stage or action:
        focus = _named(definition, state, stage, action)
    else:
        focus = focus_of(assess(snapshot, snapshot.read_at), definition)
    declared = definition.stage(focus.stage) or StageDecl(focus.stage)
    ran = state.stage(focus.stage)
    its = ran.execution_id if ran else ""
    execution = next((each for each in executions if each.id == its), None)
    if execution is None:
        execution = Execution(its, ran.status) if ran and its else snapshot.execution
    return Point(
        declared,
        definition.action(focus.stage, focus.action) or ActionDecl(focus.action, "", ""),
        state.action(focus.stage, focus.action) or ActionState(focus.action),
        execution,
    )


def _named(definition: Definition, state: PipelineState, stage: str, action: str) -> FocusPoint:
    """The stage and action that the user named, checked; one may stand without the other."""
    stages = [each for each in definition.stages if not stage or each.name == stage]
    if not stages:
        known = ", ".join(each.name for each in definition.stages)
        raise UsageError(f"{definition.name} has no stage {sanitize(stage)!r}. Stages: {known}.")
    named = [(each.name, one.name) for each in stages for one in each.actions if not action or one.name == action]
    if not named:
        known = ", ".join(one.name for each in stages for one in each.actions)
        where = f"stage {stage} of {definition.name}" if stage else definition.name
        raise UsageError(f"{where} has no action {sanitize(action)!r}. Actions: {known}.")
    if action and len(named) > 1:
        raise UsageError(
            f"Several stages have an action {action}: {', '.join(name for name, _ in named)}. Name the stage."
        )

    def urgency(point: tuple[str, str]) -> tuple[bool, bool, bool]:
        ran = state.action(*point)
        status = ran.status if ran else ""
        return status != "Failed", status != "InProgress", definition.action(*point) is None

    return FocusPoint(*min(named, key=urgency))


def point_of_past(
    definition: Definition, past: Execution, ran: tuple[ActionExecution, ...], stage: str, action: str
) -> Point:
    """Return an action of a past execution: the one named, else the one that failed first, else the last to end.

    `ran` are all action runs of the execution; of an action that was retried the last run counts.
    """
    matching = [each for each in ran if (not stage or each.stage == stage) and (not action or each.action == action)]
    if not matching:
        known = ", ".join(sorted({f"{each.stage} / {each.action}" for each in ran})) or "none"
        asked = " / ".join(filter(None, (stage, action))) or "any action"
        raise UsageError(
            f"Execution {past.id} of {definition.name} did not run {sanitize(asked)}. Actions run: {known}."
        )
    last = _last_runs(matching)
    failed = [each for each in last if each.status == "Failed"]
    one = min(failed, key=_ended) if failed else max(last, key=_ended)
    return Point(
        definition.stage(one.stage) or StageDecl(one.stage),
        definition.action(one.stage, one.action) or ActionDecl(one.action, "", one.provider),
        one.as_state,
        past,
    )


def _last_runs(ran: list[ActionExecution]) -> list[ActionExecution]:
    """Of each action its last run: a retry replaces what it repeats."""
    last: dict[tuple[str, str], ActionExecution] = {}
    for each in sorted(ran, key=lambda each: each.started_at or 0.0):
        last[each.stage, each.action] = each
    return list(last.values())


def _ended(ran: ActionExecution) -> float:
    return ran.updated_at or ran.started_at or 0.0
