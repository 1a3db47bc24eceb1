"""What a pipeline's state means for the person on call: one condition a pipeline, worst first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from core.pipeline import ActionState, Definition, Execution, PipelineSnapshot, PipelineState, StageState

__all__ = ["Assessment", "Condition", "FocusPoint", "assess", "focus_of", "stage_condition", "stage_reached"]

# An execution that runs this many times as long as it usually takes (and at least this long) counts as stuck.
OVERDUE_FACTOR = 3.0
OVERDUE_MIN_S = 15 * 60.0
STUCK_WITHOUT_HISTORY_S = 3 * 3600.0
_OVER = ("Succeeded", "Stopped", "Stopping", "Cancelled")
# Longer than this in a queue behind another execution counts as stuck.
QUEUED_TOO_LONG_S = 30 * 60.0


class Condition(IntEnum):
    """How a pipeline (or stage) is, in the order in which it wants attention."""

    FAILED = 0
    STUCK = 1
    WAITING = 2  # for a person's approval
    RUNNING = 3
    OFF = 4  # a transition is disabled and something waits before it
    STOPPED = 5
    UNKNOWN = 6  # it could not be read
    OK = 7
    NEVER = 8  # it has never run


@dataclass(frozen=True, slots=True)
class FocusPoint:
    """The stage and action that a person should look at; action is empty where the stage itself is meant."""

    stage: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A pipeline's condition, the word for it, one sentence why, and where to look."""

    condition: Condition
    word: str
    why: str = ""
    focus: FocusPoint | None = None
    since: float | None = None  # epoch seconds


def stage_condition(stage: StageState) -> Condition:
    """Return how one stage is, from its latest execution."""
    if stage.status == "InProgress" and any(_waits_for_approval(action) for action in stage.actions):
        return Condition.WAITING
    return {
        "Failed": Condition.FAILED,
        "InProgress": Condition.RUNNING,
        "Stopping": Condition.RUNNING,
        "Succeeded": Condition.OK,
        "Skipped": Condition.OK,
        "Stopped": Condition.STOPPED,
        "Cancelled": Condition.STOPPED,
    }.get(stage.status, Condition.NEVER)


def stage_reached(state: PipelineState, stage: StageState) -> bool:
    """Whether what a stage shows belongs to the newest run: a success of an older one says nothing about it."""
    newest = state.stages[0].execution_id if state.stages else ""
    return stage.status != "Succeeded" or stage.execution_id == newest or not stage.transition.enabled


def _waits_for_approval(action: ActionState) -> bool:
    return action.status == "InProgress" and bool(action.token)


def _failed_action(stage: StageState) -> ActionState | None:
    failed = [action for action in stage.actions if action.status == "Failed"]
    return min(failed, key=lambda action: action.changed_at or 0.0) if failed else None


def _left_behind(state: PipelineState, stage: StageState, latest: Execution | None) -> bool:
    """Whether a newer run is what matters now: it has passed, was stopped, or waits for a person before the stage."""
    if latest is None or latest.id == stage.execution_id:
        return False
    waits = any(each.execution_id == latest.id and stage_condition(each) is Condition.WAITING for each in state.stages)
    return waits or latest.status in _OVER


def _failure(state: PipelineState, latest: Execution | None) -> Assessment | None:
    """The first failed stage of the run that matters; a failure that a newer run has left behind does not count."""
    for stage in state.stages:
        if stage.status != "Failed" or _left_behind(state, stage, latest):
            continue
        action = _failed_action(stage)
        condition_failed = f"{stage.conditions[0]} condition failed" if stage.conditions else ""
        why = (action.error_message or action.summary) if action else condition_failed
        return Assessment(
            Condition.FAILED,
            "failed",
            why,
            FocusPoint(stage.name, action.name if action else ""),
            action.changed_at if action else None,
        )
    return None


