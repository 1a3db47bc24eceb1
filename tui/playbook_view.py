"""A playbook's step as a document: the question, why it matters, the answer, its facts, its findings. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.age import age
from core.fact import Fact
from core.finding import Answer
from core.playbook import Step
from core.text import clip, sanitize
from tui.diagnosis_view import fact_block, finding_blocks
from tui.tones import verdict_tone
from widgets.document import Block, gap, heading, outcome, paragraph
from widgets.ink import inked
from widgets.status import Tone

__all__ = ["STALE_S", "step_blocks"]

# An answer that rests on a fact older than this may not hold any more (s).
STALE_S = 120.0
_LINE_CHARS = 240
_DETAIL_CHARS = 360


def step_blocks(
    step: Step, number: int, answer: Answer | None, facts: Mapping[int, Fact], now: float, *, asking: bool
) -> tuple[Block, ...]:
    """Return one step as a document; `facts` by number, `now` in epoch seconds."""
    head = (
        Block((inked(step.question, "bold"),), lead=inked(f"{number}  ", "$foreground-muted")),
        paragraph(f"Why: {step.why}", indent=3, muted=True),
        paragraph(f"Reads: {', '.join(step.reads) or 'nothing new'}", indent=3, muted=True),
        gap(),
    )
    if asking:
        return (*head, outcome(Tone.RUNNING, "asking AWS …"))
    if answer is None:
        return (*head, paragraph("Not asked yet. Press enter to run this step, A to run all.", muted=True))
    blocks = [outcome(verdict_tone(answer.verdict), _detail(answer), _read(answer, facts, now))]
    blocks += [_line(n, text) for n, text in answer.lines]
    cited = [facts[n] for n in answer.facts if n in facts]
    if cited:
        blocks += [gap(), heading("Facts", "e shows them raw"), *(fact_block(each) for each in cited)]
    if answer.findings:
        blocks += [gap(), heading("Finding" if len(answer.findings) == 1 else "Findings")]
    for order, finding in enumerate(answer.findings, 1):
        blocks += [*finding_blocks(finding, facts, order), gap()]
    return (*head, *blocks)


def _detail(answer: Answer) -> str:
    """The answer as one paragraph; a service's long message is cut, the facts hold all of it."""
    return clip(" ".join(sanitize(answer.detail).split()), _DETAIL_CHARS)


def _line(number: int, text: str) -> Block:
    return Block(
        (clip(sanitize(text), _LINE_CHARS),), lead=inked(f"[{number}] " if number else "· ", "$text-accent"), indent=2
    )


def _read(answer: Answer, facts: Mapping[int, Fact], now: float) -> str:
    """How old the facts are."""
    times = [facts[n].read_at for n in answer.facts if n in facts and facts[n].read_at]
    if not times:
        return ""
    read = f"read {age(min(times), now)} ago"
    return f"{read}, stale: r asks again" if now - min(times) > STALE_S else read
