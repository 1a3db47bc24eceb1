"""The end of a playbook's walk as a document: the cause, what was ruled out, what could not be seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.fact import Fact, Outcome
from core.finding import Finding, Verdict
from core.playbook import Step
from core.runner import Run
from core.text import clip, sanitize
from tui.diagnosis_view import findings_blocks
from tui.tones import verdict_tone
from widgets.document import Block, gap, heading, outcome, paragraph
from widgets.ink import inked, join
from widgets.status import Tone, status

__all__ = ["RESULT", "result_blocks", "result_tone"]

RESULT = "result"
_DETAIL_CHARS = 200
_PARTS = (
    ("What does not hold", (Verdict.FAILED,)),
    ("Could not be seen", (Verdict.DENIED, Verdict.UNKNOWN)),
    ("Ruled out", (Verdict.PASSED,)),
)


def result_tone(run: Run, findings: Sequence[Finding]) -> Tone:
    """Return how the walk ended: found, clear, or not known; idle and running before it is complete."""
    if not run.complete:
        return Tone.RUNNING if run.current else Tone.IDLE
    if findings:
        return Tone.FAILED
    unseen = any(answer.verdict in (Verdict.DENIED, Verdict.UNKNOWN) for answer in run.answers.values())
    return Tone.UNKNOWN if unseen else Tone.OK


def result_blocks(run: Run, findings: Sequence[Finding], facts: Mapping[int, Fact]) -> tuple[Block, ...]:
    """Return what the walk has come to; `findings` ranked, over all playbooks run here, `facts` by number."""
    blocks: list[Block] = [Block((inked("What came of it", "bold"),), note=_progress(run)), gap()]
    if findings:
        blocks += findings_blocks(findings, facts)
    elif run.complete:
        blocks += [outcome(result_tone(run, findings), "No cause was found here."), *_advice(run, facts), gap()]
    else:
        blocks += [paragraph("Press A to run every step.", muted=True), gap()]
    for title, verdicts in _PARTS:
        steps = [step for step in run.playbook.steps if _verdict(run, step) in verdicts]
        if steps:
            blocks += [heading(title), *(_line(run, step) for step in steps), gap()]
    return tuple(blocks)


def _progress(run: Run) -> str:
    return "" if run.complete else f"{len(run.answers)} of {len(run.playbook.steps)} steps so far"


def _verdict(run: Run, step: Step) -> Verdict | None:
    answer = run.answers.get(step.id)
    return answer.verdict if answer else None


def _line(run: Run, step: Step) -> Block:
    answer = run.answers[step.id]
    lead = join(status(verdict_tone(answer.verdict)), " ")
    detail = clip(" ".join(sanitize(answer.detail).split()), _DETAIL_CHARS)
    return Block((step.question, inked(detail, "$foreground-muted")), lead=lead, indent=2)


def _advice(run: Run, facts: Mapping[int, Fact]) -> list[Block]:
    """What to ask for next where nothing was found."""
    verdicts = {answer.verdict for answer in run.answers.values()}
    words = []
    if Verdict.DENIED in verdicts:
        wanted = sorted({fact.action for fact in facts.values() if fact.outcome is Outcome.DENIED and fact.action})
        words.append(f"Some of it may not be read. Ask for: {', '.join(wanted) or 'what stands below'}.")
    if Verdict.UNKNOWN in verdicts:
        words.append("Some of it could not be told: what was read stands below.")
    words.append("Key b goes on with the next playbook that fits, l opens the log.")
    return [paragraph(line, indent=2, muted=True) for line in words]
