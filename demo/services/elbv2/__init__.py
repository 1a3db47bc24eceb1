"""Elastic Load Balancing v2: target groups and their health."""

from collections.abc import Mapping
from typing import Any

from demo.platform.balancers import TargetGroup
from demo.services import Handler, Invocation
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]


def _group(call: Invocation, resource: str) -> TargetGroup:
    found = call.world.balancers.groups.get(resource)
    if found is None or found.region != call.region:
        raise AwsError("TargetGroupNotFound", f"Target groups '{resource}' not found")
    return found


def describe_target_groups(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeTargetGroups."""
    if params.get("TargetGroupArns"):
        return {"TargetGroups": [_group(call, resource).data for resource in params["TargetGroupArns"]]}
    held = [group for group in call.world.balancers.groups.values() if group.region == call.region]
    if params.get("Names"):
        held = [group for group in held if group.data["TargetGroupName"] in params["Names"]]
        if not held:
            raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    if params.get("LoadBalancerArn"):
        held = [group for group in held if params["LoadBalancerArn"] in group.data["LoadBalancerArns"]]
    return {"TargetGroups": [group.data for group in held]}


def describe_target_health(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeTargetHealth."""
    group = _group(call, params["TargetGroupArn"])
    now = call.world.scheduler.now
    described = []
    for target in group.targets:
        health: dict[str, Any] = {"State": "healthy"}
        if not group.healthy(target.commit):
            health = {
                "State": "unhealthy",
                "Reason": "Target.ResponseCodeMismatch",
                "Description": f"Health checks failed with these codes: [{group.answer(target.commit)}]",
            }
        elif now - target.since < group.data["HealthCheckIntervalSeconds"]:
            reason = "Elb.InitialHealthChecking"
            health = {"State": "initial", "Reason": reason, "Description": "Initial health checks in progress"}
        described.append(
            {
                "Target": {"Id": target.address, "Port": target.port, "AvailabilityZone": f"{call.region}a"},
                "HealthCheckPort": str(target.port),
                "TargetHealth": health,
            }
        )
    return {"TargetHealthDescriptions": described}


def modify_target_group(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ModifyTargetGroup."""
    group = _group(call, params["TargetGroupArn"])
    group.data = group.data | {key: value for key, value in params.items() if key != "TargetGroupArn"}
    return {"TargetGroups": [group.data]}


def describe_load_balancers(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeLoadBalancers."""
    held = [item for key, item in call.world.balancers.balancers.items() if key.split(":")[3] == call.region]
    if params.get("LoadBalancerArns"):
        held = [item for item in held if item["LoadBalancerArn"] in params["LoadBalancerArns"]]
        if not held:
            raise AwsError("LoadBalancerNotFound", "One or more load balancers not found")
    if params.get("Names"):
        held = [item for item in held if item["LoadBalancerName"] in params["Names"]]
    return {"LoadBalancers": held}


def describe_listeners(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeListeners."""
    wanted = params.get("ListenerArns")
    held = [
        item
        for key, item in call.world.balancers.listeners.items()
        if key.split(":")[3] == call.region
        and params.get("LoadBalancerArn") in {None, item["LoadBalancerArn"]}
        and (not wanted or key in wanted)
    ]
    return {"Listeners": held}


def describe_rules(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeRules: every listener has its default rule."""
    listener = call.world.balancers.listeners.get(params.get("ListenerArn", ""))
    if listener is None:
        raise AwsError("ListenerNotFound", "One or more listeners not found")
    rule = listener["ListenerArn"].replace(":listener/", ":listener-rule/") + "/0123456789abcdef"
    actions = listener["DefaultActions"]
    return {
        "Rules": [{"RuleArn": rule, "Priority": "default", "Conditions": [], "Actions": actions, "IsDefault": True}]
    }


def describe_target_group_attributes(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeTargetGroupAttributes."""
    held = _group(call, params["TargetGroupArn"]).attributes
    return {"Attributes": [{"Key": key, "Value": value} for key, value in held.items()]}


def modify_target_group_attributes(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ModifyTargetGroupAttributes."""
    held = _group(call, params["TargetGroupArn"]).attributes
    held |= {each["Key"]: each["Value"] for each in params["Attributes"]}
    return {"Attributes": [{"Key": key, "Value": value} for key, value in held.items()]}


OPERATIONS: Mapping[str, Handler] = {
    "DescribeListeners": describe_listeners,
    "DescribeLoadBalancers": describe_load_balancers,
    "DescribeRules": describe_rules,
    "DescribeTargetGroupAttributes": describe_target_group_attributes,
    "DescribeTargetGroups": describe_target_groups,
    "DescribeTargetHealth": describe_target_health,
    "ModifyTargetGroup": modify_target_group,
    "ModifyTargetGroupAttributes": modify_target_group_attributes,
}
