"""Read-backs of what is deployed to: services, target groups, scaling groups, stacks, alarms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.fact import Outcome
from core.plan import Call
from core.plans.readback import Facts, Readback, covers, part

__all__ = ["MAKERS", "suspended"]


def _update_service(call: Call) -> Readback:
    params = call.params
    names = {"cluster": params.get("cluster", "default"), "services": [params["service"]]}
    wanted = {key: item for key, item in params.items() if key not in ("cluster", "service", "forceNewDeployment")}

    def holds(facts: Facts) -> bool:
        service = facts[0].get("services", 0, default={})
        return bool(service) and covers(service, wanted)

    read = Call("ecs", "DescribeServices", names, call.region)
    return Readback(f"Service {params['service']} is set as given", (read,), holds)


def suspended(facts: Facts) -> frozenset[str]:
    """Return the suspended processes of the group that DescribeAutoScalingGroups gave."""
    found: Sequence[Mapping[str, Any]] = facts[0].get("AutoScalingGroups", 0, "SuspendedProcesses", default=())
    return frozenset(str(each.get("ProcessName", "")) for each in found)


def _processes(*, paused: bool) -> Callable[[Call], Readback]:
    def make(call: Call) -> Readback:
        name, wanted = call.params["AutoScalingGroupName"], frozenset(call.params["ScalingProcesses"])

        def holds(facts: Facts) -> bool:
            there = bool(facts[0].get("AutoScalingGroups", default=()))
            return there and (wanted <= suspended(facts) if paused else not wanted & suspended(facts))

        read = Call("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroupNames": [name]}, call.region)
        words = f"{', '.join(sorted(wanted))} of {name} {'are suspended' if paused else 'run'}"
        return Readback(words, (read,), holds)

    return make


def _target_group(call: Call) -> Readback:
    arn = call.params["TargetGroupArn"]
    wanted = {key: item for key, item in call.params.items() if key != "TargetGroupArn"}
    read = Call("elbv2", "DescribeTargetGroups", {"TargetGroupArns": [arn]}, call.region)
    return Readback(
        "The health check of the target group is as given",
        (read,),
        lambda facts: bool(facts[0].get("TargetGroups")) and covers(facts[0].get("TargetGroups", 0), wanted),
        lambda facts: part(facts[0].get("TargetGroups", 0, default={}), wanted),
    )


def _target_group_attributes(call: Call) -> Readback:
    read = Call(
        "elbv2", "DescribeTargetGroupAttributes", {"TargetGroupArn": call.params["TargetGroupArn"]}, call.region
    )

    def holds(facts: Facts) -> bool:
        have = {str(each.get("Key")): each.get("Value") for each in facts[0].get("Attributes", default=())}
        return all(have.get(each["Key"]) == each["Value"] for each in call.params["Attributes"])

    def shows(facts: Facts) -> dict[str, Any]:
        keys = [each["Key"] for each in call.params["Attributes"]]
        have = {str(each.get("Key")): each.get("Value") for each in facts[0].get("Attributes", default=())}
        return {key: have.get(key) for key in keys}

    return Readback("The attributes of the target group are as given", (read,), holds, shows)


def _alarm(call: Call) -> Readback:
    name, wanted = call.params["AlarmName"], call.params["StateValue"]
    read = Call("cloudwatch", "DescribeAlarms", {"AlarmNames": [name]}, call.region)

    def holds(facts: Facts) -> bool:
        found = facts[0].get("MetricAlarms", 0, default=None) or facts[0].get("CompositeAlarms", 0, default={})
        return bool(found.get("StateValue") == wanted)

    return Readback(f"Alarm {name} is {wanted}", (read,), holds)


def _stack(call: Call) -> Call:
    return Call("cloudformation", "DescribeStacks", {"StackName": call.params["StackName"]}, call.region)


def _stack_gone(call: Call) -> Readback:
    def holds(facts: Facts) -> bool:
        status = facts[0].get("Stacks", 0, "StackStatus")
        return facts[0].outcome is Outcome.NO_DATA or status == "DELETE_COMPLETE"

    return Readback(f"Stack {call.params['StackName']} is gone", (_stack(call),), holds)


def _rolled_back(call: Call) -> Readback:
    return Readback(
        f"Stack {call.params['StackName']} has rolled back",
        (_stack(call),),
        lambda facts: facts[0].get("Stacks", 0, "StackStatus") == "UPDATE_ROLLBACK_COMPLETE",
    )


MAKERS: Mapping[tuple[str, str], Callable[[Call], Readback]] = {
    ("autoscaling", "ResumeProcesses"): _processes(paused=False),
    ("autoscaling", "SuspendProcesses"): _processes(paused=True),
    ("cloudformation", "ContinueUpdateRollback"): _rolled_back,
    ("cloudformation", "DeleteStack"): _stack_gone,
    ("cloudwatch", "SetAlarmState"): _alarm,
    ("ecs", "UpdateService"): _update_service,
    ("elbv2", "ModifyTargetGroup"): _target_group,
    ("elbv2", "ModifyTargetGroupAttributes"): _target_group_attributes,
}
