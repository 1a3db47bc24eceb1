"""The stack's state and the first resource that failed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.console import stack_url
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding, Fix
from core.plan import Risk
from core.plans.setting import Where
from core.plans.stacks import continue_rollback, delete_stack
from core.playbook import Facts, Step, Subject
from core.text import clip
from playbooks._access import ACCESS_READS, check_denials, judge_denials
from playbooks._answers import failed, failing, finding, healthy, not_applicable, passed, unknown, unseen
from playbooks._denial import Denial, denials
from playbooks._fixes import command, manual, retry_hint
from playbooks._role_history import DECODE_READS, from_decoded, read_encoded

from ._reads import (
    EVENT_READS,
    STACK_READS,
    FailedResource,
    config,
    first_failure,
    read_events,
    read_stack,
    stack_name,
    stack_of,
    status_of,
)

__all__ = ["EVENTS", "STACK"]

_ID = "cloudformation"
_Map = Mapping[str, Any]
_DEAD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED")
_CANNOT = re.compile(
    r"state and can ?not be (?:updated|deleted)|is in [A-Z_]+ state|cannot be updated|can not be updated|"
    r"ValidationError.{0,200}(?:ROLLBACK|FAILED)",
    re.IGNORECASE,
)


def _said(subject: Subject) -> str:
    return f"{subject.action_state.error_message}\n{subject.action_state.summary}"


def _judge_stack(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    fact = facts.get("stack")
    if fact is None:
        return unknown("The action's configuration names no stack.")
    if cannot := unseen(fact):
        return cannot
    name, status = stack_name(subject), status_of(facts)
    if not status:
        if config(subject).get("ActionMode") == "CHANGE_SET_EXECUTE":
            return failed(f"There is no stack {name} in {subject.region} to execute a change set on.", fact)
        return passed(f"There is no stack {name} yet; the action creates it.", fact)
    reason = str(stack_of(facts).get("StackStatusReason") or "")
    detail = f"Stack {name} is {status}. {reason}".strip()
    if healthy(subject):
        return passed(detail, fact)
    if status.endswith("_IN_PROGRESS"):
        return (
            _busy(subject, fact, detail, status) if failing(subject) else passed(f"{detail} The action is at it.", fact)
        )
    if status in _DEAD:
        return _dead(subject, facts, detail, status)
    return passed(detail, fact)


def _busy(subject: Subject, fact: Fact, detail: str, status: str) -> Answer:
    told = "IN_PROGRESS" in _said(subject)
    fix = manual(
        "cfn.busy",
        "Wait until the other operation has ended",
        [f"{detail} See who runs it (events); then retry.", retry_hint(subject)],
        commands=[command(subject, "cloudformation", "DescribeStackEvents", StackName=stack_name(subject))],
        url=_url(subject, fact),
    )
    one = finding(
        subject,
        _ID,
        "cfn.stack-busy",
        0.95 if told else 0.6,
        f"Stack {stack_name(subject)} is {status}: another operation is under way",
        f"{detail} A stack takes one operation at a time.",
        [fact],
        fixes=[fix],
        disproved_by="a stack state that does not end in IN_PROGRESS",
        proven=told,
    )
    return failed(detail, fact, findings=[one])


def _url(subject: Subject, fact: Fact) -> str:
    stack = str(fact.get("Stacks", 0, "StackId", default=stack_name(subject)))
    return stack_url(stack, subject.region, subject.identity.partition)


def _ways_out(subject: Subject, facts: Facts, status: str) -> list[Fix]:
    where, name = Where.of(subject.ref, subject.identity.account), stack_name(subject)
    region = "" if subject.region == subject.ref.place.region else subject.region
    stack_id = str(stack_of(facts).get("StackId", ""))
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"):
        steps = (
            "The stack was never made; nothing of it is in use. Delete it, correct what failed, and retry.",
            "ActionMode REPLACE_ON_FAILURE does this by itself.",
        )
        plan = delete_stack(where, name, stack_id=stack_id, region=region) if status == "ROLLBACK_COMPLETE" else None
        commands = () if plan else (command(subject, "cloudformation", "DeleteStack", StackName=name),)
        return [
            Fix("cfn.delete", f"Delete stack {name}", Risk.HIGH, plan, steps, commands, _url(subject, facts["stack"]))
        ]
    if status == "UPDATE_ROLLBACK_FAILED":
        failure = first_failure(facts)
        steps = (
            (
                "Put right what the rollback stumbled over, then go on with it; skip a resource only if you know it is "
                "well."
            ),
            f"It stumbled over {failure.logical}: {failure.reason}" if failure else "The events name the resource.",
        )
        plan = continue_rollback(where, name, region=region)
        return [Fix("cfn.continue-rollback", f"Go on with the rollback of {name}", Risk.MEDIUM, plan, steps)]
    show = command(subject, "cloudformation", "DescribeStackEvents", StackName=name)
    return [
        manual(
            "cfn.state", f"Bring stack {name} into a state that can be updated", [retry_hint(subject)], commands=[show]
        )
    ]


def _refused_for_state(subject: Subject, facts: Facts) -> bool:
    """Whether CloudFormation refused the update because of a state that the stack was left in before."""
    status, said = status_of(facts), _said(subject)
    return status in _DEAD and re.search(rf"(?<![A-Z_]){status}\b", said) is not None and bool(_CANNOT.search(said))


def _dead(subject: Subject, facts: Facts, detail: str, status: str) -> Answer:
    told = _refused_for_state(subject, facts)
    fact = facts["stack"]
    one = finding(
        subject,
        _ID,
        "cfn.rollback-complete",
        0.97 if told else 0.55,
        f"Stack {stack_name(subject)} is {status} and cannot be updated",
        f"{detail} CloudFormation refuses updates from this state; it has to be left first.",
        [fact],
        fixes=_ways_out(subject, facts, status),
        disproved_by="a stack state from which CloudFormation takes updates",
        proven=told,
    )
    return failed(detail, fact, findings=[one])


STACK = Step(
    id="stack",
    question="In which state is the stack, and can it go on from there?",
    why="Some states refuse every update; the way out of each is another one.",
    reads=STACK_READS,
    gather=read_stack,
    judge=_judge_stack,
)


# --- events

_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (
            (
                r"Export .{0,200}(?:in use|cannot be (?:updated|deleted))|cannot be deleted as it is in use|"
                r"DependencyViolation|has a dependent object"
            ),
            "cfn.export-in-use",
        ),
        (
            (
                r"already exists|AlreadyExists|EntityAlreadyExists|BucketAlreadyOwnedByYou|is already (?:in "
                "use|exported)"
                r"|ResourceExistenceCheck|Export with name .{0,200} is already exported"
            ),
            "cfn.already-exists",
        ),
        (r"Requires capabilities|InsufficientCapabilities", "cfn.capabilities"),
        (r"Rate exceeded|Throttling|LimitExceeded|quota", "flow.throttled"),
    )
)


async def _gather_events(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_events(subject, evidence)
    failure = first_failure(facts)
    if failure and not denials([(0, failure.reason)]):
        facts |= await read_encoded(evidence, failure.reason)
    found = _refusals(failure, facts)
    if found and not healthy(subject):
        facts |= await check_denials(subject, evidence, found, _roles(subject, facts))
    return facts


def _refusals(failure: FailedResource | None, facts: Facts) -> tuple[Denial, ...]:
    """What was refused of the first failed resource: as its reason says, or as the encoded part of it does."""
    return (denials([(0, failure.reason)]) or from_decoded(facts))[:1] if failure else ()


def _roles(subject: Subject, facts: Facts) -> list[str]:
    """Roles that CloudFormation may have acted with: the stack's, the action's, the pipeline's."""
    own = str(stack_of(facts).get("RoleARN") or config(subject).get("RoleArn", ""))
    return [each for each in (own, subject.role_arn) if each]


