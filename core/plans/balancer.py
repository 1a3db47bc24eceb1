"""Changes of target groups. Pure.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call, Plan, Risk
from core.plans.setting import Setting, Where, setting
from core.policy import as_text

__all__ = ["set_deregistration_delay", "set_health_check"]

_DELAY = "deregistration_delay.timeout_seconds"

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


def set_deregistration_delay(
    where: Where, current: Fact, seconds: int, *, region: str = "", affects: tuple[str, ...] = ()
) -> Plan | None:
    """Plan to set for how long a target that was taken out may keep its connections.

    Args:
        where: for which pipeline, by whom.
        current: DescribeTargetGroupAttributes of the group.
        seconds: the delay, 0 to 3600.
        region: where it lies, if not in the pipeline's region.
        affects: what else uses the group.

    Returns:
        The plan; None where the attributes could not be read or nothing would change.
    """
    arn = str(current.params.get("TargetGroupArn", ""))
    held = {str(each.get("Key")): str(each.get("Value")) for each in current.get("Attributes", default=())}
    before, after = held.get(_DELAY, ""), str(seconds)
    if not arn or not before or before == after:
        return None

    def put(value: str) -> Call:
        params = {"TargetGroupArn": arn, "Attributes": [{"Key": _DELAY, "Value": value}]}
        return Call("elbv2", "ModifyTargetGroupAttributes", params, region)

    return setting(
        where,
        Setting(
            id="elbv2.set-deregistration-delay",
            title=f"Let targets of {arn.split('/')[1] if arn.count('/') >= 2 else arn} go after {seconds} s at most",
            resource=arn,
            call=put(after),
            back=put(before),
            back_words="Put the earlier delay back",
            before=as_text({_DELAY: before}),
            after=as_text({_DELAY: after}),
            risk=Risk.MEDIUM,
            risk_note="Requests and connections that last longer than that are cut when their target is taken out.",
            permissions=(
                "elasticloadbalancing:ModifyTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
            ),
            affects=affects,
        ),
    )
