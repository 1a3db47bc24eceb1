"""What a pipeline's state is, given the last state read and the changes told since. Pure.

Changes are folded in an order of their own (when, which execution, which attempt), so that the order in which they
came and how often they came make no difference. What the state that was read already shows, or has gone beyond, is
passed over: the ids and times of AWS decide that, never the clock of this machine. An event's time is whole seconds:
where that leaves open whether the read saw a change already, the likelier is shown and a read is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from aws.events_message import StateChange
from aws.mapping import codepipeline as mapping
from core.pipeline import ActionState, Execution, PipelineSnapshot, PipelineState, Revision, StageState

__all__ = ["Folded", "fold"]

_TOKEN_UNKNOWN = "waits"  # noqa: S105 (says that an approval waits; the real token comes with the next read)


@dataclass(frozen=True, slots=True)
class Folded:
    """The state with the changes in it.

    Attributes:
        wants_read: ids of changes that tell less than the API does (an error's text, an approval's token, a new stage),
            or that fall into the very second of what was read.
    """

    snapshot: PipelineSnapshot
    wants_read: frozenset[str] = frozenset()


def fold(base: PipelineSnapshot, changes: Iterable[StateChange], told_at: float) -> Folded:
    """Return a snapshot with changes folded in; `told_at` (epoch seconds) becomes its age where anything differs.

    A snapshot without a state is returned as it is: events alone do not tell which stages there are.
    """
    if base.state is None:
        return Folded(base)
    found, wanting, told = base, set[str](), set[str]()
    for change in _ordered(base, changes):
        about = _about(change)
        after, wants = _apply(found, change, base=None if about in told else base)
        if after is not found:
            told.add(about)
        if wants:
            wanting.add(change.id)
        found = after
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


def _about(change: StateChange) -> str:
    """What a change is about, as a key: the execution, the stage, or the action."""
    return "/".join((change.kind, change.stage, change.action) if change.stage else (change.kind, change.execution_id))


class _Newer(Enum):
    """Whether a change came after what was read."""

    YES = auto()
    NO = auto()
    LIKELY = auto()
    HARDLY = auto()

    @property
    def taken(self) -> bool:
        return self in (_Newer.YES, _Newer.LIKELY)

    @property
    def open(self) -> bool:
        return self in (_Newer.LIKELY, _Newer.HARDLY)


def _apply(
    snapshot: PipelineSnapshot, change: StateChange, base: PipelineSnapshot | None
) -> tuple[PipelineSnapshot, bool]:
    """Return the snapshot with a change in it, and whether a read should tell more.

    `base` is what was read, and None once a change about the same thing was taken: all that follow are newer.
    """
    state = snapshot.state
    if state is None:
        return snapshot, False
    if change.kind == "pipeline":
        return _with_execution(snapshot, state, change, base)
    stage = state.stage(change.stage)
    if stage is None:
        return snapshot, True
    known = base.state.stage(change.stage) if base is not None and base.state is not None else None
    if change.kind == "stage":
        return _with_stage(snapshot, state, stage, change, known)
    return _with_action(snapshot, state, stage, change, known)


# Actions


def _with_action(
    snapshot: PipelineSnapshot, state: PipelineState, stage: StageState, change: StateChange, known: StageState | None
) -> tuple[PipelineSnapshot, bool]:
    action = next((each for each in stage.actions if each.name == change.action), None)
    if action is None:
        return snapshot, True
    newer = _newer_action(action, change, read=known is not None)
    if not newer.taken:
        return snapshot, newer.open
    done = _action(action, change)
    actions = tuple(done if each is action else each for each in stage.actions)
    found = replace(snapshot, state=_replaced(state, replace(stage, actions=actions)))
    wants = change.status == "Failed" or (change.category == "Approval" and change.status == "InProgress")
    return _with_revision(found, change), wants or newer.open


def _newer_action(action: ActionState, change: StateChange, *, read: bool) -> _Newer:
    known_end = action.status not in {"", "InProgress"}
    if action.action_execution_id and action.action_execution_id == change.action_execution_id:
        return _Newer.YES if change.ends and not known_end else _Newer.NO
    known_at = _second(action.changed_at)
    if not read or change.at != known_at:
        return _Newer.YES if change.at >= known_at else _Newer.NO
    if not action.action_execution_id:  # an answer without ids: of two in one second the end is the later one
        return _Newer.LIKELY if change.ends and not known_end else _Newer.HARDLY
    return _Newer.HARDLY if change.ends else _Newer.LIKELY


def _second(at: float | None) -> float:
    """A moment as coarse as an event gives it."""
    return math.floor(at) if at is not None else -math.inf


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


def _with_stage(
    snapshot: PipelineSnapshot, state: PipelineState, stage: StageState, change: StateChange, known: StageState | None
) -> tuple[PipelineSnapshot, bool]:
    newer = _Newer.YES if known is None else _newer_stage(known, change)
    if not newer.taken:
        return snapshot, newer.open
    inbound = tuple(each for each in stage.inbound if each != change.execution_id)
    state = _replaced(state, replace(stage, status=change.status, execution_id=change.execution_id, inbound=inbound))
    at = [each.name for each in state.stages].index(stage.name) + 1
    if change.status == "Succeeded" and at < len(state.stages):
        state = _arrived(state, state.stages[at], change.execution_id)
    return replace(snapshot, state=state), newer.open


def _newer_stage(known: StageState, change: StateChange) -> _Newer:
    known_at = max((_second(action.changed_at) for action in known.actions), default=-math.inf)
    same = known.execution_id == change.execution_id
    if change.at < known_at or (same and known.status == change.status):
        return _Newer.NO
    if change.at > known_at:
        return _Newer.YES
    if not same:
        return _Newer.HARDLY if change.ends and known.execution_id else _Newer.LIKELY
    if change.ends:
        moving = any(action.status == "InProgress" for action in known.actions)
        return _Newer.HARDLY if moving else _Newer.LIKELY
    return _Newer.LIKELY if change.resumed or change.status == "Stopping" else _Newer.NO  # it starts a stage but once


def _arrived(state: PipelineState, following: StageState, execution_id: str) -> PipelineState:
    """An execution leaves a stage and stands before the next one, until that one takes it in."""
    if following.execution_id == execution_id or execution_id in following.inbound:
        return state
    return _replaced(state, replace(following, inbound=(*following.inbound, execution_id)))


def _replaced(state: PipelineState, stage: StageState) -> PipelineState:
    return replace(state, stages=tuple(stage if each.name == stage.name else each for each in state.stages))


# Executions


def _with_execution(
    snapshot: PipelineSnapshot, state: PipelineState, change: StateChange, base: PipelineSnapshot | None
) -> tuple[PipelineSnapshot, bool]:
    if change.ends and any(change.execution_id in each.inbound for each in state.stages):  # it waits nowhere any more
        stages = tuple(
            replace(each, inbound=tuple(one for one in each.inbound if one != change.execution_id))
            for each in state.stages
        )
        snapshot = replace(snapshot, state=replace(state, stages=stages))
    known = snapshot.execution
    if known is not None and known.id == change.execution_id:
        newer = _newer_execution(known, change, read=base is not None)
        if newer.taken:
            snapshot = replace(snapshot, execution=replace(known, status=change.status, updated_at=change.at))
        return snapshot, newer.open
    if change.resumed:  # an older execution, tried again: it is not the latest for that
        return snapshot, False
    started_at = change.started_at if change.started_at is not None else change.at
    if known is not None and known.started_at is not None and started_at <= known.started_at:
        return snapshot, False
    return replace(snapshot, execution=_begun(change, started_at)), False


def _newer_execution(known: Execution, change: StateChange, *, read: bool) -> _Newer:
    known_at = _second(known.updated_at)
    if change.at < known_at or known.status == change.status:
        return _Newer.NO
    if change.at > known_at or not read:
        return _Newer.YES
    if known.status in {"InProgress", "Stopping"}:
        return _Newer.LIKELY
    return _Newer.HARDLY if change.resumed or change.ends else _Newer.NO


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
