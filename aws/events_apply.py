"""What a pipeline's state is, given the last state read and the changes told since. Pure.

Changes are folded in an order of their own (when, which execution, which attempt), so that the order in which they
came and how often they came make no difference. What the state that was read already shows, or has gone beyond, is
passed over: the ids and times of AWS decide that, never the clock of this machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from aws.events_message import StateChange
from aws.mapping import codepipeline as mapping
from core.pipeline import ActionState, Execution, PipelineSnapshot, PipelineState, Revision, StageState

__all__ = ["Folded", "fold"]

_TOKEN_UNKNOWN = "waits"  # noqa: S105 (says that an approval waits; the real token comes with the next read)


@dataclass(frozen=True, slots=True)
class Folded:
    """The state with the changes in it.

    Attributes:
        wants_read: ids of changes that tell less than the API does (an error's text, an approval's token, a new stage).
    """

    snapshot: PipelineSnapshot
    wants_read: frozenset[str] = frozenset()


def fold(base: PipelineSnapshot, changes: Iterable[StateChange], told_at: float) -> Folded:
    """Return a snapshot with changes folded in; `told_at` (epoch seconds) becomes its age where anything differs.

    A snapshot without a state is returned as it is: events alone do not tell which stages there are.
    """
    if base.state is None:
        return Folded(base)
    found, wanting = base, set[str]()
    for change in _ordered(base, changes):
        found, wants = _apply(found, change)
        if wants:
            wanting.add(change.id)
    same = (found.state, found.execution) == (base.state, base.execution)
    return Folded(base if same else replace(found, read_at=max(base.read_at, told_at), error=""), frozenset(wanting))


def _ordered(base: PipelineSnapshot, changes: Iterable[StateChange]) -> list[StateChange]:
    """Each change once: by second, then the older execution first, then attempts, then from start to end."""
    unique = {change.id: change for change in changes}.values()
    began: dict[str, float] = {}
    if base.execution and base.execution.started_at is not None:
        began[base.execution.id] = base.execution.started_at
    for change in unique:
        if change.kind != "action" and change.started_at is not None:
            began[change.execution_id] = min(change.started_at, began.get(change.execution_id, math.inf))

    def place(change: StateChange) -> tuple[float, float, str, int, int, str]:
        start = began.get(change.execution_id, change.started_at or 0.0)
        return change.at, start, change.execution_id, change.attempt, _rank(change), change.id

    return sorted(unique, key=place)


def _rank(change: StateChange) -> int:
    if change.ends:
        return 3
    return 2 if change.status == "Stopping" else 1 if change.resumed else 0


def _apply(snapshot: PipelineSnapshot, change: StateChange) -> tuple[PipelineSnapshot, bool]:
    state = snapshot.state
    if state is None:
        return snapshot, False
    if change.kind == "pipeline":
        return _with_execution(snapshot, state, change), False
    stage = state.stage(change.stage)
    if stage is None:
        return snapshot, True
    if change.kind == "stage":
        return replace(snapshot, state=_with_stage(state, stage, change)), False
    return _with_action(snapshot, state, stage, change)


# Actions


def _with_action(
    snapshot: PipelineSnapshot, state: PipelineState, stage: StageState, change: StateChange
) -> tuple[PipelineSnapshot, bool]:
    action = next((each for each in stage.actions if each.name == change.action), None)
    if action is None or not _newer_action(action, change):
        return snapshot, action is None
    done = _action(action, change)
    actions = tuple(done if each is action else each for each in stage.actions)
    found = replace(snapshot, state=_replaced(state, replace(stage, actions=actions)))
    wants = change.status == "Failed" or (change.category == "Approval" and change.status == "InProgress")
    return _with_revision(found, change), wants


def _newer_action(action: ActionState, change: StateChange) -> bool:
    known_end = action.status not in {"", "InProgress"}
    if action.action_execution_id and action.action_execution_id == change.action_execution_id:
        return change.ends and not known_end
    known_at = math.floor(action.changed_at) if action.changed_at is not None else -math.inf
    if change.at != known_at:
        return change.at > known_at
    if not action.action_execution_id:  # an answer without ids: of two in one second the end is the later one
        return change.ends and not known_end
    return not change.ends


def _action(action: ActionState, change: StateChange) -> ActionState:
    failed = change.status == "Failed"
    waits = change.category == "Approval" and change.status == "InProgress"
    return replace(
        action,
        status=change.status,
        changed_at=change.at,
        action_execution_id=change.action_execution_id,
        summary="" if failed else change.summary,
        error_code=change.error_code if failed else "",
        error_message=change.summary if failed else "",
        external_id=change.external_id or (action.external_id if change.ends else ""),
        external_url=change.external_url or (action.external_url if change.ends else ""),
        percent=None,
        token=_TOKEN_UNKNOWN if waits else "",
        revision_id=change.external_id if _is_source(change) else action.revision_id,
        revision_url=change.external_url if _is_source(change) else action.revision_url,
    )


def _is_source(change: StateChange) -> bool:
    return change.category == "Source" and change.status == "Succeeded" and bool(change.external_id)


def _with_revision(snapshot: PipelineSnapshot, change: StateChange) -> PipelineSnapshot:
    """What a source action brought is what its execution delivers."""
    execution = snapshot.execution
    if execution is None or execution.id != change.execution_id or not _is_source(change):
        return snapshot
    others = tuple(each for each in execution.revisions if each.action != change.action)
    brought = mapping.revision(
        {
            "actionName": change.action,
            "revisionId": change.external_id,
            "revisionSummary": change.summary,
            "revisionUrl": change.external_url,
        }
    )
    return replace(snapshot, execution=replace(execution, revisions=(*others, brought)))


# Stages


def _with_stage(state: PipelineState, stage: StageState, change: StateChange) -> PipelineState:
    if not _newer_stage(stage, change):
        return state
    inbound = tuple(each for each in stage.inbound if each != change.execution_id)
    state = _replaced(state, replace(stage, status=change.status, execution_id=change.execution_id, inbound=inbound))
    at = [each.name for each in state.stages].index(stage.name) + 1
    if change.status == "Succeeded" and at < len(state.stages):
        return _arrived(state, state.stages[at], change.execution_id)
    return state


def _newer_stage(stage: StageState, change: StateChange) -> bool:
    known = [action.changed_at for action in stage.actions if action.changed_at is not None]
    known_at = math.floor(max(known)) if known else -math.inf
    if change.at < known_at:
        return False
    if stage.execution_id == change.execution_id:
        if stage.status == change.status:
            return False
        moving = any(action.status == "InProgress" for action in stage.actions)
        return change.at > known_at or not (change.ends and moving)
    return change.at > known_at or not change.ends or not stage.execution_id


def _arrived(state: PipelineState, following: StageState, execution_id: str) -> PipelineState:
    """An execution leaves a stage and stands before the next one, until that one takes it in."""
    if following.execution_id == execution_id or execution_id in following.inbound:
        return state
    return _replaced(state, replace(following, inbound=(*following.inbound, execution_id)))


def _replaced(state: PipelineState, stage: StageState) -> PipelineState:
    return replace(state, stages=tuple(stage if each.name == stage.name else each for each in state.stages))


# Executions


def _with_execution(snapshot: PipelineSnapshot, state: PipelineState, change: StateChange) -> PipelineSnapshot:
    if change.ends:  # it waits nowhere any more
        stages = tuple(
            replace(each, inbound=tuple(one for one in each.inbound if one != change.execution_id))
            if change.execution_id in each.inbound
            else each
            for each in state.stages
        )
        snapshot = replace(snapshot, state=replace(state, stages=stages))
    known = snapshot.execution
    if known is not None and known.id == change.execution_id:
        known_at = math.floor(known.updated_at) if known.updated_at is not None else -math.inf
        ended = known.status not in {"InProgress", "Stopping"}
        if change.at < known_at or (change.at == known_at and ended) or known.status == change.status:
            return snapshot
        return replace(snapshot, execution=replace(known, status=change.status, updated_at=change.at))
    started_at = change.started_at if change.started_at is not None else change.at
    if known is not None and known.started_at is not None and started_at <= known.started_at:
        return snapshot
    return replace(snapshot, execution=_begun(change, started_at))


def _begun(change: StateChange, started_at: float) -> Execution:
    said = change.commit_message
    return Execution(
        change.execution_id,
        change.status,
        started_at,
        change.at,
        trigger=change.trigger,
        trigger_detail=change.trigger_detail,
        revisions=(Revision("", "", said),) if said else (),
    )