def _running(state: PipelineState, snapshot: PipelineSnapshot, now: float) -> Assessment | None:
    for stage in reversed(state.stages):
        if stage.status not in ("InProgress", "Stopping"):
            continue
        waiting = next((action for action in stage.actions if _waits_for_approval(action)), None)
        if waiting:
            point = FocusPoint(stage.name, waiting.name)
            return Assessment(Condition.WAITING, "approval", waiting.summary, point, waiting.changed_at)
        action = next((action for action in stage.actions if action.status == "InProgress"), None)
        point = FocusPoint(stage.name, action.name if action else "")
        began = action.changed_at if action else None
        if began is not None and _overdue(now - began, snapshot.usual_s):
            return Assessment(Condition.STUCK, "stuck", f"{stage.name} runs far longer than usual", point, began)
        return Assessment(Condition.RUNNING, "running", action.summary if action else "", point, began)
    return None


def _overdue(ran_s: float, usual_s: float | None) -> bool:
    if usual_s is None:
        return ran_s > STUCK_WITHOUT_HISTORY_S
    return ran_s > max(OVERDUE_MIN_S, usual_s * OVERDUE_FACTOR)


def _blocked(state: PipelineState, latest: Execution | None, now: float) -> Assessment | None:
    """Something waits before a stage: behind a disabled transition, or in a queue."""
    for stage in state.stages:
        if not stage.transition.enabled:
            way = stage.transition
            why = f"into {stage.name}: {way.reason}" if way.reason else f"the way into {stage.name} is disabled"
            return Assessment(Condition.OFF, "off", why, FocusPoint(stage.name), way.changed_at)
        if stage.inbound and stage.status in ("InProgress", "Failed"):
            began = latest.started_at if latest else None
            if began is not None and now - began > QUEUED_TOO_LONG_S:
                why = f"an execution waits before {stage.name}"
                return Assessment(Condition.STUCK, "stuck", why, FocusPoint(stage.name), began)
    return None


def assess(snapshot: PipelineSnapshot, now: float) -> Assessment:
    """Return how a pipeline is and where to look.

    Order of judgement: a stage of the present run has failed; something waits for a person; something runs (or should
    have ended long ago); a disabled transition; stopped; fine. `now` is epoch seconds.
    """
    state, latest = snapshot.state, snapshot.execution
    if state is None:
        return Assessment(Condition.UNKNOWN, "unknown", snapshot.error)
    blocked = _blocked(state, latest, now)
    queue = blocked if blocked and blocked.condition is Condition.STUCK else None
    found = _failure(state, latest) or queue or _running(state, snapshot, now) or blocked
    if found:
        return found
    return _at_rest(state, latest)


_AT_REST = {
    "Failed": Condition.FAILED,
    "Stopped": Condition.STOPPED,
    "Stopping": Condition.STOPPED,
    "Cancelled": Condition.STOPPED,
    "InProgress": Condition.RUNNING,
}
_WORDS = {Condition.RUNNING: "running", Condition.OK: "ok"}


def _at_rest(state: PipelineState, latest: Execution | None) -> Assessment:
    """No stage says anything special: the latest execution's own status decides."""
    if latest is None:
        ran = any(stage.status for stage in state.stages)
        return Assessment(Condition.OK, "ok") if ran else Assessment(Condition.NEVER, "never ran")
    condition = _AT_REST.get(latest.status, Condition.OK)
    word = _WORDS.get(condition, latest.status.lower())
    focus = _halted(state, latest) if condition is Condition.STOPPED else None
    return Assessment(condition, word, latest.stop_reason or latest.summary, focus, latest.updated_at)


def _halted(state: PipelineState, latest: Execution) -> FocusPoint | None:
    """Where the newest run was when it was stopped; None where no stage shows it."""
    for stage in state.stages:
        if stage.execution_id == latest.id and stage_condition(stage) is Condition.STOPPED:
            cut = next((action for action in stage.actions if action.status in ("Abandoned", "Failed")), None)
            return FocusPoint(stage.name, cut.name if cut else "")
    return None


def focus_of(assessment: Assessment, definition: Definition) -> FocusPoint:
    """Return where to look first: the assessment's point with its action filled in, else the first action."""
    point = assessment.focus or FocusPoint(definition.stages[0].name)
    if point.action:
        return point
    stage = definition.stage(point.stage) or definition.stages[0]
    return FocusPoint(stage.name, stage.actions[0].name if stage.actions else "")
