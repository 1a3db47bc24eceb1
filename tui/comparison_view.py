"""What changed between two executions, as a document. Pure."""

from __future__ import annotations

from core.age import age
from core.comparison import Comparison, Difference, Ran, Topic
from core.delivery import delivery
from core.text import first_line, sanitize
from tui.tones import execution_tone
from widgets.document import Block, code, gap, heading, outcome, pair, paragraph
from widgets.ink import inked, join
from widgets.status import Tone, status

__all__ = ["comparison_blocks"]


def comparison_blocks(found: Comparison, now: float) -> tuple[Block, ...]:
    """Return both executions, then each topic that differs, then what is the same and what is not known."""
    blocks = [_side("before", found.before, now), _side("after", found.after, now), gap()]
    if not found.differences:
        blocks += [outcome(Tone.OK, "Nothing that was read differs."), gap()]
    for topic in Topic:
        if differing := found.of(topic):
            blocks.append(heading(topic.value.capitalize()))
            blocks += [block for each in differing for block in _difference(each)]
            if topic is Topic.DEFINITION and found.patch:
                blocks.append(code(sanitize(found.patch), "diff"))
            blocks.append(gap())
    blocks += _rest(found)
    return tuple(blocks)


def _side(label: str, ran: Ran, now: float) -> Block:
    execution = ran.execution
    state = status(execution_tone(execution.status), execution.status.lower())
    ago = age(execution.started_at, now)
    when = inked(f"   {execution.id[:8]} · {f'{ago} ago' if ago else 'start unknown'}", "$foreground-muted")
    return pair(label, join(state, f"   {delivery(execution)}", when))


def _difference(each: Difference) -> list[Block]:
    if each.topic is Topic.DEFINITION:
        return [paragraph(f"{each.before} → {each.after}", indent=2)]
    lines = [Block((inked(sanitize(each.name), "bold"),), indent=2)]
    if each.before:
        lines.append(_value("-", each.before, "$text-error"))
    if each.after:
        lines.append(_value("+", each.after, "$text-success"))
    return lines


def _value(mark: str, value: str, style: str) -> Block:
    return Block((inked(first_line(sanitize(value)), style),), lead=inked(f"{mark} ", style), indent=4)


def _rest(found: Comparison) -> list[Block]:
    blocks: list[Block] = []
    if found.same:
        blocks.append(pair("the same", ", ".join(each.value for each in found.same)))
    if found.unknown:
        words = f"{', '.join(each.value for each in found.unknown)} (not read, or not run, on one side)"
        blocks.append(pair("unknown", inked(words, "$foreground-muted")))
    return blocks
