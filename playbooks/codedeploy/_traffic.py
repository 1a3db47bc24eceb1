"""Around the servers: load balancer, alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._codedeploy import (
    DEPLOYMENT_READS,
    GROUP_READS,
    TARGET_READS,
    begun,
    deployment_of,
    error_of,
    failed_events,
    group_of,
    read_deployment,
    read_group,
    read_targets,
    targets_of,
)
from playbooks._fixes import command, manual, retry_hint
from playbooks._targets import HEALTH_READS, check_of, healths, until_healthy_s

__all__ = ["ALARMS", "BALANCER"]

_ID = "codedeploy"
_Map = Mapping[str, Any]
_TRAFFIC = ("BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic", "BeforeAllowTraffic", "AllowTraffic")


# --- load balancer


def _group_names(group: _Map) -> list[str]:
    info = group.get("loadBalancerInfo") or {}
    return [str(each.get("name")) for each in info.get("targetGroupInfoList") or () if each.get("name")]


async def _gather_balancer(subject: Subject, evidence: Evidence) -> Facts:
    group, targets = await asyncio.gather(read_group(subject, evidence), read_targets(subject, evidence))
    facts = {**group, **targets}
    names = _group_names(group_of(facts))
    if not names:
        return facts
    facts["target-groups"] = await ask(subject, evidence, "elbv2", "DescribeTargetGroups", {"Names": names})
    found: Sequence[_Map] = facts["target-groups"].get("TargetGroups", default=())

    async def one(arn: str) -> Fact:
        return await ask(subject, evidence, "elbv2", "DescribeTargetHealth", {"TargetGroupArn": arn})

    arns = [str(each["TargetGroupArn"]) for each in found[:3]]
    read = await asyncio.gather(*(one(arn) for arn in arns))
    facts |= {f"health:{arn}": fact for arn, fact in zip(arns, read, strict=True)}
    if arns and "BlockTraffic" in _hung(facts):
        params = {"TargetGroupArn": arns[0]}
        facts["attributes"] = await ask(subject, evidence, "elbv2", "DescribeTargetGroupAttributes", params)
    return facts


def _drain_s(facts: Facts) -> str:
    """The deregistration delay of the first target group, in seconds; empty where it is not known."""
    fact = facts.get("attributes")
    found: Sequence[_Map] = fact.get("Attributes", default=()) if fact else ()
    wanted = "deregistration_delay.timeout_seconds"
    return next((str(each.get("Value", "")) for each in found if each.get("Key") == wanted), "")


_PATIENCE_S = 15 * 60.0  # of an event under way; health checks and draining take minutes


def _waits_long(subject: Subject, facts: Facts) -> bool:
    """Whether a deployment under way has been at a traffic event for longer than that should take."""
    if deployment_of(facts).get("status") != "InProgress":
        return False
    waiting = [
        begun(each)
        for target in targets_of(facts)
        for each in target.get("lifecycleEvents") or ()
        if each.get("lifecycleEventName") in _TRAFFIC and each.get("status") == "InProgress"
    ]
    return any(since is not None and subject.now - since > _PATIENCE_S for since in waiting)


def _hung(facts: Facts, *, running: bool = False) -> str:
    """The traffic event that failed or never ended (`running`: or is under way); empty for none."""
    for event in failed_events(targets_of(facts)):
        if event.event in _TRAFFIC:
            return event.event
    if deployment_of(facts).get("status") not in ("Failed", "Stopped") and not running:
        return ""
    for target in targets_of(facts):
        for each in target.get("lifecycleEvents") or ():
            if each.get("lifecycleEventName") in _TRAFFIC and each.get("status") == "InProgress":
                return str(each["lifecycleEventName"])
    return ""


def _blind_balancer(subject: Subject, facts: Facts, cannot: Answer) -> Answer:
    """The answer where the load balancer is not shown: the event that hangs says enough."""
    cited = [facts[name] for name in ("deployment", "targets") if name in facts]
    if not (hung := _hung(facts)):
        return cannot
    return _balancer_trouble(subject, facts, cited, f"{hung} did not come to its end. {cannot.detail}", [], 0.85)


def _judge_balancer(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if cannot := unseen(facts.get("group")):
        return _blind_balancer(subject, facts, cannot)
    groups = facts.get("target-groups")
    if groups is None:
        if _hung(facts):
            return _blind_balancer(subject, facts, unknown("The group names no target group."))
        return not_applicable(
            "The group has no target group in front of it.", *([facts["group"]] if "group" in facts else [])
        )
    checked = [fact for name, fact in facts.items() if name.startswith("health:")]
    if cannot := unseen(groups, *checked):
        return _blind_balancer(subject, facts, cannot)
    long = _waits_long(subject, facts)
    hung, code = _hung(facts, running=long), error_of(facts)[0]
    found: Sequence[_Map] = groups.get("TargetGroups", default=())
    settings = {str(each.get("TargetGroupArn")): each for each in found}
    bad = [(fact, one) for fact in checked for one in healths(fact) if one[1] in ("unhealthy", "unavailable")]
    lines = [(fact.n, f"{target} {state} {said}".strip()) for fact, (target, state, said) in bad[:8]]
    lines += [(groups.n, f"{each.get('TargetGroupName')}: {check_of(each)}") for each in found]
    cited = [facts["group"], groups, *checked]
    if not found and groups.ok and groups.get("TargetGroups") is None:
        return _blind_balancer(subject, facts, unknown("Nothing is said of the target group.", groups))
    if not found:
        return _balancer_trouble(
            subject, facts, cited, f"target group {', '.join(_group_names(group_of(facts)))} is gone", lines, 0.95
        )
    told = "LOAD_BALANCING" in code or "ELB" in code
    if bad and (hung or told):
        fact, (target, _, said) = bad[0]
        group = settings.get(str(fact.params.get("TargetGroupArn")), {})
        why = f"{target} is unhealthy ({said or 'no reason given'}); the check: {check_of(group)}"
        return _balancer_trouble(subject, facts, cited, why, lines, 0.95)
    if hung and not long:
        delay = _drain_s(facts)
        of = f" of {delay} s" if delay else ""
        needs = max((until_healthy_s(each) for each in found), default=0.0)
        drain = (
            f"the deregistration delay{of} of the target group makes BlockTraffic wait"
            if "Block" in hung
            else f"a target that answers at once needs {needs:.0f} s of good checks until it counts as healthy"
        )
        return _balancer_trouble(subject, facts, cited, f"{hung} did not come to its end; {drain}", lines, 0.85)
    if bad:
        return unknown(
            f"{plural(len(bad), 'target')} unhealthy now: {bad[0][1][0]} {bad[0][1][2]}.", *cited, lines=lines
        )
    return passed("All registered targets are healthy.", *cited, lines=lines)


def _balancer_trouble(
    subject: Subject, facts: Facts, cited: Sequence[Fact], why: str, lines: Sequence[tuple[int, str]], sure: float
) -> Answer:
    hung = _hung(facts, running=True) or "traffic"
    fix = manual(
        "codedeploy.load-balancer",
        "Make target group and deployment agree",
        [
            why[:1].upper() + why[1:] + ".",
            (
                "Let the application answer the check before AllowTraffic (start it in ApplicationStart and wait "
                "for it in "
                "ValidateService), or give the check more time."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "elbv2", "DescribeTargetGroups", Names=_group_names(group_of(facts)))],
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.load-balancer",
        sure,
        f"The load balancer holds {hung} up: {why.split(';', maxsplit=1)[0]}",
        f"{why[:1].upper()}{why[1:]}. CodeDeploy waits in {hung} until the load balancer agrees.",
        cited,
        fixes=[fix],
        disproved_by="healthy targets during the deployment",
        proven=True,
    )
    return failed(why, *cited, findings=[] if healthy(subject) else [one], lines=lines)


BALANCER = Step(
    id="load-balancer",
    question="Does the load balancer take the servers back?",
    why="AllowTraffic waits until the health check passes; a check that never passes ends in a time-out.",
    reads=(*GROUP_READS, *TARGET_READS, *HEALTH_READS, "elasticloadbalancing:DescribeTargetGroupAttributes"),
    gather=_gather_balancer,
    judge=_judge_balancer,
)


# --- alarms


async def _gather_alarms(subject: Subject, evidence: Evidence) -> Facts:
    group, deployment = await asyncio.gather(read_group(subject, evidence), read_deployment(subject, evidence))
    facts = {**group, **deployment}
    names = _alarm_names(group_of(facts))
    if names:
        facts["alarms"] = await ask(subject, evidence, "cloudwatch", "DescribeAlarms", {"AlarmNames": names})
    return facts


def _alarm_names(group: _Map) -> list[str]:
    configured = group.get("alarmConfiguration") or {}
    return [str(each.get("name")) for each in configured.get("alarms") or () if each.get("name")]


def _judge_alarms(subject: Subject, facts: Facts) -> Answer:
    names, code = _alarm_names(group_of(facts)), error_of(facts)[0]
    cannot = unseen(facts.get("group"), facts.get("deployment"), facts.get("alarms"))
    if cannot and code != "ALARM_ACTIVE":
        return cannot
    fact = facts.get("alarms")
    states: Sequence[_Map] = fact.get("MetricAlarms", default=()) if fact else ()
    firing = [each for each in states if each.get("StateValue") == "ALARM"]
    lines = [
        (fact.n if fact else 0, f"{each.get('AlarmName')}: {each.get('StateValue')}. {each.get('StateReason', '')}")
        for each in states
    ]
    cited = [facts[name] for name in ("group", "deployment", "alarms") if name in facts]
    if code != "ALARM_ACTIVE":
        watched = f"{', '.join(names)} did not end the deployment." if names else "No alarm watches the deployment."
        return passed(watched, *cited, lines=lines, refutes=["codedeploy.alarm-rollback"] if code else [])
    which = ", ".join(str(each.get("AlarmName")) for each in firing) or ", ".join(names) or "an alarm"
    reason = str(firing[0].get("StateReason", "")) if firing else error_of(facts)[1]
    fix = manual(
        "codedeploy.alarm",
        f"Look at {which}",
        [
            f"{which}: {reason}",
            (
                "If the alarm is right, the new revision made things worse: look at the application. If it was firing "
                "before, put that right first."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "cloudwatch", "DescribeAlarms", AlarmNames=names)] if names else [],
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.alarm-rollback",
        0.96,
        f"Alarm {which} ended the deployment",
        f"CodeDeploy stops (and rolls back, where set so) when an alarm of the group fires. {reason}",
        cited,
        fixes=[fix],
        disproved_by="an alarm history without a change to ALARM during the deployment",
        proven=True,
    )
    return failed(f"Alarm {which} ended the deployment: {reason}", *cited, findings=[one], lines=lines)


ALARMS = Step(
    id="alarms",
    question="Did an alarm end the deployment?",
    why="A deployment that an alarm stopped did nothing wrong by itself; the alarm's reason is the cause.",
    reads=(*GROUP_READS, *DEPLOYMENT_READS, "cloudwatch:DescribeAlarms"),
    gather=_gather_alarms,
    judge=_judge_alarms,
)
