"""A diagnosis as a document: findings with their evidence and what to do, then what was checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.attention import Condition
from core.diagnosis import Checked, Diagnosis
from core.fact import Fact, Outcome
from core.finding import Finding, Fix
from core.text import clip, sanitize
from tui.tones import confidence_word, verdict_tone
from widgets.document import Block, choice, code, fact, gap, heading, outcome, paragraph
from widgets.ink import inked, join
from widgets.status import Tone, status

__all__ = ["diagnosis_blocks", "fact_block", "finding_blocks", "findings_blocks", "fix_blocks"]

_CALM = {
    Condition.RUNNING: "It is running. Press d to walk a playbook on any action.",
    Condition.OK: "Nothing is wrong. Press d to walk a playbook on any action.",
    Condition.NEVER: "It has never run.",
    Condition.STOPPED: "The last execution was stopped. Press d to walk a playbook on any action.",
}
_CHARS = 200
_OUTCOMES = {
    Outcome.OK: Tone.OK,
    Outcome.NO_DATA: Tone.IDLE,
    Outcome.DENIED: Tone.DENIED,
    Outcome.ERROR: Tone.WARNING,
    Outcome.TRUNCATED: Tone.OK,
}


def diagnosis_blocks(diagnosis: Diagnosis | None, condition: Condition) -> tuple[Block, ...]:
    """Return the diagnosis as blocks; a calm sentence where there is none."""
    if diagnosis is None:
        return (paragraph(_CALM.get(condition, ""), muted=True),)
    facts = {each.n: each for each in diagnosis.facts}
    blocks = findings_blocks(diagnosis.findings, facts)
    if not diagnosis.findings:
        blocks += [outcome(Tone.UNKNOWN, "No cause was found.")]
        if diagnosis.wanted:
            words = f"Some of it may not be read. Ask for: {', '.join(diagnosis.wanted)}."
            blocks.append(paragraph(words, indent=2, muted=True))
        blocks.append(gap())
    calls = f"{diagnosis.api_calls} calls · {diagnosis.took_s:.1f} s"
    return (*blocks, heading("What was checked", calls), *(_check(each) for each in diagnosis.checks))


def findings_blocks(findings: Sequence[Finding], facts: Mapping[int, Fact]) -> list[Block]:
    """Return ranked findings; beside a confirmed cause, guesses are told in one line each."""
    blocks: list[Block] = []
    told = [each for each in findings if each.proven] if findings and findings[0].proven else list(findings)
    for number, finding in enumerate(told, 1):
        blocks += [*finding_blocks(finding, facts, number), gap()]
    if faint := findings[len(told) :]:
        blocks += [heading("Less likely", "by their wording alone"), *(_faint(each) for each in faint), gap()]
    return blocks


def _faint(finding: Finding) -> Block:
    words = f"{finding.confidence:.0%}".replace("%", " %")
    return Block((sanitize(finding.title),), note=inked(f"{words}  {finding.cause}", "$foreground-muted"), indent=2)


def finding_blocks(finding: Finding, facts: Mapping[int, Fact], number: int = 1) -> list[Block]:
    """One finding: title, certainty, summary, evidence by number, what to do."""
    loud = "bold $text-error" if number == 1 else "bold"
    blocks = [
        Block(
            (inked(sanitize(finding.title), loud),),
            lead=inked(f"{number}. ", loud),
            note=inked(confidence_word(finding.confidence, proven=finding.proven), "$text-accent"),
        ),
        paragraph(sanitize(finding.summary), indent=3),
        paragraph(finding.cause, indent=3, muted=True),
    ]
    blocks += [fact_block(facts[n]) for n in finding.facts if n in facts]
    if finding.disproved_by:
        blocks.append(paragraph(f"Would be disproved by: {sanitize(finding.disproved_by)}", indent=3, muted=True))
    for order, fix in enumerate(finding.fixes, 1):
        blocks += fix_blocks(fix, f"f{order}")
    return blocks


def fact_block(read: Fact, note: str = "") -> Block:
    """One fact: its number, the call, what came of it."""
    words = sanitize(read.error) if read.error else read.outcome.value.replace("_", " ")
    return fact(read.n, clip(sanitize(read.call), _CHARS), clip(words, _CHARS), tone=_OUTCOMES[read.outcome], note=note)


def fix_blocks(fix: Fix, key: str) -> list[Block]:
    """One way to put it right: automatic ones with their risk, manual ones with steps, address and commands."""
    if fix.plan:
        return [choice(key, sanitize(fix.title), f"automatic · {fix.risk.value} risk")]
    blocks = [choice(key, sanitize(fix.title), "by hand")]
    blocks += [paragraph(f"{number}. {sanitize(step)}", indent=6) for number, step in enumerate(fix.steps, 1)]
    blocks += [code(sanitize(command), "bash", indent=6) for command in fix.commands]
    if fix.console_url:
        blocks.append(paragraph(inked(sanitize(fix.console_url), "$foreground-muted"), indent=6))
    return blocks


def _check(checked: Checked) -> Block:
    lead = join(status(verdict_tone(checked.answer.verdict)), " ")
    return Block(
        (checked.step.question, inked(sanitize(" ".join(checked.answer.detail.split())), "$foreground-muted")),
        lead=lead,
        indent=2,
    )