def _judge_events(subject: Subject, facts: Facts) -> Answer:
    events = [fact for name, fact in facts.items() if name.startswith("events:")]
    stack = facts.get("stack")
    if not events:
        return unseen(stack) or not_applicable("The action's configuration names no stack.")
    if events[0].outcome is Outcome.NO_DATA:
        return not_applicable("There is no stack whose events could be read.", events[0])
    if cannot := unseen(*events):
        return cannot
    failure = first_failure(facts)
    if failure is None:
        return passed("No resource failed in the stack's last operation.", *events)
    where = f" in nested stack {failure.stack}" if len(events) > 1 else ""
    detail = f"{failure.logical} ({failure.kind}) failed first{where}: {failure.status}: {failure.reason}"
    lines = [(failure.fact.n, clip(f"{failure.status} {failure.logical}: {failure.reason}", 400))]
    if healthy(subject) or not _recent(subject, facts, failure):
        return unknown(f"{detail} That was not in this run of the action.", *events, lines=lines)
    findings, cited = _event_findings(subject, facts, failure, where)
    return failed(detail, *cited, findings=findings, lines=lines)


def _recent(subject: Subject, facts: Facts, failure: FailedResource) -> bool:
    """Whether the failure can be of this run: not long before the action ended, and not refused for an older state."""
    changed = subject.action_state.changed_at
    if _refused_for_state(subject, facts):
        return False
    return changed is None or failure.at > changed - 12 * 3600


