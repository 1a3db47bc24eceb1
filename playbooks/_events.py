"""EventBridge rules that start a pipeline: are they there, enabled, do they match, may they start it.

Shared by the playbooks of the sources that CodePipeline learns of through events (CodeCommit, S3, ECR).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.event_pattern import mismatch
from core.fact import Evidence, Fact, Outcome
from core.finding import Fix
from core.plan import Risk
from core.plans.events import enable_rule
from core.plans.setting import Where
from core.plans.simulation import decisions
from core.plans.trigger import create_trigger
from core.playbook import Facts, Subject

from ._fixes import command, manual
from ._roles import absent, judge_trust, label, read_role, service_caller
from ._simulated import POLICY_READS, simulated

__all__ = [
    "RULE_READS",
    "Rule",
    "Way",
    "judge_rules",
    "pipeline_arn",
    "read_rules",
    "role_trouble",
    "rule_fixes",
    "rules_of",
]

RULE_READS = (
    "events:ListRuleNamesByTarget",
    "events:ListRules",
    "events:DescribeRule",
    "events:ListTargetsByRule",
    "iam:GetRole",
    *POLICY_READS,
)
_MOST = 5
_START = "codepipeline:StartPipelineExecution"
_Map = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that has the pipeline as its target."""

    name: str
    arn: str
    bus: str
    enabled: bool
    pattern: _Map
    schedule: str
    role: str
    fact: Fact
    target: Fact


@dataclass(frozen=True, slots=True)
class Way:
    """Whether events start the pipeline, or what is in the way.

    Attributes:
        kind: ``none``, ``disabled``, ``pattern``, ``role``, or empty where nothing is.
    """

    ok: bool
    kind: str
    detail: str
    rule: Rule | None = None


def pipeline_arn(subject: Subject) -> str:
    """The pipeline's ARN, as rules name their target."""
    where, identity = subject.ref.place.region, subject.identity
    return f"arn:{identity.partition}:codepipeline:{where}:{identity.account}:{subject.ref.name}"


