"""Changes of target groups. Pure.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call, Plan, Risk
from core.plans.setting import Setting, Where, setting
from core.policy import as_text

__all__ = ["set_health_check"]

_MEMBERS = frozenset(
    {
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "Matcher",
        "UnhealthyThresholdCount",
    }
)


def set_health_check(
    where: Where,
    current: Fact,
    values: Mapping[str, Any],
    *,
    title: str,
    region: str = "",
    affects: tuple[str, ...] = (),
) -> Plan | None:
    """Plan to set members of a target group's health check.

    Args:
        where: for which pipeline, by whom.
        current: DescribeTargetGroups of the one group.
        values: members of ModifyTargetGroup.
        title: a sentence in the imperative.
        region: where it lies, if not in the pipeline's region.
        affects: what else uses the group.

    Returns:
        The plan; None where the group could not be read, nothing would change, or a member is none of the health check.
    """
    group = current.get("TargetGroups", 0, default={})
    if not group or not set(values) <= _MEMBERS:
        return None
    before = {name: group[name] for name in values if name in group}
    if before == dict(values) or len(before) != len(values):
        return None
    arn = str(group.get("TargetGroupArn", ""))
    return setting(
        where,
        Setting(
            id="elbv2.set-health-check",
            title=title,
            resource=arn,
            call=Call("elbv2", "ModifyTargetGroup", {"TargetGroupArn": arn, **values}, region),
            back=Call("elbv2", "ModifyTargetGroup", {"TargetGroupArn": arn, **before}, region),
            back_words="Put the earlier health check back",
            before=as_text(before),
            after=as_text(values),
            risk=Risk.MEDIUM,
            risk_note="Counts at once for every target of the group, those that serve now included.",
            permissions=("elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:DescribeTargetGroups"),
            affects=affects,
        ),
    )
