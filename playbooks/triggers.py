"""What can start a pipeline, and why nothing did: rules, schedules, webhooks, trigger filters, hands."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age
from core.fact import Evidence, Fact
from core.finding import Answer
from core.pipeline import ActionDecl
from core.plans.simulation import decisions
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import blank, failed, finding, not_applicable, passed, plural, unknown, unseen
from ._connection_start import filters_of
from ._events import RULE_READS, Rule, pipeline_arn, read_rules, rules_of
from ._fixes import command, manual
from ._roles import absent, judge_trust, label, read_role, service_caller
from ._simulated import POLICY_READS, simulated
from ._state import EXECUTIONS, number, read_executions
from ._webhooks import WEBHOOK_READS, read_webhooks, webhooks_of

__all__ = ["PLAYBOOK"]

_ID = "triggers"
_AUTOMATIC = ("PollForSourceChanges", "Webhook", "CloudWatchEvent", "PutActionRevision", "WebhookV2")
_START = "codepipeline:StartPipelineExecution"
_MOST = 4
_Map = Mapping[str, Any]


async def _gather_starts(subject: Subject, evidence: Evidence) -> Facts:
    return {"executions": await read_executions(subject, evidence)}


def _runs(facts: Facts) -> Sequence[_Map]:
    found: Sequence[_Map] = facts["executions"].get("pipelineExecutionSummaries", default=())
    return found


def _trigger(run: _Map) -> str:
    return str((run.get("trigger") or {}).get("triggerType", "?"))


def _judge_starts(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["executions"]):
        return cannot
    runs = _runs(facts)
    if not runs:
        return unknown("The pipeline has never run.", facts["executions"])
    counts = Counter(_trigger(run) for run in runs)
    listed = ", ".join(f"{count} × {kind}" for kind, count in counts.most_common())
    newest = number(runs[0].get("startTime"))
    ago = f"{age(newest, subject.now)} ago" if newest is not None else "at an unknown time"
    overtaken = sum(run.get("status") == "Superseded" for run in runs)
    lost = f" {overtaken} of them were superseded by newer ones." if overtaken else ""
    detail = f"The last start was {ago} by {_trigger(runs[0])}. Of the last {len(runs)}: {listed}.{lost}"
    return passed(detail, facts["executions"])


_STARTS = Step(
    id="starts",
    question="What started the last executions?",
    why="Whether anything ever starts it by itself tells a broken trigger from one that never was.",
    reads=(EXECUTIONS,),
    gather=_gather_starts,
    judge=_judge_starts,
)


# --- rules


async def _gather_rules(subject: Subject, evidence: Evidence) -> Facts:
    return await read_rules(subject, evidence)


def _judge_rules(subject: Subject, facts: Facts) -> Answer:
    listed = facts["rules"]
    if cannot := unseen(*(fact for name, fact in facts.items() if name.startswith(("rules", "rule:", "targets:")))):
        return cannot
    rules = rules_of(subject, facts)
    if not rules:
        return not_applicable("No EventBridge rule has this pipeline as its target.", listed)
    lines = [(rule.fact.n, _rule_line(rule)) for rule in rules]
    off = [rule for rule in rules if not rule.enabled]
    cited = [listed, *(rule.fact for rule in rules)]
    if off:
        return unknown(f"Rule {off[0].name} is disabled.", *cited, lines=lines)
    return passed(
        f"{plural(len(rules), 'rule')} may start it: {', '.join(rule.name for rule in rules)}.", *cited, lines=lines
    )


def _rule_line(rule: Rule) -> str:
    what = rule.schedule or "on events"
    return f"Rule {rule.name}: {'enabled' if rule.enabled else 'DISABLED'}, {what}, role {rule.role or 'none'}."


_RULES = Step(
    id="rules",
    question="Which EventBridge rules start it, and are they on?",
    why="A rule that was disabled during an incident is easily forgotten.",
    reads=RULE_READS,
    gather=_gather_rules,
    judge=_judge_rules,
)


# --- schedules


async def _gather_schedules(subject: Subject, evidence: Evidence) -> Facts:
    listed = await evidence.read("scheduler", "ListSchedules", {}, pages=5)
    facts = {"schedules": listed}
    found: Sequence[_Map] = listed.get("Schedules", default=())
    mine = [each for each in found if (each.get("Target") or {}).get("Arn") == pipeline_arn(subject)][:_MOST]

    async def one(each: _Map) -> Fact:
        params = {"Name": each.get("Name", ""), "GroupName": each.get("GroupName", "default")}
        return await evidence.read("scheduler", "GetSchedule", params)

    read = await asyncio.gather(*(one(each) for each in mine))
    facts |= {f"schedule:{each.get('Name')}": fact for each, fact in zip(mine, read, strict=True)}
    roles = list(dict.fromkeys(str(fact.get("Target", "RoleArn", default="")) for fact in read))

    async def role(arn: str) -> tuple[Fact, Fact]:
        return await asyncio.gather(
            read_role(subject, evidence, arn), simulated(evidence, arn, [_START], [pipeline_arn(subject)])
        )

    known = [arn for arn in roles if arn]
    for arn, (found_role, allowed) in zip(known, await asyncio.gather(*(role(arn) for arn in known)), strict=True):
        facts[f"schedule-role:{arn}"], facts[f"schedule-sim:{arn}"] = found_role, allowed
    return facts


def _schedule_trouble(subject: Subject, facts: Facts, fact: Fact) -> str:
    arn = str(fact.get("Target", "RoleArn", default=""))
    role, allowed = facts.get(f"schedule-role:{arn}"), facts.get(f"schedule-sim:{arn}")
    if role is not None and absent(role):
        return f"its {label(arn)} does not exist"
    if role is not None and role.ok:
        trust = judge_trust(role, service_caller(subject, "scheduler.amazonaws.com", str(fact.get("Arn", default=""))))
        if trust.allowed is False:
            return f"Scheduler may not assume its {label(arn)}: {trust.why}"
    answer = decisions(allowed).get((_START.lower(), pipeline_arn(subject))) if allowed and allowed.ok else None
    if answer and not answer.allowed and not answer.missing:
        return f"its {label(arn)} may not {_START}: {answer.why}"
    return ""


def _judge_schedules(subject: Subject, facts: Facts) -> Answer:
    listed = facts["schedules"]
    mine = [fact for name, fact in facts.items() if name.startswith("schedule:")]
    if cannot := unseen(listed, *mine):
        return cannot
    if not mine:
        return not_applicable("No schedule starts this pipeline.", listed)
    lines, troubles = [], []
    for fact in mine:
        name, state = fact.get("Name", default="?"), fact.get("State", default="?")
        trouble = _schedule_trouble(subject, facts, fact)
        lines.append(
            (fact.n, f"Schedule {name}: {state}, {fact.get('ScheduleExpression', default='?')}. {trouble}".strip())
        )
        if trouble and state == "ENABLED":
            troubles.append((str(name), trouble, fact))
    cited = [listed, *mine]
    if not troubles:
        off = [fact for fact in mine if fact.get("State") == "DISABLED"]
        if off:
            return unknown(f"Schedule {off[0].get('Name')} is disabled.", *cited, lines=lines)
        return passed(f"{plural(len(mine), 'schedule')} start it.", *cited, lines=lines)
    name, trouble, fact = troubles[0]
    fix = manual(
        "scheduler.role",
        f"Give schedule {name} a role that may start the pipeline",
        [
            f"{trouble[:1].upper()}{trouble[1:]}.",
            f"The role must let scheduler.amazonaws.com in and allow {_START} on {pipeline_arn(subject)}.",
        ],
        commands=[command(subject, "scheduler", "GetSchedule", Name=name)],
    )
    one = finding(
        subject,
        _ID,
        "source.trigger-missing",
        0.5 if "does not exist" in trouble else 0.94,
        f"Schedule {name} cannot start the pipeline: {trouble}",
        f"The schedule is enabled, but every time it fires Scheduler is refused: {trouble}.",
        [fact, *cited],
        fixes=[fix],
        disproved_by="an execution that this schedule started since",
        proven="does not exist" not in trouble,
    )
    return failed(f"Schedule {name}: {trouble}.", *cited, findings=[one], lines=lines)


_SCHEDULES = Step(
    id="schedules",
    question="Does a schedule start it, is it on, and may it?",
    why="A schedule that is refused leaves no trace in the pipeline.",
    reads=("scheduler:ListSchedules", "scheduler:GetSchedule", "iam:GetRole", *POLICY_READS),
    gather=_gather_schedules,
    judge=_judge_schedules,
)


# --- what the definition says, put together


async def _gather_ways(subject: Subject, evidence: Evidence) -> Facts:
    rules, hooks, executions, pipeline, schedules = await asyncio.gather(
        read_rules(subject, evidence),
        read_webhooks(evidence),
        read_executions(subject, evidence),
        evidence.read("codepipeline", "GetPipeline", {"name": subject.ref.name}),
        evidence.read("scheduler", "ListSchedules", {}, pages=5),
    )
    return {**rules, **hooks, "executions": executions, "pipeline": pipeline, "schedules": schedules}


def _ways(subject: Subject, facts: Facts) -> list[str]:
    """What starts the pipeline by itself, in words."""
    found = [f"rule {rule.name}" for rule in rules_of(subject, facts) if rule.enabled]
    found += [f"webhook {each.name}" for each in webhooks_of(subject, facts)]
    schedules: Sequence[_Map] = facts["schedules"].get("Schedules", default=())
    found += [
        f"schedule {each.get('Name')}"
        for each in schedules
        if (each.get("Target") or {}).get("Arn") == pipeline_arn(subject) and each.get("State") == "ENABLED"
    ]
    polling = number(facts["pipeline"].get("metadata", "pollingDisabledAt")) is None
    declared: Sequence[_Map] = facts["pipeline"].get("pipeline", "triggers", default=())
    triggered = {
        str((each.get("gitConfiguration") or {}).get("sourceActionName")): filters_of(each) for each in declared
    }
    for stage in subject.definition.stages:
        for action in stage.actions:
            if action.category != "Source":
                continue
            config = action.configuration
            if action.provider == "CodeStarSourceConnection":
                if action.name in triggered:
                    found.append(f"a trigger on {action.name} ({triggered[action.name] or 'any push'})")
                elif config.get("DetectChanges", "true").lower() != "false":
                    found.append(f"pushes to {config.get('BranchName', '?')} ({action.name})")
            elif polling and _polls(action):
                found.append(f"polling of {action.name}")
    return found


def _polls(action: ActionDecl) -> bool:
    asked = action.configuration.get("PollForSourceChanges", "true").lower() != "false"
    return asked and action.provider in ("CodeCommit", "S3", "GitHub")


def _judge_ways(subject: Subject, facts: Facts) -> Answer:
    needed = [fact for name, fact in facts.items() if name.startswith(("rules", "rule:", "webhooks", "pipeline"))]
    ways = _ways(subject, facts)
    runs = _runs(facts)
    automatic = [run for run in runs if _trigger(run) in _AUTOMATIC]
    if ways:
        if cannot := unseen(facts["pipeline"]):
            return cannot
        return passed(f"It starts by itself: {'; '.join(ways)}.", *(fact for fact in needed if fact.ok))
    silent = blank(facts["rules"], "RuleNames", listing=True) or blank(facts["webhooks"], "webhooks", listing=True)
    if cannot := unseen(*needed, facts["executions"], facts["schedules"]) or silent:
        return cannot
    if not automatic:
        return unknown("Nothing starts it by itself, and nothing did of late: it is started by hand.", *needed)
    last = number(automatic[0].get("startTime"))
    ago = f" {age(last, subject.now)} ago" if last is not None else ""
    kind = _trigger(automatic[0])
    disabled = [rule for rule in rules_of(subject, facts) if not rule.enabled]
    now = f"Rule {disabled[0].name} is disabled" if disabled else "Nothing starts it by itself now"
    fix = manual(
        "triggers.none",
        "Give the pipeline a trigger again",
        [
            f"It was started by {kind} until{ago}; find out what was removed or disabled since.",
            "CloudTrail has it: DisableRule, DeleteRule, RemoveTargets, DeleteWebhook, UpdatePipeline.",
            "Restore it, or start the pipeline by hand meanwhile.",
        ],
        commands=[command(subject, "codepipeline", "StartPipelineExecution", name=subject.ref.name)],
    )
    one = finding(
        subject,
        _ID,
        "source.trigger-missing",
        0.75,
        f"{now}; it was started by {kind} until{ago}",
        f"{now}: no enabled rule, no webhook, no polling, no schedule. "
        f"{plural(len(automatic), 'earlier start')} of the last {len(runs)} came by themselves.",
        [*needed, facts["executions"]],
        fixes=[fix],
        disproved_by="an enabled rule, webhook, schedule or polling source of this pipeline",
    )
    return failed(f"{now}; the last start by itself was{ago}.", *needed, findings=[one])


_WAYS = Step(
    id="ways",
    question="Can anything start it by itself now?",
    why="A trigger that was removed leaves a pipeline that looks well and stands still.",
    reads=(*RULE_READS, *WEBHOOK_READS, EXECUTIONS, "codepipeline:GetPipeline", "scheduler:ListSchedules"),
    gather=_gather_ways,
    judge=_judge_ways,
)


def _applies(subject: Subject) -> float:
    if subject.action.category != "Source":
        return 0.0
    return 0.6 if subject.action_state.status != "Failed" else 0.25


PLAYBOOK = Playbook(
    id=_ID,
    title="Triggers and schedules",
    summary="Shows everything that can start the pipeline, and why nothing did.",
    steps=(_STARTS, _RULES, _SCHEDULES, _WAYS),
    applies=_applies,
    causes=("source.trigger-missing",),
)
