"""A pipeline's head line, and the selected action or transition in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from core.age import age, duration
from core.arn import who as who_did
from core.attention import Assessment, FocusPoint
from core.delivery import delivery
from core.pipeline import ActionState, Definition, PipelineSnapshot, PipelineState
from core.text import clip, sanitize
from tui.tones import action_tone, condition_tone
from widgets.document import Block, outcome, paragraph
from widgets.ink import inked, join
from widgets.status import Tone, status

__all__ = ["action_detail", "head_line", "transition_detail"]

_ERROR_CHARS = 1200
_ERROR_LINES = 6


def head_line(snapshot: PipelineSnapshot, found: Assessment, definition: Definition | None, now: float) -> Content:
    """Name, condition, what is being delivered, where, which version."""
    execution, place = snapshot.execution, snapshot.ref.place
    parts: list[Content | str] = [
        inked(sanitize(snapshot.ref.name), "bold"),
        "   ",
        status(condition_tone(found.condition), found.word),
    ]
    if found.since:
        parts.append(inked(f" {age(found.since, now)}", "$foreground-muted"))
    if execution:
        parts += ["   ", delivery(execution)]
    facts = [place.region, place.profile]
    if execution:
        facts.append(f"execution {sanitize(execution.id[:8])}")
    if definition:
        facts.append(f"v{definition.version} {definition.pipeline_type} {definition.execution_mode.lower()}")
    parts.append(inked("   " + " · ".join(filter(None, facts)), "$foreground-muted"))
    return join(*parts)


def action_detail(
    state: PipelineState, definition: Definition | None, point: FocusPoint, now: float
) -> tuple[Block, ...]:
    """The selected action: how it stands, its own error text, what it is configured with."""
    stage, name = point.stage, point.action
    action = state.action(stage, name)
    declared = definition.action(stage, name) if definition else None
    if action is None:
        return ()
    provider = sanitize(declared.provider) if declared else ""
    title = join(inked(f"{sanitize(stage)} / {sanitize(name)}", "bold"), inked(f"  {provider}", "$foreground-muted"))
    blocks = [Block((title,), lead=join(status(action_tone(action)), " "), note=_when(action, now))]
    text = action.error_message or action.summary
    if text:
        code = f"{sanitize(action.error_code)}: " if action.error_code else ""
        blocks.append(paragraph(code + _shortened(text), indent=2))
    if declared and declared.configuration:
        shown = (f"{sanitize(key)}={clip(sanitize(value), 60)}" for key, value in _telling(declared.configuration))
        blocks.append(paragraph("  ".join(shown), indent=2, muted=True))
    return tuple(blocks)


def _telling(configuration: Mapping[str, str]) -> list[tuple[str, str]]:
    """The configuration members that a reader wants in one line; long JSON values stay in the definition's tab."""
    items = configuration.items()
    return [(key, value) for key, value in items if not value.lstrip().startswith(("{", "["))][:5]


def _when(action: ActionState, now: float) -> Content:
    if not action.changed_at:
        return inked("never ran", "$foreground-muted")
    if action_tone(action) in {Tone.RUNNING, Tone.WAITING}:
        word = "waiting" if action.token else "running"
        return inked(f"{word} for {duration(now - action.changed_at)}", "$text-accent")
    return inked(f"{action.status.lower()} {age(action.changed_at, now)} ago", "$foreground-muted")


def _shortened(text: str) -> str:
    lines = [line.rstrip() for line in sanitize(text).splitlines() if line.strip()]
    return clip("\n".join(lines[:_ERROR_LINES]) + (" …" if len(lines) > _ERROR_LINES else ""), _ERROR_CHARS)


def transition_detail(state: PipelineState, stage: str, now: float) -> tuple[Block, ...]:
    """The way into a stage: enabled, or disabled by whom, when and why; what waits before it."""
    found = state.stage(stage)
    if found is None:
        return ()
    way = found.transition
    waits = f"{len(found.inbound)} waiting to enter" if found.inbound else ""
    if way.enabled:
        return (outcome(Tone.OK, f"The way into {sanitize(stage)} is open.", waits),)
    who = f" by {sanitize(who_did(way.changed_by))}" if way.changed_by else ""
    when = f" {age(way.changed_at, now)} ago" if way.changed_at else ""
    head = outcome(Tone.OFF, f"The way into {sanitize(stage)} was disabled{who}{when}.", waits)
    return (head, paragraph(sanitize(way.reason), indent=2)) if way.reason else (head,)
