"""Manual approvals: who must answer, since when and until when, what would go out, who was told, and who said no."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age, duration
from core.arn import Arn
from core.console import pipeline_url
from core.fact import Evidence
from core.finding import Answer, Fix
from core.plan import Risk
from core.plans.pipeline import answer_approval
from core.playbook import Facts, Playbook, Step, Subject
from core.text import first_line

from ._answers import failed, finding, not_applicable, passed, plural, unknown, unseen
from ._ask import side_by_side
from ._fixes import command, manual
from ._state import (
    EXECUTIONS,
    HISTORY,
    STATE,
    action_states,
    execution_of,
    latest,
    number,
    read_executions,
    read_history,
    read_state,
    stage_states,
)

__all__ = ["PLAYBOOK"]

_ID = "approval"
_DEFAULT_MINUTES = 7 * 24 * 60  # https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
_EXPIRED = re.compile(r"timed? ?out|expired|within .{0,20}(?:days|minutes)", re.IGNORECASE)
_Map = Mapping[str, Any]


async def _gather_state(subject: Subject, evidence: Evidence) -> Facts:
    return await side_by_side(state=read_state(subject, evidence), history=read_history(subject, evidence))


def _stage(subject: Subject, facts: Facts) -> _Map:
    return next((each for each in stage_states(facts) if each.get("stageName") == subject.stage.name), {})


def _run(subject: Subject, facts: Facts) -> _Map:
    """The approval's latest execution."""
    return dict(action_states(_stage(subject, facts))).get(subject.action.name, {})


def _waits(run: _Map) -> bool:
    return run.get("status") == "InProgress"


def _execution_id(subject: Subject, facts: Facts) -> str:
    return str(latest(_stage(subject, facts)).get("pipelineExecutionId", "")) or (
        subject.execution.id if subject.execution else ""
    )


def _since(subject: Subject, facts: Facts) -> float | None:
    """When the approval began to wait: from its own history, else from its last change."""
    found: Sequence[_Map] = facts["history"].get("actionExecutionDetails", default=()) if "history" in facts else ()
    key = (subject.stage.name, subject.action.name, _execution_id(subject, facts))
    for each in found:
        if (each.get("stageName"), each.get("actionName"), each.get("pipelineExecutionId")) == key:
            return number(each.get("startTime"))
    return number(_run(subject, facts).get("lastStatusChange"))


def _judge_waiting(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["state"]):
        return cannot
    run, cited = _run(subject, facts), [facts["state"], facts["history"]]
    if not _waits(run):
        return passed(f"{subject.action.name} waits for nobody ({run.get('status') or 'it has never run'}).", *cited)
    since, minutes = _since(subject, facts), subject.action.timeout_min or _DEFAULT_MINUTES
    waited = f" for {duration(subject.now - since)}" if since is not None else ""
    left = since + minutes * 60 - subject.now if since is not None else None
    until = f"; it expires in {duration(left)}" if left is not None and left > 0 else ""
    behind = [
        str(each.get("pipelineExecutionId", "")) for each in _stage(subject, facts).get("inboundExecutions") or ()
    ]
    queue = f" {plural(len(behind), 'execution')} wait{'s' if len(behind) == 1 else ''} behind it." if behind else ""
    asked = first_line(subject.action.configuration.get("CustomData", ""))
    detail = f"{subject.action.name} has waited{waited} for a person{until}.{queue}"
    one = finding(
        subject,
        _ID,
        "flow.approval-waiting",
        0.97,
        f"Approval {subject.action.name} has waited{waited}{until}",
        f"Nothing is broken: execution {_execution_id(subject, facts)} goes on when a person answers. {asked}".strip(),
        cited,
        fixes=_answers(subject, run),
        disproved_by="a state of the action other than InProgress",
        proven=True,
    )
    return failed(detail, *cited, findings=[one], lines=[(0, asked)] if asked else [])


