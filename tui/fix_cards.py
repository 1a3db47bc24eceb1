"""A plan as the cards of the fix wizard: what, where, how, confirm, and how it went. Pure."""

from __future__ import annotations

from core.commands import aws_command
from core.plan import ApplyOutcome, ApplyStep, Plan, Risk
from core.text import sanitize
from tui.surroundings import Surroundings
from widgets.document import Block, code, gap, heading, outcome, pair, paragraph
from widgets.ink import inked, join
from widgets.status import Tone

__all__ = ["OUTCOME_TONES", "confirm_card", "how_card", "outcome_card", "what_card", "where_card"]

OUTCOME_TONES = {
    ApplyOutcome.VERIFIED: Tone.OK,
    ApplyOutcome.NOT_VERIFIED: Tone.WARNING,
    ApplyOutcome.CONFLICT: Tone.WARNING,
    ApplyOutcome.FAILED: Tone.FAILED,
}
_SPREADING = "A change of permissions takes some seconds to spread through AWS: the proof is waited for."
_RISK_TONES = {Risk.LOW: Tone.OK, Risk.MEDIUM: Tone.WARNING, Risk.HIGH: Tone.FAILED}
_OUTCOME_WORDS = {
    ApplyOutcome.VERIFIED: "Applied and verified.",
    ApplyOutcome.NOT_VERIFIED: "Applied, but not verified: the check did not hold in time.",
    ApplyOutcome.CONFLICT: "Conflict: the state had moved on. Nothing was written.",
    ApplyOutcome.FAILED: "Failed.",
}


def what_card(plan: Plan) -> tuple[Block, ...]:
    """What will change on which resource, and the risk; the diff stands below it."""
    new = "" if plan.before or not plan.after else "   all of it is new"
    named = join(inked(sanitize(plan.resource), "bold"), inked(new, "$foreground-muted"))
    return (paragraph(named), *_risk(plan))


def _risk(plan: Plan) -> tuple[Block, ...]:
    return (outcome(_RISK_TONES[plan.risk], f"{plan.risk.value} risk. {sanitize(plan.risk_note)}"),)


def where_card(plan: Plan, around: Surroundings | None = None) -> tuple[Block, ...]:
    """Account, region, resource, pipeline, the code that makes it, and who else is touched.

    `around` is None while it is still being read.
    """
    blocks = [
        heading("Where"),
        pair("account", sanitize(plan.account or "not known yet")),
        pair("region", plan.place.region),
        pair("profile", sanitize(plan.place.profile or "default chain")),
        pair("pipeline", sanitize(plan.pipeline)),
        pair("resource", sanitize(plan.resource)),
        gap(),
    ]
    if around and around.managed:
        blocks += [outcome(Tone.WARNING, sanitize(around.managed.warning)), gap()]
    users = around.users if around else plan.affects
    if users:
        blocks += [heading("Also touches"), *(paragraph(f"· {sanitize(each)}", indent=2) for each in users)]
    elif around is None:
        blocks.append(outcome(Tone.RUNNING, "looking who else uses it …"))
    else:
        read, known = around.looked_at
        words = f" in the definitions of {read} of {known} pipelines here" if known else ""
        blocks.append(paragraph(f"No other user of this resource was seen{words}.", muted=True))
    if around and around.code:
        tool = around.managed.tool if around.managed else ""
        blocks += [gap(), heading(f"The same in {tool}", "Y copies it"), paragraph(sanitize(around.code), indent=2)]
    return tuple(blocks)


def how_card(plan: Plan, around: Surroundings | None = None) -> tuple[Block, ...]:
    """The call with its parameters, the same as an aws command, the permissions it needs, the way back."""
    call, place = plan.call, plan.place
    blocks = [heading("Call"), paragraph(f"{call.service} {call.operation}", indent=2)]
    blocks += [pair(f"  {sanitize(name)}", sanitize(str(value))) for name, value in call.params.items()]
    blocks += [
        gap(),
        heading("The same with the AWS CLI", "y copies it"),
        paragraph(sanitize(aws_command(call, region=place.region, profile=place.profile)), indent=2),
        gap(),
        pair("you need", ", ".join(plan.permissions) or "nothing special"),
        *([pair("to check it", ", ".join(around.reads))] if around and around.reads else []),
        *_able(around),
        pair("first", sanitize(plan.precondition.describe)),
        pair("proof", sanitize(plan.verification.describe)),
        *([pair("", _SPREADING)] if _spreads(plan) else []),
        pair("undo", sanitize(plan.undo.describe) if plan.undo else "cannot be undone"),
    ]
    if plan.undo and plan.undo.call:
        blocks.append(
            code(sanitize(aws_command(plan.undo.call, region=place.region, profile=place.profile)), indent=16)
        )
    return tuple(blocks)


def confirm_card(plan: Plan) -> tuple[Block, ...]:
    """The last look: what, where, risk."""
    where = f"account {plan.account or 'not known yet'} · {plan.place.region} · pipeline {plan.pipeline}"
    return (
        paragraph(inked(sanitize(plan.title), "bold")),
        paragraph(sanitize(where)),
        paragraph(sanitize(plan.resource), muted=True),
        gap(),
        *_risk(plan),
    )


def _spreads(plan: Plan) -> bool:
    """Whether AWS takes a change in at many places, one after another."""
    return plan.call.service in ("iam", "kms")


def _able(around: Surroundings | None) -> list[Block]:
    """Whether the caller seems to have what is needed."""
    if around is None or not around.able:
        return []
    tone = Tone.IDLE if around.lacks is None else Tone.WARNING if around.lacks else Tone.OK
    return [outcome(tone, sanitize(around.able))]


def outcome_card(steps: list[ApplyStep], plan: Plan) -> tuple[Block, ...]:
    """What happened so far, step by step; at the end the outcome in words and the way back."""
    blocks: list[Block] = []
    seen: set[str] = set()
    for step in reversed(steps):
        if step.outcome is None and step.name in seen:
            continue
        seen.add(step.name)
        blocks = [*_step(step, plan, under_way=step is steps[-1]), *blocks]
    return tuple(blocks) or (outcome(Tone.RUNNING, "starting …"),)


def _step(step: ApplyStep, plan: Plan, *, under_way: bool) -> list[Block]:
    if step.outcome is None:
        wait = f"{step.waited_s:.0f} of {step.deadline_s:.0f} s" if step.deadline_s else ""
        told = [outcome(Tone.RUNNING if under_way else Tone.OK, sanitize(step.detail), wait)]
        return [*told, paragraph(_SPREADING, indent=2, muted=True)] if wait and _spreads(plan) else told
    blocks = [gap(), outcome(OUTCOME_TONES[step.outcome], _OUTCOME_WORDS[step.outcome])]
    blocks.append(paragraph(sanitize(step.detail), indent=2))
    if step.outcome in (ApplyOutcome.VERIFIED, ApplyOutcome.NOT_VERIFIED) and _spreads(plan):
        blocks.append(
            paragraph("Where a retry is refused all the same, give it a minute and retry.", indent=2, muted=True)
        )
    if step.outcome is ApplyOutcome.NOT_VERIFIED and plan.undo:
        blocks.append(paragraph(f"To go back: {sanitize(plan.undo.describe)}", indent=2, muted=True))
    return blocks
