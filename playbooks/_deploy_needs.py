"""Which IAM actions a deployment group's role needs, derived from the group. Pure.

Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._needs import Need

__all__ = ["deploy_needs"]

_Map = Mapping[str, Any]
_SCALING = (
    "CompleteLifecycleAction",
    "DeleteLifecycleHook",
    "DescribeAutoScalingGroups",
    "DescribeLifecycleHooks",
    "PutLifecycleHook",
    "RecordLifecycleActionHeartbeat",
)
_TASK_SETS = ("CreateTaskSet", "DeleteTaskSet", "DescribeServices", "UpdateServicePrimaryTaskSet")


def _all(service: str, names: tuple[str, ...], why: str) -> list[Need]:
    return [Need(f"{service}:{name}", "*", why) for name in names]


def deploy_needs(group: _Map) -> tuple[Need, ...]:
    """What the role of a deployment group needs; `group` as GetDeploymentGroup gives it."""
    needs: list[Need] = []
    balancer = group.get("loadBalancerInfo") or {}
    platform = group.get("computePlatform", "Server")
    if platform == "Server" and (
        group.get("ec2TagSet") or group.get("ec2TagFilters") or group.get("autoScalingGroups")
    ):
        needs += _all("ec2", ("DescribeInstances",), "to find the servers")
    if platform == "Server" and group.get("autoScalingGroups"):
        needs += _all("autoscaling", _SCALING, "to work with the Auto Scaling group")
    if platform == "Server" and balancer.get("targetGroupInfoList"):
        names = ("DeregisterTargets", "DescribeTargetGroups", "DescribeTargetHealth", "RegisterTargets")
        needs += _all("elasticloadbalancing", names, "to take servers out of traffic and back")
    if platform == "ECS":
        needs += _all("ecs", _TASK_SETS, "to replace the task set")
        names = ("DescribeListeners", "DescribeTargetGroups", "ModifyListener", "ModifyRule")
        needs += _all("elasticloadbalancing", names, "to shift traffic")
    if platform == "Lambda":
        needs += _all("lambda", ("GetAlias", "UpdateAlias"), "to shift traffic")
    if (group.get("alarmConfiguration") or {}).get("alarms"):
        needs += _all("cloudwatch", ("DescribeAlarms",), "to watch the alarms")
    topics = (str(each.get("triggerTargetArn", "")) for each in group.get("triggerConfigurations") or ())
    needs += [Need("sns:Publish", topic, "to tell of the deployment") for topic in topics if topic]
    return tuple(dict.fromkeys(needs))
