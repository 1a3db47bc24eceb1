"""AWS's words and our conditions as the tones and words that widgets draw."""

from __future__ import annotations

from core.attention import Condition, stage_reached
from core.finding import Verdict
from core.pipeline import ActionState, PipelineState, StageState
from widgets.status import Tone

__all__ = [
    "action_tone",
    "condition_tone",
    "confidence_word",
    "execution_tone",
    "stage_tone",
    "stage_tones",
    "verdict_tone",
]

_CONDITIONS = {
    Condition.FAILED: Tone.FAILED,
    Condition.STUCK: Tone.STUCK,
    Condition.WAITING: Tone.WAITING,
    Condition.RUNNING: Tone.RUNNING,
    Condition.OFF: Tone.OFF,
    Condition.STOPPED: Tone.STOPPED,
    Condition.UNKNOWN: Tone.UNKNOWN,
    Condition.OK: Tone.OK,
    Condition.NEVER: Tone.IDLE,
}
_RUNS = {
    "Failed": Tone.FAILED,
    "InProgress": Tone.RUNNING,
    "Stopping": Tone.RUNNING,
    "Succeeded": Tone.OK,
    "Stopped": Tone.STOPPED,
    "Cancelled": Tone.STOPPED,
    "Abandoned": Tone.STOPPED,
    "Superseded": Tone.SUPERSEDED,
    "Skipped": Tone.SKIPPED,
}
_VERDICTS = {
    Verdict.PASSED: Tone.OK,
    Verdict.FAILED: Tone.FAILED,
    Verdict.UNKNOWN: Tone.UNKNOWN,
    Verdict.DENIED: Tone.DENIED,
    Verdict.NOT_APPLICABLE: Tone.SKIPPED,
}


def condition_tone(condition: Condition) -> Tone:
    """The tone of a pipeline's condition."""
    return _CONDITIONS[condition]


def execution_tone(status: str) -> Tone:
    """The tone of an execution's, stage's or action's status as AWS words it; idle for one that never ran."""
    return _RUNS.get(status, Tone.IDLE)


def action_tone(action: ActionState | None) -> Tone:
    """The tone of an action; one that runs and holds an approval token waits for a person."""
    if action is None:
        return Tone.IDLE
    if action.status == "InProgress" and action.token:
        return Tone.WAITING
    return execution_tone(action.status)


def stage_tone(stage: StageState) -> Tone:
    """The tone of a stage; a stage behind a disabled transition that has nothing to show is off."""
    if any(action_tone(action) is Tone.WAITING for action in stage.actions):
        return Tone.WAITING
    if not stage.transition.enabled and stage.status not in {"InProgress", "Failed"}:
        return Tone.OFF
    return execution_tone(stage.status)


def stage_tones(state: PipelineState) -> tuple[Tone, ...]:
    """The tones of all stages; what an older run left behind in a stage not reached yet is idle."""
    return tuple(stage_tone(stage) if stage_reached(state, stage) else Tone.IDLE for stage in state.stages)


def verdict_tone(verdict: Verdict) -> Tone:
    """The tone of a step's answer."""
    return _VERDICTS[verdict]


def confidence_word(confidence: float, *, proven: bool = False) -> str:
    """How sure, in words and per cent: ``confirmed 97 %``, ``likely 80 %``, ``possible 40 %``."""
    if proven:
        word = "confirmed"
    else:
        word = next(
            word for least, word in ((0.75, "likely"), (0.5, "probable"), (0.0, "possible")) if confidence >= least
        )
    return f"{word} {confidence:.0%}".replace("%", " %")