def _answers(subject: Subject, run: _Map) -> list[Fix]:
    token, name = str(run.get("token", "")), subject.action.name
    link = subject.action.configuration.get("ExternalEntityLink", "")
    where = f": {link}" if link else " (the step on the revision shows it)"
    review = f"Review what would go out{where}."
    url = pipeline_url(subject.ref.name, subject.ref.place.region, subject.identity.partition)
    commands = [
        command(
            subject,
            "codepipeline",
            "PutApprovalResult",
            pipelineName=subject.ref.name,
            stageName=subject.stage.name,
            actionName=name,
            token=token,
            result={"summary": "COMMENT", "status": word},
        )
        for word in ("Approved", "Rejected")
    ]
    fixes = [manual("approval.answer", f"Review and answer {name}", [review], commands=commands, url=url)]
    if token:
        common = (subject.ref, subject.identity.account, subject.stage.name, name, token)
        approve = answer_approval(*common, approve=True, summary="Approved with pipemedic")
        reject = answer_approval(*common, approve=False, summary="Rejected with pipemedic")
        fixes.append(Fix("approval.approve", f"Approve {name}", Risk.HIGH, approve, (review,)))
        fixes.append(Fix("approval.reject", f"Reject {name}", Risk.HIGH, reject, (review,)))
    return fixes


_WAITING = Step(
    id="waiting",
    question="Is someone's approval waited for, since when and until when?",
    why="A waiting approval is no failure, but it expires, and what is behind it waits too.",
    reads=(STATE, HISTORY),
    gather=_gather_state,
    judge=_judge_waiting,
)


def _judge_answered(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["state"]):
        return cannot
    run = _run(subject, facts)
    if run.get("status") != "Failed":
        who = _person(run)
        return passed(
            f"{subject.action.name} was not rejected{f' (last answered by {who})' if who else ''}.", facts["state"]
        )
    error = run.get("errorDetails") or {}
    said = str(error.get("message") or run.get("summary") or "")
    when = number(run.get("lastStatusChange"))
    ago = f" {age(when, subject.now)} ago" if when is not None else ""
    if _EXPIRED.search(said) or (not _person(run) and not run.get("summary")):
        minutes = subject.action.timeout_min or _DEFAULT_MINUTES
        title = f"Approval {subject.action.name} expired unanswered{ago}"
        summary = f"Nobody answered within {duration(minutes * 60)}; CodePipeline failed the stage by itself. {said}"
        steps = ["Retry the stage: the approval is asked for again.", "See who is told of it (step 'Who is told?')."]
    else:
        by = _person(run) or "a person"
        title = f"Approval {subject.action.name} was rejected by {by}{ago}"
        summary = f"The comment says: {said or 'nothing'}. A rejection fails the stage; nothing is broken."
        steps = [
            f"Ask {by} what has to change.",
            "After that release a new revision, or retry the stage to be asked again.",
        ]
    one = finding(
        subject,
        _ID,
        "flow.approval-waiting",
        0.96,
        title,
        summary.strip(),
        [facts["state"]],
        fixes=[manual("approval.again", "Settle it with the approver, then retry", steps)],
        disproved_by="an approval that succeeded in the same execution",
        proven=True,
    )
    return failed(f"{title}: {said}".rstrip(": ") + ".", facts["state"], findings=[one])


def _person(run: _Map) -> str:
    """Who answered: the last part of the ARN."""
    who = str(run.get("lastUpdatedBy", ""))
    arn = Arn.parse(who)
    return arn.name if arn else who


_ANSWERED = Step(
    id="answered",
    question="Was it rejected or did it expire: by whom, and with which words?",
    why="A rejected approval looks like a failed stage; the reason stands in the approver's comment.",
    reads=(STATE, HISTORY),
    gather=_gather_state,
    judge=_judge_answered,
)


async def _gather_revision(subject: Subject, evidence: Evidence) -> Facts:
    state, executions = await asyncio.gather(_gather_state(subject, evidence), read_executions(subject, evidence))
    facts = {**state, "executions": executions}
    execution = _execution_id(subject, facts)
    if execution:
        params = {"pipelineName": subject.ref.name, "pipelineExecutionId": execution}
        facts["execution"] = await evidence.read("codepipeline", "GetPipelineExecution", params)
    return facts


def _brings(run: _Map) -> str:
    """What an execution brings, in a line."""
    found = [
        f"{each.get('actionName', '?')} {str(each.get('revisionId', '?'))[:12]} "
        f"{first_line(str(each.get('revisionSummary', '')))}".strip()
        for each in run.get("sourceRevisions") or ()
    ]
    return "; ".join(found) or "its revision is not known"