async def read_rules(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the rules that target the pipeline.

    Facts: ``rules``, ``rule:NAME``, ``targets:NAME``, ``rule-role:ARN``, ``rule-sim:ARN``.
    """
    target = pipeline_arn(subject)
    listed = await evidence.read("events", "ListRuleNamesByTarget", {"TargetArn": target})
    if listed.outcome is Outcome.DENIED:
        listed = await _among_all(subject, evidence, listed)
    names = [str(each) for each in listed.get("RuleNames", default=())][:_MOST]

    async def one(name: str) -> tuple[Fact, Fact]:
        return await asyncio.gather(
            evidence.read("events", "DescribeRule", {"Name": name}),
            evidence.read("events", "ListTargetsByRule", {"Rule": name}),
        )

    facts = {"rules": listed}
    for name, (rule, targets) in zip(names, await asyncio.gather(*(one(name) for name in names)), strict=True):
        facts[f"rule:{name}"], facts[f"targets:{name}"] = rule, targets
    roles = list(dict.fromkeys(rule.role for rule in rules_of(subject, facts) if rule.role))

    async def role(arn: str) -> tuple[Fact, Fact]:
        return await asyncio.gather(read_role(subject, evidence, arn), simulated(evidence, arn, [_START], [target]))

    for arn, (read, allowed) in zip(roles, await asyncio.gather(*(role(arn) for arn in roles)), strict=True):
        facts[f"rule-role:{arn}"], facts[f"rule-sim:{arn}"] = read, allowed
    return facts


async def _among_all(subject: Subject, evidence: Evidence, denied: Fact) -> Fact:
    """The rules that target the pipeline, found among those of its source; the denied list where that does not help.

    Only rules that are found say something: that none is among the few that were looked at does not.
    """
    everything = await evidence.read("events", "ListRules", {}, pages=3)
    source = f"aws.{subject.action.provider.lower()}"
    found: Sequence[_Map] = everything.get("Rules", default=())
    likely = [str(each.get("Name")) for each in found if source in str(each.get("EventPattern", ""))][:_MOST]
    read = await asyncio.gather(*(evidence.read("events", "ListTargetsByRule", {"Rule": name}) for name in likely))
    mine = [
        name
        for name, fact in zip(likely, read, strict=True)
        if any(each.get("Arn") == pipeline_arn(subject) for each in fact.get("Targets", default=()))
    ]
    return replace(everything, value={"RuleNames": mine}) if mine else denied


def rules_of(subject: Subject, facts: Facts) -> list[Rule]:
    """The rules among the facts."""
    found = []
    for name, fact in facts.items():
        kind, _, rule = name.partition(":")
        if kind != "rule" or not fact.ok:
            continue
        targets = facts[f"targets:{rule}"]
        given: Sequence[_Map] = targets.get("Targets", default=())
        mine: _Map = next((each for each in given if each.get("Arn") == pipeline_arn(subject)), {})
        found.append(
            Rule(
                name=rule,
                arn=str(fact.get("Arn", default=rule)),
                bus=str(fact.get("EventBusName", default="default")),
                enabled=str(fact.get("State", default="ENABLED")).startswith("ENABLED"),
                pattern=_pattern(fact),
                schedule=str(fact.get("ScheduleExpression", default="")),
                role=str(mine.get("RoleArn", "")),
                fact=fact,
                target=targets,
            )
        )
    return found


def _pattern(fact: Fact) -> _Map:
    try:
        parsed = json.loads(fact.get("EventPattern", default="{}"))
    except (TypeError, ValueError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def judge_rules(subject: Subject, facts: Facts, events: Sequence[_Map]) -> Way:
    """Whether a rule starts the pipeline when one of the events happens."""
    rules = [rule for rule in rules_of(subject, facts) if rule.pattern]
    if not rules:
        return Way(ok=False, kind="none", detail=f"No EventBridge rule has {subject.ref.name} as its target.")
    fitting = [rule for rule in rules if any(not mismatch(rule.pattern, event) for event in events)]
    if not fitting:
        rule = rules[0]
        where = min((mismatch(rule.pattern, event) for event in events), key=len)
        detail = f"Rule {rule.name} targets the pipeline, but its pattern never matches such a change: {where}."
        return Way(ok=False, kind="pattern", detail=detail, rule=rule)
    enabled = [rule for rule in fitting if rule.enabled]
    if not enabled:
        return Way(ok=False, kind="disabled", detail=f"Rule {fitting[0].name} is DISABLED.", rule=fitting[0])
    for rule in enabled:
        if trouble := role_trouble(subject, facts, rule):
            return Way(ok=False, kind="role", detail=f"Rule {rule.name}: {trouble}", rule=rule)
    return Way(ok=True, kind="", detail=f"Rule {enabled[0].name} is enabled and matches.", rule=enabled[0])


def role_trouble(subject: Subject, facts: Facts, rule: Rule) -> str:
    """Why a rule's role keeps it from starting the pipeline; empty where nothing does."""
    if not rule.role:
        return (
            "its target has no role, so EventBridge may not start the pipeline." if rule.target.get("Targets") else ""
        )
    role, allowed = facts.get(f"rule-role:{rule.role}"), facts.get(f"rule-sim:{rule.role}")
    if role is not None and absent(role):
        return f"its {label(rule.role)} does not exist."
    if role is not None and role.ok:
        trust = judge_trust(role, service_caller(subject, "events.amazonaws.com", rule.arn))
        if trust.allowed is False:
            return f"EventBridge may not assume its {label(rule.role)}: {trust.why}."
    known = decisions(allowed) if allowed is not None and allowed.ok else {}
    answer = known.get((_START.lower(), pipeline_arn(subject)))
    if answer and not answer.allowed and not answer.missing:
        return f"its {label(rule.role)} may not {_START}: {answer.why}."
    return ""


def rule_fixes(subject: Subject, way: Way, pattern: _Map) -> list[Fix]:
    """What to do about it; `pattern` is what a rule for this source should hold."""
    start = command(subject, "codepipeline", "StartPipelineExecution", name=subject.ref.name)
    release = f"What was missed meanwhile does not come by itself: release it ({start})."
    rule = way.rule
    if way.kind == "disabled" and rule:
        plan = enable_rule(
            place=subject.ref.place,
            account=subject.identity.account,
            pipeline=subject.ref.name,
            rule=rule.name,
            arn=rule.arn,
            bus=rule.bus,
        )
        return [Fix("events.enable-rule", f"Enable rule {rule.name}", Risk.MEDIUM, plan, (release,))]
    name = rule.name if rule else f"codepipeline-{subject.ref.name}"
    text = json.dumps(pattern, separators=(",", ":"))
    put = command(subject, "events", "PutRule", Name=name, EventPattern=text)
    targets = [{"Id": "pipeline", "Arn": pipeline_arn(subject), "RoleArn": rule.role if rule and rule.role else "ROLE"}]
    point = command(subject, "events", "PutTargets", Rule=name, Targets=targets)
    if way.kind == "role":
        steps = [
            way.detail,
            f"The role must let events.amazonaws.com in and allow {_START} on {pipeline_arn(subject)}.",
        ]
        return [
            manual(
                "events.role",
                f"Give rule {name} a role that may start the pipeline",
                [*steps, release],
                commands=[point],
            )
        ]
    title = f"Correct the pattern of rule {name}" if way.kind == "pattern" else "Make a rule that starts the pipeline"
    if way.kind == "none":
        where = Where.of(subject.ref, subject.identity.account)
        role = f"start-{subject.ref.name}"[:64]  # IAM's limit for a role's name
        plan = create_trigger(where, rule=name[:64], pattern=pattern, pipeline_arn=pipeline_arn(subject), role=role)
        return [Fix("events.create-rule", title, Risk.LOW, plan, (way.detail, release))]
    return [manual("events.rule", title, [way.detail, release], commands=[put, point])]
