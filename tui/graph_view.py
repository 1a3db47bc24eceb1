"""A pipeline's definition and state as the rows of the stage graph. Pure."""

from __future__ import annotations

from core.age import age, duration
from core.arn import who
from core.attention import stage_reached
from core.pipeline import ActionDecl, ActionState, Definition, PipelineState, StageState
from core.text import first_line, sanitize
from tui.tones import action_tone, execution_tone, stage_tone
from widgets.stage_graph import GraphAction, GraphStage, GraphTransition
from widgets.status import Tone

__all__ = ["graph_of"]


def graph_of(definition: Definition | None, state: PipelineState, now: float) -> tuple[GraphStage, ...]:
    """Return the stages in the order of the state; without a definition, names and states alone."""
    return tuple(
        _stage(definition, stage, now, first=number == 0, reached=stage_reached(state, stage))
        for number, stage in enumerate(state.stages)
    )


def _stage(definition: Definition | None, stage: StageState, now: float, *, first: bool, reached: bool) -> GraphStage:
    declared = definition.stage(stage.name) if definition else None
    decls = {action.name: action for action in declared.actions} if declared else {}
    actions = tuple(_action(decls.get(action.name), action, now, reached=reached) for action in stage.actions)
    way = stage.transition
    detail = " · ".join(filter(None, (sanitize(way.reason), sanitize(who(way.changed_by)), age(way.changed_at, now))))
    transition = None if first else GraphTransition(way.enabled, "" if way.enabled else detail)
    return GraphStage(sanitize(stage.name), _shown_tone(stage, reached=reached), actions, transition)


def _shown_tone(stage: StageState, *, reached: bool) -> Tone:
    tone = stage_tone(stage) if reached else Tone.IDLE
    return Tone.QUEUED if stage.inbound and tone is Tone.IDLE else tone


def _action(decl: ActionDecl | None, action: ActionState, now: float, *, reached: bool) -> GraphAction:
    return GraphAction(
        name=sanitize(action.name),
        provider=sanitize(decl.provider) if decl else "",
        tone=action_tone(action) if reached else Tone.IDLE,
        run_order=decl.run_order if decl else 1,
        detail=_detail(action, now),
    )


def _detail(action: ActionState, now: float) -> str:
    """How it stands in a few words: the error's first words, or since when."""
    if action.error_message:
        return first_line(sanitize(action.error_message))
    if execution_tone(action.status) is Tone.RUNNING and action.changed_at:
        return f"for {duration(now - action.changed_at)}"
    ago = age(action.changed_at, now)
    return f"{ago} ago" if ago else ""
