"""Around the servers: load balancer, Auto Scaling, alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.plans.scaling import resume_processes
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._codedeploy import (
    DEPLOYMENT_READS,
    GROUP_READS,
    TARGET_READS,
    deployment_of,
    error_of,
    failed_events,
    group_of,
    read_deployment,
    read_group,
    read_targets,
    targets_of,
)
from playbooks._fixes import command, elsewhere, foreign, manual, planned, retry_hint, where_of
from playbooks._targets import HEALTH_READS, check_of, healths

__all__ = ["ALARMS", "BALANCER", "SCALING"]

_ID = "codedeploy"
_Map = Mapping[str, Any]
_TRAFFIC = ("BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic", "BeforeAllowTraffic", "AllowTraffic")
# Suspended ones that break deployments (CodeDeploy user guide, "Integrating with Auto Scaling").
_NEEDED = ("Launch", "Terminate", "AddToLoadBalancer", "HealthCheck")


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
    return {**facts, **{f"health:{arn}": fact for arn, fact in zip(arns, read, strict=True)}}


def _hung(facts: Facts) -> str:
    """The traffic event that failed or never ended; empty for none."""
    for event in failed_events(targets_of(facts)):
        if event.event in _TRAFFIC:
            return event.event
    if deployment_of(facts).get("status") not in ("Failed", "Stopped"):
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
    hung, code = _hung(facts), error_of(facts)[0]
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
    if hung:
        drain = "the deregistration delay of the target group makes BlockTraffic wait"
        return _balancer_trouble(subject, facts, cited, f"{hung} did not come to its end; {drain}", lines, 0.85)
    if bad:
        return unknown(
            f"{plural(len(bad), 'target')} unhealthy now: {bad[0][1][0]} {bad[0][1][2]}.", *cited, lines=lines
        )
    return passed("All registered targets are healthy.", *cited, lines=lines)


def _balancer_trouble(
    subject: Subject, facts: Facts, cited: Sequence[Fact], why: str, lines: Sequence[tuple[int, str]], sure: float
) -> Answer:
    hung = _hung(facts) or "traffic"
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
    reads=(*GROUP_READS, *TARGET_READS, *HEALTH_READS),
    gather=_gather_balancer,
    judge=_judge_balancer,
)


# --- Auto Scaling


async def _gather_scaling(subject: Subject, evidence: Evidence) -> Facts:
    group, deployment = await asyncio.gather(read_group(subject, evidence), read_deployment(subject, evidence))
    facts = {**group, **deployment}
    names = [str(each.get("name")) for each in group_of(facts).get("autoScalingGroups") or () if each.get("name")]
    if names:
        params = {"AutoScalingGroupNames": names}
        described, hooks = await asyncio.gather(
            ask(subject, evidence, "autoscaling", "DescribeAutoScalingGroups", params),
            ask(subject, evidence, "autoscaling", "DescribeLifecycleHooks", {"AutoScalingGroupName": names[0]}),
        )
        facts |= {"scaling": described, "hooks": hooks}
    return facts


def _judge_scaling(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if cannot := unseen(facts.get("group")):
        return cannot
    fact = facts.get("scaling")
    if fact is None:
        return not_applicable("The group names no Auto Scaling group.", *([facts["group"]] if "group" in facts else []))
    if cannot := unseen(fact):
        return cannot
    found: Sequence[_Map] = fact.get("AutoScalingGroups", default=())
    cited = [facts["group"], fact, facts["hooks"]]
    code, message = error_of(facts)
    told = "SCALING" in code or "auto scaling" in message.lower() or "autoscaling" in message.lower()
    if not found:
        return _scaling_trouble(subject, cited, "the Auto Scaling group that it names is gone", 0.94, proven=True)
    suspended = sorted(
        {
            str(each.get("ProcessName"))
            for group in found
            for each in group.get("SuspendedProcesses") or ()
            if each.get("ProcessName") in _NEEDED
        }
    )
    waiting = [
        f"{each.get('InstanceId')} {each.get('LifecycleState')}"
        for group in found
        for each in group.get("Instances") or ()
        if ":Wait" in str(each.get("LifecycleState", ""))
    ]
    hooks = ", ".join(str(each.get("LifecycleHookName")) for each in facts["hooks"].get("LifecycleHooks", default=()))
    lines = [(facts["hooks"].n, f"Lifecycle hooks: {hooks or 'none'}")]
    if suspended:
        why = f"{found[0].get('AutoScalingGroupName')} has suspended {', '.join(suspended)}"
        if deployment_of(facts).get("status") == "Failed" and not healthy(subject):
            return _scaling_trouble(subject, cited, why, 0.9 if told else 0.45, proven=told)
        return unknown(f"{why}.", *cited, lines=lines)
    if waiting:
        return unknown(f"Instances wait in a lifecycle hook: {', '.join(waiting)}.", *cited, lines=lines)
    if told and deployment_of(facts).get("status") == "Failed":
        return _scaling_trouble(subject, cited, message, 0.85, proven=False)
    return passed(
        f"{found[0].get('AutoScalingGroupName')} suspends nothing and waits for nothing.", *cited, lines=lines
    )


def _scaling_trouble(subject: Subject, cited: Sequence[Fact], why: str, sure: float, *, proven: bool) -> Answer:
    scaling = next((each for each in cited if each.operation == "DescribeAutoScalingGroups"), None)
    plan = (
        resume_processes(where_of(subject), scaling, region=elsewhere(subject))
        if scaling is not None and not foreign(subject)
        else None
    )
    fix = planned(
        "codedeploy.autoscaling",
        "Let Auto Scaling do its part again",
        plan,
        [
            why[:1].upper() + why[1:] + ".",
            (
                "Resume the processes, and keep them running during deployments; remove stale CodeDeploy lifecycle "
                "hooks by "
                "removing the Auto Scaling group from the deployment group and adding it again."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "autoscaling", "ResumeProcesses", AutoScalingGroupName="NAME")],
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.autoscaling",
        sure,
        f"Auto Scaling is in the way: {why}",
        f"{why[:1].upper()}{why[1:]}. CodeDeploy relies on Auto Scaling to launch, register and replace servers.",
        cited,
        fixes=[fix],
        disproved_by="an Auto Scaling group without suspended processes during the deployment",
        proven=proven,
    )
    return failed(f"{why}.", *cited, findings=[] if healthy(subject) else [one])


SCALING = Step(
    id="autoscaling",
    question="Does Auto Scaling play along: processes, lifecycle hooks, capacity?",
    why="A suspended process or a stale hook leaves new servers half-made, and deployments to them fail.",
    reads=(
        *GROUP_READS,
        *DEPLOYMENT_READS,
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeLifecycleHooks",
    ),
    gather=_gather_scaling,
    judge=_judge_scaling,
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
