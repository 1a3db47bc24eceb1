"""Auto Scaling beside a deployment: suspended processes, lifecycle hooks, and instances that come and go meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.plans.scaling import resume_processes
from core.playbook import Facts, Step, Subject
from core.text import clip
from playbooks._answers import failed, finding, healthy, not_applicable, passed, unknown, unseen
from playbooks._ask import ask
from playbooks._codedeploy import (
    GROUP_READS,
    TARGET_READS,
    deployment_of,
    error_of,
    failed_events,
    group_of,
    read_group,
    read_targets,
    targets_of,
)
from playbooks._fixes import command, elsewhere, foreign, planned, retry_hint, where_of

__all__ = ["SCALING"]

_ID = "codedeploy"
_Map = Mapping[str, Any]
# Suspended ones that break deployments (CodeDeploy user guide, "Integrating with Auto Scaling").
_OWN_HOOK = "CodeDeploy-managed-automatic-launch-deployment-hook"
_NEEDED = ("Launch", "Terminate", "AddToLoadBalancer", "HealthCheck")


async def _gather_scaling(subject: Subject, evidence: Evidence) -> Facts:
    group, targets = await asyncio.gather(read_group(subject, evidence), read_targets(subject, evidence))
    facts = {**group, **targets}
    names = [str(each.get("name")) for each in group_of(facts).get("autoScalingGroups") or () if each.get("name")]
    if names:
        params = {"AutoScalingGroupNames": names}
        described, hooks = await asyncio.gather(
            ask(subject, evidence, "autoscaling", "DescribeAutoScalingGroups", params),
            ask(subject, evidence, "autoscaling", "DescribeLifecycleHooks", {"AutoScalingGroupName": names[0]}),
        )
        facts |= {"scaling": described, "hooks": hooks}
        if deployment_of(facts).get("status") in ("Failed", "Stopped"):
            newest: dict[str, Any] = {"AutoScalingGroupName": names[0], "MaxRecords": 50}
            facts["activities"] = await ask(
                subject, evidence, "autoscaling", "DescribeScalingActivities", newest, pages=1
            )
    return facts


def _meanwhile(facts: Facts) -> list[_Map]:
    """What Auto Scaling did while the deployment ran: launches and terminations, in their order."""
    fact, info = facts.get("activities"), deployment_of(facts)
    begun, ended = info.get("createTime"), info.get("completeTime")
    if fact is None or not isinstance(begun, (int, float)) or not isinstance(ended, (int, float)):
        return []
    found: Sequence[_Map] = fact.get("Activities", default=())
    during = [each for each in found if begun <= float(each.get("StartTime") or 0) <= ended]
    return sorted(during, key=lambda each: float(each.get("StartTime") or 0))


def _race(facts: Facts) -> tuple[str, bool]:
    """How Auto Scaling and the deployment met, in a sentence (empty for not), and whether that is what failed."""
    activities = _meanwhile(facts)
    if not activities:
        return "", False
    failed_on = {each.target for each in failed_events(targets_of(facts))}
    failed_on |= {
        str(each.get("targetId") or each.get("targetArn", "")).rpartition("/")[2]
        for each in targets_of(facts)
        if each.get("status") in ("Failed", "Unknown")
    }
    for each in activities:
        text = str(each.get("Description", ""))
        hit = next((name for name in failed_on if name and name in text), "")
        if hit:
            did = "terminated" if "erminat" in text else "launched"
            why = clip(" ".join(str(each.get("Cause", "")).split()), 200)
            return f"Auto Scaling {did} {hit} while the deployment ran on it: {why}", True
    return f"Auto Scaling was at work while the deployment ran: {activities[0].get('Description', '?')}", False


def _patience(group: _Map) -> str:
    """How Auto Scaling judges a new instance."""
    kind, grace = group.get("HealthCheckType", "?"), group.get("HealthCheckGracePeriod", "?")
    return f"health checks of {group.get('AutoScalingGroupName')}: type {kind}, after a grace period of {grace} s"


def _suspended(groups: Sequence[_Map]) -> list[str]:
    """Processes that a deployment needs and that are suspended."""
    names = {str(each.get("ProcessName")) for group in groups for each in group.get("SuspendedProcesses") or ()}
    return sorted(names & set(_NEEDED))


def _in_hooks(groups: Sequence[_Map]) -> list[str]:
    """Instances that wait in a lifecycle hook."""
    return [
        f"{each.get('InstanceId')} {each.get('LifecycleState')}"
        for group in groups
        for each in group.get("Instances") or ()
        if ":Wait" in str(each.get("LifecycleState", ""))
    ]


def _hook_lines(fact: Fact) -> list[tuple[int, str]]:
    """The lifecycle hooks, and a word where several deployment groups launch onto one Auto Scaling group."""
    found: Sequence[_Map] = fact.get("LifecycleHooks", default=())
    lines = [
        (
            fact.n,
            (
                f"Lifecycle hook {each.get('LifecycleHookName')}: {each.get('LifecycleTransition', '?')}, waits "
                f"{each.get('HeartbeatTimeout', '?')} s, then {each.get('DefaultResult', '?')}"
            ),
        )
        for each in found
    ]
    own = [each for each in found if _OWN_HOOK in str(each.get("LifecycleHookName", ""))]
    if len(own) > 1:
        text = f"{len(own)} hooks are CodeDeploy's: as many deployment groups deploy to one new instance at once."
        lines.append((fact.n, text))
    return lines or [(fact.n, "Lifecycle hooks: none")]


def _judge_scaling(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("scaling")
    if cannot := unseen(facts.get("group"), fact):
        return cannot
    if fact is None:
        return not_applicable("The group names no Auto Scaling group.", *([facts["group"]] if "group" in facts else []))
    found: Sequence[_Map] = fact.get("AutoScalingGroups", default=())
    cited = [facts["group"], fact, facts["hooks"]]
    if not found:
        return _scaling_trouble(subject, cited, "the Auto Scaling group that it names is gone", 0.94, proven=True)
    lines = [*_hook_lines(facts["hooks"]), *((fact.n, _patience(each)) for each in found)]
    race, of_target = _race(facts)
    if race:
        cited.append(facts["activities"])
        lines.append((facts["activities"].n, race))
    code, message = error_of(facts)
    told = "SCALING" in code or "auto scaling" in message.lower() or "autoscaling" in message.lower()
    over = deployment_of(facts).get("status") == "Failed" and not healthy(subject)
    suspended, waiting = _suspended(found), _in_hooks(found)
    why = f"{found[0].get('AutoScalingGroupName')} has suspended {', '.join(suspended)}"
    troubles = (
        (bool(suspended) and over, why, 0.9 if told else 0.45, told),
        (not suspended and of_target and over, race, 0.94, True),
        (not suspended and not waiting and told and over, message, 0.85, False),
    )
    for holds, text, sure, proven in troubles:
        if holds:
            return _scaling_trouble(subject, cited, text, sure, proven=proven, lines=lines)
    waits = f"instances wait in a lifecycle hook: {', '.join(waiting)}" if waiting else ""
    odd = why if suspended else waits or race
    if odd:
        return unknown(f"{odd[:1].upper()}{odd[1:]}.", *cited, lines=lines)
    return passed(
        f"{found[0].get('AutoScalingGroupName')} suspends nothing and waits for nothing.", *cited, lines=lines
    )


def _scaling_trouble(
    subject: Subject,
    cited: Sequence[Fact],
    why: str,
    sure: float,
    *,
    proven: bool,
    lines: Sequence[tuple[int, str]] = (),
) -> Answer:
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
                "Resume the processes that are suspended, and keep them running; where instances come and go "
                "during deployments, give the group a longer grace period, or deploy when it does not scale."
            ),
            (
                "Stale CodeDeploy lifecycle hooks go by removing the Auto Scaling group from the deployment group and "
                "adding it again."
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
    return failed(f"{why}.", *cited, findings=[] if healthy(subject) else [one], lines=lines)


SCALING = Step(
    id="autoscaling",
    question="Does Auto Scaling play along: processes, lifecycle hooks, instances that come and go meanwhile?",
    why="A suspended process or a stale hook leaves new servers half-made, and deployments to them fail.",
    reads=(
        *GROUP_READS,
        *TARGET_READS,
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeLifecycleHooks",
        "autoscaling:DescribeScalingActivities",
    ),
    gather=_gather_scaling,
    judge=_judge_scaling,
)
