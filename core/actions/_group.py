"""Settings of the deployment group behind the action under the cursor, and what holds its deployments up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.actions._form import changed, choices, pairs, words
from core.actions.model import Action, Answers, Ask, Choice, Facts, Situation
from core.errors import UsageError
from core.fact import Fact
from core.pipeline import ActionDecl
from core.plan import Call, Plan
from core.plans.alarms import set_alarm_ok
from core.plans.codedeploy import set_group
from core.plans.scaling import resume_processes

__all__ = ["of_group"]

_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
_ROLLBACK = ("off", *(" ".join(_EVENTS[:count]) for count in (1, 2, 3)))


def of_group(situation: Situation, declared: ActionDecl) -> tuple[Action, ...]:
    """Edit the group; set an alarm that stops it to OK; let suspended processes of its servers run again."""
    region = declared.region
    application = declared.configuration.get("ApplicationName", "")
    name = declared.configuration.get("DeploymentGroupName", "")
    names = {"applicationName": application, "deploymentGroupName": name}
    read = Call("codedeploy", "GetDeploymentGroup", names, region)

    def edit(given: Answers, facts: Facts) -> Plan | None:
        values = _values(_group(facts, name), given)
        if not values:
            raise UsageError("Nothing was changed in the form.")
        said = ", ".join(_WORDS[each] for each in values)
        return set_group(
            situation.where, facts[0], values, title=f"Set {said} of deployment group {name}", region=region
        )

    def alarm(given: Answers, facts: Facts) -> Plan | None:
        found = [each for each in facts[1].get("MetricAlarms", default=()) if each.get("AlarmName") == given["alarm"]]
        one = Fact(0, "cloudwatch", "DescribeAlarms", {}, facts[1].outcome, {"MetricAlarms": found})
        return set_alarm_ok(situation.where, one, region=region)

    def resume(given: Answers, facts: Facts) -> Plan | None:
        found = [each for each in _suspended(facts) if each.get("AutoScalingGroupName") == given["group"]]
        one = Fact(0, "autoscaling", "DescribeAutoScalingGroups", {}, facts[1].outcome, {"AutoScalingGroups": found})
        return resume_processes(situation.where, one, region=region)

    return (
        Action(
            id=f"group:{name}",
            title=f"Edit deployment group {name} …",
            consequence="Alarms, rollback, tags, load balancer. Later deployments of the group use it.",
            reads=(read,),
            asks=lambda facts: _asks(_group(facts, name)),
            make=edit,
        ),
        Action(
            id=f"alarm:{name}",
            title=f"Set an alarm that stops deployments to {name} to OK …",
            consequence="Silences a guard until the alarm's next evaluation, which decides anew.",
            reads=(read, Call("cloudwatch", "DescribeAlarms", {"StateValue": "ALARM"}, region)),
            asks=_alarm_asks,
            make=alarm,
        ),
        Action(
            id=f"resume:{name}",
            title=f"Let suspended Auto Scaling processes behind {name} run again …",
            consequence="The group may start or end servers at once. Someone suspended them: ask who and why.",
            reads=(read,),
            more=lambda facts: _scaling_reads(facts, region),
            asks=_resume_asks,
            make=resume,
        ),
    )


def _group(facts: Facts, name: str) -> Mapping[str, Any]:
    found = facts[0].get("deploymentGroupInfo", default={})
    if not found:
        raise UsageError(f"Deployment group {name} could not be read. {facts[0].error}".strip())
    return dict(found)


def _now(group: Mapping[str, Any]) -> dict[str, str]:
    alarms, back = group.get("alarmConfiguration") or {}, group.get("autoRollbackConfiguration") or {}
    balancer = group.get("loadBalancerInfo") or {}
    tags = [f"{each.get('Key', '')}={each.get('Value', '')}" for each in group.get("ec2TagFilters") or ()]
    events = " ".join(name for name in _EVENTS if name in (back.get("events") or ()))
    return {
        "alarmConfiguration": " ".join(each.get("name", "") for each in alarms.get("alarms") or ())
        if alarms.get("enabled")
        else "",
        "autoRollbackConfiguration": events if back.get("enabled") and events else "off",
        "ec2TagFilters": " ".join(tags),
        "targets": " ".join(each.get("name", "") for each in balancer.get("targetGroupInfoList") or ()),
        "balancers": " ".join(each.get("name", "") for each in balancer.get("elbInfoList") or ()),
    }


def _asks(group: Mapping[str, Any]) -> tuple[Ask, ...]:
    now = _now(group)
    back = now["autoRollbackConfiguration"]
    asks = [
        Ask("alarmConfiguration", "Alarms that stop a deployment", "names; empty: none", now["alarmConfiguration"]),
        Ask("autoRollbackConfiguration", "Roll back by itself", default=back, choices=choices(_ROLLBACK, back)),
    ]
    if group.get("computePlatform", "Server") == "Server":
        asks += [
            Ask("ec2TagFilters", "Tags of its servers", "Key=Value Key=Value; any of them", now["ec2TagFilters"]),
            Ask("targets", "Target groups", "names; empty: none", now["targets"]),
            Ask("balancers", "Classic load balancers", "names; empty: none", now["balancers"]),
        ]
    return tuple(asks)


def _values(group: Mapping[str, Any], given: Answers) -> dict[str, Any]:
    """Members of UpdateDeploymentGroup that the answers change."""
    now, values = _now(group), dict[str, Any]()
    alarms = changed(given, "alarmConfiguration", now["alarmConfiguration"])
    if alarms is not None:
        held = group.get("alarmConfiguration") or {}
        listed = [{"name": name} for name in words(alarms)]
        ignore = bool(held.get("ignorePollAlarmFailure"))
        values["alarmConfiguration"] = {"enabled": bool(listed), "ignorePollAlarmFailure": ignore, "alarms": listed}
    back = changed(given, "autoRollbackConfiguration", now["autoRollbackConfiguration"])
    if back is not None:
        values["autoRollbackConfiguration"] = {"enabled": back != "off", "events": [] if back == "off" else words(back)}
    tags = changed(given, "ec2TagFilters", now["ec2TagFilters"])
    if tags is not None:
        values["ec2TagFilters"] = [{"Key": key, "Value": value, "Type": "KEY_AND_VALUE"} for key, value in pairs(tags)]
    if any(changed(given, name, now[name]) is not None for name in ("targets", "balancers")):
        targets, balancers = words(given.get("targets", "")), words(given.get("balancers", ""))
        values["loadBalancerInfo"] = {
            **({"targetGroupInfoList": [{"name": name} for name in targets]} if targets else {}),
            **({"elbInfoList": [{"name": name} for name in balancers]} if balancers else {}),
        }
    return values


_WORDS = {
    "alarmConfiguration": "the alarms",
    "autoRollbackConfiguration": "the rollback",
    "ec2TagFilters": "the tags",
    "loadBalancerInfo": "the load balancer",
}


def _alarm_asks(facts: Facts) -> tuple[Ask, ...]:
    mine = {
        each.get("name") for each in facts[0].get("deploymentGroupInfo", "alarmConfiguration", "alarms", default=())
    }
    ringing = [str(each.get("AlarmName", "")) for each in facts[1].get("MetricAlarms", default=())]
    found = sorted(ringing, key=lambda name: (name not in mine, name))
    if not found:
        raise UsageError(f"No alarm rings in this region. {facts[1].error}".strip())
    listed = tuple(Choice(name, f"{name}{'   of this group' if name in mine else ''}") for name in found)
    return (Ask("alarm", "Which alarm, of those that ring?", required=True, choices=listed),)


def _scaling_reads(facts: Facts, region: str) -> tuple[Call, ...]:
    held = facts[0].get("deploymentGroupInfo", "autoScalingGroups", default=())
    names = [str(each.get("name", "")) for each in held]
    params = {"AutoScalingGroupNames": names} if names else {}
    return (Call("autoscaling", "DescribeAutoScalingGroups", params, region),)


def _suspended(facts: Facts) -> list[Mapping[str, Any]]:
    return [each for each in facts[1].get("AutoScalingGroups", default=()) if each.get("SuspendedProcesses")]


def _resume_asks(facts: Facts) -> tuple[Ask, ...]:
    listed = tuple(
        Choice(
            str(each.get("AutoScalingGroupName", "")),
            f"{each.get('AutoScalingGroupName', '')}   suspended: "
            + ", ".join(sorted(str(one.get("ProcessName", "")) for one in each["SuspendedProcesses"])),
        )
        for each in _suspended(facts)
    )
    if not listed:
        raise UsageError(f"No group of servers has suspended processes. {facts[1].error}".strip())
    return (Ask("group", "Which group?", required=True, choices=listed),)