def _behind(subject: Subject, facts: Facts) -> list[tuple[int, str]]:
    """The executions that wait behind this approval, each with what it brings."""
    fact, inbound = facts["executions"], _stage(subject, facts).get("inboundExecutions") or ()
    waiting = [str(each.get("pipelineExecutionId", "")) for each in inbound]
    return [(fact.n, f"behind it: {each}: {_brings(execution_of(fact, each))}") for each in waiting if each]


def _judge_revision(subject: Subject, facts: Facts) -> Answer:
    fact, behind = facts.get("execution"), _behind(subject, facts)
    if fact is None:
        return unseen(facts["state"]) or not_applicable("Nothing has come as far as this approval.", facts["state"])
    if cannot := unseen(fact):
        return cannot
    revisions: Sequence[_Map] = fact.get("pipelineExecution", "artifactRevisions", default=())
    shown = [
        f"{each.get('name', '?')}: {str(each.get('revisionId', '?'))[:12]} "
        f"{first_line(str(each.get('revisionSummary', '')))}".strip()
        for each in revisions
    ]
    lines = [*((fact.n, text) for text in shown), *behind]
    queue = f" {plural(len(behind), 'execution')} behind it would go out after that." if behind else ""
    if not shown:
        return unknown(f"CodePipeline names no revision for this execution.{queue}", fact, lines=lines)
    return passed(f"{'; '.join(shown)}.{queue}", fact, lines=lines)


_REVISION = Step(
    id="revision",
    question="What would go out, and what waits behind it?",
    why="Whoever answers must know which revision they answer for, and which newer ones they hold up.",
    reads=(STATE, HISTORY, EXECUTIONS, "codepipeline:GetPipelineExecution"),
    gather=_gather_revision,
    judge=_judge_revision,
)


async def _gather_told(subject: Subject, evidence: Evidence) -> Facts:
    topic = subject.action.configuration.get("NotificationArn", "")
    arn = Arn.parse(topic)
    if arn is None:
        return {}
    region = "" if arn.region == subject.ref.place.region else arn.region
    attributes, listed = await asyncio.gather(
        evidence.read("sns", "GetTopicAttributes", {"TopicArn": topic}, region=region),
        evidence.read("sns", "ListSubscriptionsByTopic", {"TopicArn": topic}, region=region),
    )
    return {"topic": attributes, "subscriptions": listed}


def _judge_told(subject: Subject, facts: Facts) -> Answer:
    if not facts:
        return unknown("The approval names no SNS topic: nobody is told that it waits.")
    topic, listed = facts["topic"], facts["subscriptions"]
    if cannot := unseen(topic, listed):
        return cannot
    name = subject.action.configuration.get("NotificationArn", "")
    if not topic.ok:
        return unknown(f"The topic {name} does not exist: nobody is told that it waits.", topic)
    found: Sequence[_Map] = listed.get("Subscriptions", default=())
    confirmed = [each for each in found if str(each.get("SubscriptionArn", "")).startswith("arn:")]
    lines = [
        (
            listed.n,
            f"{each.get('Protocol')} {each.get('Endpoint')}: {'confirmed' if each in confirmed else 'not confirmed'}",
        )
        for each in found
    ]
    if not confirmed:
        pending = f"; {plural(len(found), 'subscription')} not confirmed" if found else ""
        return unknown(
            f"Nobody is told that it waits: the topic has no confirmed subscription{pending}.",
            topic,
            listed,
            lines=lines,
        )
    return passed(f"{plural(len(confirmed), 'subscriber')} of the topic are told.", topic, listed, lines=lines)


_TOLD = Step(
    id="told",
    question="Who is told that the approval waits?",
    why="An unconfirmed subscription swallows the request, and the approval waits until it expires.",
    reads=("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"),
    gather=_gather_told,
    judge=_judge_told,
)


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.category == "Approval" else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Manual approval",
    summary="Shows who must answer, since when and until when, what would go out, who is told, and who said no.",
    steps=(_WAITING, _ANSWERED, _REVISION, _TOLD),
    applies=_applies,
    causes=("flow.approval-waiting",),
)