def _event_findings(
    subject: Subject, facts: Facts, failure: FailedResource, where: str
) -> tuple[list[Finding], Sequence[Fact]]:
    refused = _refusals(failure, facts)
    checked = judge_denials(subject, _ID, refused, facts, [failure.fact]) if refused else []
    cause = next((cause for pattern, cause in _REASONS if pattern.search(failure.reason)), "cfn.resource-failed")
    cited = [failure.fact, facts["stack"], *(fact for name, fact in facts.items() if name.startswith("denial"))]
    confirmed = [each for each in checked if each.state == "confirmed"]
    fixes = [fix for each in confirmed for fix in each.finding.fixes]
    steps = [
        f"{failure.logical}: {failure.reason}",
        *_advice(cause),
        retry_hint(subject),
    ]
    show = command(subject, "cloudformation", "DescribeStackEvents", StackName=failure.stack or stack_name(subject))
    fixes.append(
        manual(
            f"{cause}.event", f"Correct {failure.logical}", steps, commands=[show], url=_url(subject, facts["stack"])
        )
    )
    more = f" {confirmed[0].detail}" if confirmed else ""
    one = finding(
        subject,
        _ID,
        cause,
        0.98,
        f"{failure.logical} ({failure.kind}) failed{where}: {clip(failure.reason, 140)}",
        f"It is the first resource of the operation that failed; the rest was cancelled or rolled back.{more}",
        cited,
        fixes=fixes,
        disproved_by="an earlier failed resource in the same operation",
        proven=True,
    )
    return [one, *(each.finding for each in confirmed)], cited


def _advice(cause: str) -> list[str]:
    return {
        "cfn.already-exists": [
            "Delete or rename the one that exists, import it into the stack, or let CloudFormation choose the name.",
        ],
        "cfn.export-in-use": [
            "Stacks that import the value must let go of it first: list them with ListImports and change them.",
        ],
        "flow.throttled": ["Ask for a higher quota, or make fewer resources at once (DependsOn)."],
    }.get(cause, ["Correct the template, the parameter or the role that the reason speaks of."])


EVENTS = Step(
    id="events",
    question="Which resource failed first, in the deepest nested stack, and why?",
    why="The first failed event is the cause; the cancelled and rolled back ones after it are its wake.",
    reads=(*EVENT_READS, *DECODE_READS, *ACCESS_READS),
    gather=_gather_events,
    judge=_judge_events,
)
